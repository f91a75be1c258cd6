"""The worker role: relay, consumers, parking and timers of a service."""

import signal
import threading
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from threading import Event as Flag

from chassis import health, idempotency
from chassis import service as services
from chassis.bus import Bus, Subscriber, Topics
from chassis.bus.amqp import AmqpBus
from chassis.consumer import Consumer, Handler, handlers_of
from chassis.db import open_engine
from chassis.loops import Loops, every
from chassis.relay import Relay
from chassis.service import Door, Service, Timer
from chassis.settings import Settings, env
from chassis.unit_of_work import UnitsOfWork
from chassis.wake import Waker

PARKED_EVERY = timedelta(milliseconds=200)
EVERY_SERVICES_TIMERS = (Timer("forget-idempotency-keys", timedelta(hours=1), idempotency.forget_old),)


def topics(installed: Sequence[Service]) -> Topics:
    """Every service's queue and what it hears, of all services installed, running or not."""
    return {queue_of(s.name): sorted(event.type for event in s.reactions) for s in installed if s.reactions}


def doors(installed: Sequence[Service]) -> dict[str, str]:
    """The queues outsiders write to, with the exchange each is bound to."""
    return {door.queue: door.exchange for service in installed for door in service.doors}


def queue_of(service: str) -> str:
    return f"{service}.events"


def open_units(service: Service, settings: Settings, role: str) -> UnitsOfWork:
    engine = open_engine(settings.database_url, f"{service.name}-{role}", settings.pool_size)
    return UnitsOfWork(engine, settings, service.ports(settings), after_commit=Waker(settings.database_url))


def start(service: Service, units: UnitsOfWork, bus: Bus, stop: Flag) -> list[threading.Thread]:
    """All loops of one service, as threads that end soon after `stop` is set."""
    loops = Loops(service.name, stop)
    loops.add("relay", Relay(service.name, units.engine, bus).run)
    if service.reactions:
        consumer = Consumer(service.name, handlers_of(service.reactions), units)
        _consume(loops, bus, consumer, Subscriber(queue_of(service.name), consumer.handle))
    for door in service.doors:
        consumer = Consumer(service.name, [handler_of(door)], units)
        _consume(loops, bus, consumer, Subscriber(door.queue, consumer.handle, consumer.check))
    for timer in (*service.timers, *EVERY_SERVICES_TIMERS):
        loops.add(f"timer {timer.name}", every(timer.every, partial(timer.run, units)))
    return loops.start()


def handler_of(door: Door) -> Handler:
    return Handler(door.reaction.__name__, door.event, door.reaction)


def _consume(loops: Loops, bus: Bus, consumer: Consumer, subscriber: Subscriber) -> None:
    loops.add(f"consumer {subscriber.queue}", partial(bus.consume, subscriber))
    loops.add(f"parking {subscriber.queue}", every(PARKED_EVERY, consumer.retry_parked))


def run_on_broker(service: Service, settings: Settings) -> None:
    """Until SIGTERM or SIGINT."""
    if not settings.amqp_url:
        raise SystemExit("A worker of its own needs AMQP_URL; without a broker use `motcua up`.")
    installed = [services.load(name) for name in services.names()]
    stop = Flag()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    units = open_units(service, settings, "worker")
    bus = AmqpBus(settings.amqp_url, topics(installed), doors(installed))
    threads = start(service, units, bus, stop)
    if port := env.int("HEALTH_PORT", 0):
        health.serve(service.name, units.engine, port)
    for thread in threads:
        thread.join()


def seed(service: Service, settings: Settings) -> None:
    """What a new installation starts with; safe to run again."""
    if service.seed:
        with open_units(service, settings, "seed")() as uow:
            service.seed(uow)
