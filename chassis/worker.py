"""The worker role: relay, consumers, parking and timers of a service."""

import signal
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from threading import Event as Flag

import msgspec

from chassis import (
    backlog,
    envelope,
    epoch,
    health,
    idempotency,
    parking,
    partitions,
    retention,
    subscriptions,
)
from chassis import service as services
from chassis.audit import anchoring
from chassis.backup import mark
from chassis.bus import Bus, BusAway, Interest, Subscriber, Topics, topology
from chassis.bus.amqp import AmqpBus
from chassis.bus.link import user_of
from chassis.bus.report import Report, mailbox_of
from chassis.consumer import Consumer
from chassis.db import open_engine
from chassis.envelope import Undecodable
from chassis.handling import Delivered, Handler, handlers_of
from chassis.loops import Loop, Loops, News, Tick, every
from chassis.relay import Relay
from chassis.service import Door, Service, Timer
from chassis.settings import Settings, env
from chassis.unit_of_work import UnitsOfWork
from chassis.wake import Waker
from contracts.event import Message

PARKED_EVERY = timedelta(milliseconds=200)
RESUME_EVERY = timedelta(seconds=60)
EVERY_SERVICES_TIMERS = (
    Timer("tell-audit-heads", timedelta(minutes=1), anchoring.tell),
    Timer("forget-idempotency-keys", timedelta(hours=1), idempotency.forget_old),
    Timer("let-parked-wait", timedelta(seconds=10), parking.let_wait),
    Timer("measure-backlog", timedelta(seconds=5), backlog.measure),
    Timer("make-partitions", timedelta(hours=1), partitions.make_ahead),
    Timer("prune-events", timedelta(days=1), retention.daily),
)


def topics(installed: Sequence[Service], shards: int = 1) -> Topics:
    """What the queues of all services hear, of all services installed, running or not."""
    return {
        queue: Interest(sorted(event.type for event in service.reactions), shard, shards)
        for service in installed
        if service.reactions
        for shard, queue in enumerate(queues_of(service.name, shards))
    }


def queues_of(service: str, shards: int) -> list[str]:
    """Where a service hears events: one queue, or one for each shard."""
    return [f"{service}.events"] if shards == 1 else [f"{service}.events.{n}" for n in range(shards)]


def doors(installed: Sequence[Service]) -> dict[str, str]:
    """The mailboxes others write to, with the exchange each is bound to."""
    outsiders = {door.queue: door.exchange for service in installed for door in service.doors}
    sources = [service.name for service in installed if service.announces]
    return outsiders | {mailbox_of(name): topology.SUBSCRIBERS.name for name in sources}


def open_units(service: Service, settings: Settings, role: str) -> UnitsOfWork:
    mark.refuse_if_there(service.name, settings.database_url)
    engine = open_engine(settings.database_url, f"{service.name}-{role}", settings.pool_size)
    mark.refuse_while_there(engine)
    return UnitsOfWork(engine, settings, service.ports(settings), after_commit=Waker(settings.database_url))


def start(service: Service, units: UnitsOfWork, bus: Bus, stop: Flag) -> list[threading.Thread]:
    """All loops of one service, as threads that end soon after `stop` is set."""
    loops, news = Loops(service.name, stop), News()
    if service.announces:
        _speak(loops, service, units, bus)
    queues = [queue for queue in bus.topics if queue.startswith(f"{service.name}.")]
    resume = partial(_resume, units, bus, queues, threading.Lock())
    loops.add("resume", every(RESUME_EVERY, resume))
    if queues:
        _hear(loops, service, units, bus, queues, resume, news)
    for door in service.doors:
        consumer = Consumer(service.name, [handler_of(door)], units)
        _consume(loops, bus, Subscriber(door.queue, news.after(consumer.handle), consumer.check))
        loops.add(f"parking {door.queue}", every(PARKED_EVERY, consumer.retry_parked, news))
    for timer in (*service.timers, *EVERY_SERVICES_TIMERS):
        loops.add(f"timer {timer.name}", every(timer.every, partial(timer.run, units), news))
    return loops.start()


def _speak(loops: Loops, service: Service, units: UnitsOfWork, bus: Bus) -> None:
    types = [event.type for event in service.announces]
    never_again = [event.type for event in service.announces if event.blanked_once_sent]
    loops.add("relay", Relay(service.name, types, never_again, units.engine, bus).run)
    _consume(loops, bus, Subscriber(mailbox_of(service.name), partial(note_reports, units), _is_report))


def _hear(
    loops: Loops,
    service: Service,
    units: UnitsOfWork,
    bus: Bus,
    queues: Sequence[str],
    resume: Callable[[], int],
    news: News,
) -> None:
    consumer = Consumer(service.name, handlers_of(service.reactions), units)
    for queue in queues:
        consume = partial(bus.consume, Subscriber(queue, news.after(consumer.handle), consumer.must_know))
        loops.add(f"consumer {queue}", partial(_once_resumed, resume, consume))
    loops.add("parking", every(PARKED_EVERY, consumer.retry_parked, news))


def note_reports(units: UnitsOfWork, batch: Sequence[Delivered]) -> None:
    """Reports need no inbox: a repeat changes nothing."""
    with units() as uow:
        for delivered in batch:
            report = envelope.data_of(delivered.message, Report)
            subscriptions.note(uow.session, report)
            if report.missing or report.emptied or report.lost_after:
                uow.wake_relay()


def _is_report(message: Message) -> None:
    try:
        report = envelope.data_of(message, Report)
    except msgspec.DecodeError as error:
        raise Undecodable(str(error)) from error
    if report.queue != message.subject:
        raise Undecodable(f"{message.subject} speaks for {report.queue}")


def _once_resumed(resume: Callable[[], int], consume: Loop, stop: Flag, tick: Tick) -> None:
    """Nothing is handled before what comes earlier was asked for."""
    while not stop.is_set():
        tick()
        try:
            resume()
            break
        except BusAway:
            stop.wait(1)
    consume(stop, tick)


def _resume(units: UnitsOfWork, bus: Bus, queues: Sequence[str], one_at_a_time: threading.Lock) -> int:
    """After the database was restored: have the sources send again what it has lost."""
    with one_at_a_time:
        with units() as uow:
            found = epoch.to_resume(uow)
        if found is None:
            return 0
        new, lost_after = found
        for queue in queues:
            bus.start_over(queue, lost_after)
        with units() as uow:
            epoch.mark_resumed(uow, new)
        return 0


def handler_of(door: Door) -> Handler:
    return Handler(door.reaction.__name__, door.event, door.reaction)


def _consume(loops: Loops, bus: Bus, subscriber: Subscriber) -> None:
    loops.add(f"consumer {subscriber.queue}", partial(bus.consume, subscriber))


def run_on_broker(service: Service, settings: Settings) -> None:
    """Until SIGTERM or SIGINT."""
    if not settings.amqp_url:
        raise SystemExit("A worker of its own needs AMQP_URL; without a broker use `motcua up`.")
    installed = [services.load(name) for name in services.names()]
    stop = Flag()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    units = open_units(service, settings, "worker")
    own = service.name if user_of(settings.amqp_url) == topology.account_of(service.name) else None
    heard = topics(installed, env.int("EVENT_SHARDS", 1))
    bus = AmqpBus(settings.amqp_url, heard, doors(installed), own)
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
