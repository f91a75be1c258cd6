"""Toy services as processes: forked from a server that has everything imported, so each starts at once.

What dies is a process of its own, as in production; the code under test has no hook for it.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.process import BaseProcess

from chassis import health, logs, migrate, worker
from chassis.bus import watch
from chassis.bus.amqp import AmqpBus
from chassis.db import open_engine
from chassis.service import Service
from chassis.settings import KeyRing
from chassis.testing import test_settings
from chassis.unit_of_work import UnitsOfWork
from chassis.wake import Waker
from tests.resilience import crash_points, toys

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([__name__])
Seals = Mapping[str, Mapping[str, bytes]]


@dataclass(frozen=True)
class Role:
    """One process to be. `crash` is the name of a point and at which pass it dies there.

    `health`: the port where it tells its readiness; 0: nowhere.
    `watch_seconds`: how often it looks for its bindings and tells how far it is; None: as usual.
    """

    toy: str
    database: str
    broker: str
    log: str
    hears: tuple[str, ...] = ()
    crash: tuple[str, int] | None = None
    healed: bool = True
    pause: float = 0
    health: int = 0
    watch_seconds: float | None = None
    seals: Seals = field(default_factory=dict)

    def units(self, name: str) -> UnitsOfWork:
        engine = open_engine(self.database, f"{self.toy}-{name}", 12)
        usual = test_settings("notify", self.database)
        rings = {service: KeyRing(keys) for service, keys in self.seals.items()}
        settings = replace(usual, seals={**usual.seals, **rings})
        return UnitsOfWork(engine, settings, after_commit=Waker(self.database))


def service_of(toy: str, healed: bool = True, pause: float = 0) -> Service:
    hears = toy != "north"
    return Service(
        toy,
        toys.metadata,
        announces=() if hears else (toys.Did,),
        reactions={toys.Did: [toys.Counting(healed, pause).count]} if hears else {},
    )


def start(role: Role) -> BaseProcess:
    return _started(_work, role)


def start_speaker(role: Role, people: int, events: int, pause: float = 0) -> BaseProcess:
    return _started(_speak, role, people, events, pause)


def start_migration(service: str, database: str, log: str, crash: tuple[str, int]) -> BaseProcess:
    """`motcua migrate` of one service."""
    return _started(_migrate, Role(service, database, "", log, crash=crash))


def _started(target: Callable[..., None], *arguments: object) -> BaseProcess:
    process = _forks.Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def _work(role: Role) -> None:
    """The worker of a toy service, until SIGTERM."""
    _set_up(role)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if role.watch_seconds:
        watch.FIRST_AFTER_SECONDS = watch.EVERY_SECONDS = role.watch_seconds
    there = [service_of(toy) for toy in role.hears]
    bus = AmqpBus(role.broker, worker.topics(there), worker.doors(there))
    own = service_of(role.toy, role.healed, role.pause)
    units = role.units("worker")
    if role.health:
        health.serve(role.toy, units.engine, role.health)
    for thread in worker.start(own, units, bus, stop):
        thread.join()


def _speak(role: Role, people: int, events: int, pause: float) -> None:
    _set_up(role)
    toys.speak(role.units("speaker"), people, events, pause)


def _migrate(role: Role) -> None:
    _set_up(role)
    migrate.upgrade(role.toy, role.database)


def _set_up(role: Role) -> None:
    log = os.open(role.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123 - it lives as long as the process
    logs.configure(role.toy)
    if role.crash:
        point, at_pass = role.crash
        crash_points.EVERY[point].arm(at_pass)
