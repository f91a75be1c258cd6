"""What each process of the portal does once it is forked."""

import os
import signal
import socket
import sys
from collections.abc import Sequence
from threading import Event as Flag

from chassis import logs, migrate, serve, worker
from chassis import service as services
from chassis import settings as configuration
from chassis.app import create_api
from chassis.bus import Bus
from chassis.bus.amqp import AmqpBus
from chassis.bus.embedded import EmbeddedBus
from chassis.service import Service
from chassis.up.plan import public_part

GATEWAY_WORKERS = "2"


def prepare(name: str) -> None:
    """The newest tables, and what a new installation starts with."""
    settings = configuration.load(name)
    migrate.upgrade(name, settings.database_url)
    worker.seed(services.load(name), settings)


def api(name: str, door: socket.socket) -> None:
    logs.configure(f"{name}-api")
    service, settings = services.load(name), configuration.load(name)
    units = worker.open_units(service, settings, "api")
    serve.serve(create_api(service, settings, units), f"fd://{door.detach()}")


def workers() -> None:
    """The workers of all services, until SIGTERM."""
    logs.configure("workers")
    stop = Flag()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    installed = [services.load(name) for name in services.names()]
    bus = _bus(installed)
    threads = []
    for service in installed:
        units = worker.open_units(service, configuration.load(service.name), "worker")
        threads += worker.start(service, units, bus, stop)
    for thread in threads:
        thread.join()


def _bus(installed: Sequence[Service]) -> Bus:
    if broker := configuration.text("AMQP_URL", ""):
        shards = configuration.env.int("EVENT_SHARDS", 1)
        return AmqpBus(broker, worker.topics(installed, shards), worker.doors(installed))
    return EmbeddedBus(worker.topics(installed), worker.doors(installed))


def gateway(door: socket.socket) -> None:
    """A fresh interpreter in this process's place: gevent must patch before anything is imported."""
    door.set_inheritable(True)
    count = os.environ.get("GATEWAY_WORKERS", GATEWAY_WORKERS)
    module = ["-m", "chassis.up.as_child", "gateway", f"fd://{door.detach()}", count]
    os.execve(sys.executable, [sys.executable, *module], public_part(os.environ))  # noqa: S606
