"""The worker role: relay, consumer, parking and timers of a service, each with its own loop and watchdog."""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event as Flag

import structlog

from chassis import health, idempotency
from chassis import service as services
from chassis.bus import Bus, Subscriber, Topics
from chassis.bus.amqp import AmqpBus
from chassis.consumer import Consumer, Handler, handlers_of
from chassis.db import open_engine
from chassis.relay import Relay
from chassis.service import Service, Timer
from chassis.settings import Settings, env
from chassis.unit_of_work import UnitsOfWork
from chassis.wake import Waker

log = structlog.get_logger()

STUCK_SECONDS = 60
PARKED_EVERY = timedelta(milliseconds=200)


@dataclass
class Watchdog:
    """Ends the process when a loop has not ticked for a minute: a stuck loop is worse than a restart."""

    ticks: dict[str, float] = field(default_factory=dict)

    def tick(self, loop: str) -> Callable[[], None]:
        def tick() -> None:
            self.ticks[loop] = time.monotonic()

        tick()
        return tick

    def run(self, stop: Flag) -> None:
        while not stop.wait(5):
            stuck = [loop for loop, at in self.ticks.items() if time.monotonic() - at > STUCK_SECONDS]
            if stuck:
                log.error("loops are stuck, ending the process", loops=stuck)
                os._exit(70)


def topics(installed: Sequence[Service]) -> Topics:
    """Every service's queue and what it hears, of all services installed, running or not."""
    return {queue_of(s.name): sorted(event.type for event in s.reactions) for s in installed if s.reactions}


def queue_of(service: str) -> str:
    return f"{service}.events"


def open_units(service: Service, settings: Settings, role: str) -> UnitsOfWork:
    engine = open_engine(settings.database_url, f"{service.name}-{role}", settings.pool_size)
    return UnitsOfWork(engine, settings, service.ports(settings), after_commit=Waker(settings.database_url))


def start(service: Service, units: UnitsOfWork, bus: Bus, stop: Flag) -> list[threading.Thread]:
    """All loops of one service, as threads that end soon after `stop` is set."""
    watchdog = Watchdog()
    loops: dict[str, Callable[[], None]] = {}

    def loop(name: str, run: Callable[[Flag, Callable[[], None]], None]) -> None:
        tick = watchdog.tick(f"{service.name} {name}")
        loops[name] = lambda: _keep_running(name, run, stop, tick)

    loop("relay", Relay(service.name, units.engine, bus).run)
    if service.reactions:
        consumer = Consumer(service.name, handlers_of(service.reactions), units)
        _consume(loop, bus, queue_of(service.name), consumer)
    for door in service.doors:
        handler = Handler(door.reaction.__name__, door.event, door.reaction)
        _consume(loop, bus, door.queue, Consumer(service.name, [handler], units))
    for timer in (
        *service.timers,
        Timer("forget-idempotency-keys", timedelta(hours=1), idempotency.forget_old),
    ):
        loop(f"timer {timer.name}", _every(timer.every, lambda run=timer.run: run(units)))  # type: ignore[misc]
    threads = [threading.Thread(target=run, name=f"{service.name} {name}") for name, run in loops.items()]
    threads.append(threading.Thread(target=watchdog.run, args=[stop], name=f"{service.name} watchdog"))
    for thread in threads:
        thread.start()
    return threads


def _consume(
    loop: Callable[[str, Callable[[Flag, Callable[[], None]], None]], None],
    bus: Bus,
    queue: str,
    consumer: Consumer,
) -> None:
    subscriber = Subscriber(queue, consumer.handle)
    loop(f"consumer {queue}", lambda stop, tick: bus.consume(subscriber, stop, tick))
    loop(f"parking {queue}", _every(PARKED_EVERY, consumer.retry_parked))


def _every(every: timedelta, run: Callable[[], int]) -> Callable[[Flag, Callable[[], None]], None]:
    """Run, again at once while there was something to do, else wait; ticking at least each second."""

    def loop(stop: Flag, tick: Callable[[], None]) -> None:
        while not stop.is_set():
            tick()
            if not run():
                _wait(every, stop, tick)

    return loop


def _wait(every: timedelta, stop: Flag, tick: Callable[[], None]) -> None:
    end = time.monotonic() + every.total_seconds()
    while (left := end - time.monotonic()) > 0 and not stop.wait(min(left, 1)):
        tick()


def _keep_running(
    name: str, run: Callable[[Flag, Callable[[], None]], None], stop: Flag, tick: Callable[[], None]
) -> None:
    """A loop that fails (the database is away, a bug) starts again; its work is all in the database."""
    while not stop.is_set():
        try:
            run(stop, tick)
        except Exception as error:
            log.error("loop failed, starting it again", loop=name, exc_info=error)
            stop.wait(1)


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


def doors(installed: Sequence[Service]) -> dict[str, str]:
    return {door.queue: door.exchange for service in installed for door in service.doors}


def seed(service: Service, settings: Settings) -> None:
    if service.seed:
        with open_units(service, settings, "seed")() as uow:
            service.seed(uow)
