"""What must exist on the broker, and the names of it.

Exchanges and the mailboxes of doors are made by whoever connects first. A queue of events is made by its
consumer alone, so that whoever makes it anew knows that it lacks what the old one held.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from zlib import crc32

from amqp import NotFound
from kombu import Exchange, Queue

from chassis import envelope
from chassis.bus import Interest
from contracts.event import Message

# All of them topics, also where one queue is meant: only of topics can the broker be told who writes what.
EVENTS = Exchange("motcua.events", type="topic", durable=True)
FILLING = Exchange("motcua.filling", type="topic", durable=True)
DEAD = Exchange("motcua.dead", type="topic", durable=True)
DECISIONS = Exchange("motcua.decisions", type="topic", durable=True)
AGENCIES = Exchange("motcua.agencies", type="topic", durable=True)
SUBSCRIBERS = Exchange("motcua.subscribers", type="topic", durable=True)
EXCHANGES = (EVENTS, FILLING, DEAD, DECISIONS, AGENCIES, SUBSCRIBERS)
DELIVERY_LIMIT = 20
SAFETY: Mapping[str, object] = {
    "delivery-limit": DELIVERY_LIMIT,
    "dead-letter-exchange": DEAD.name,
    "dead-letter-strategy": "at-least-once",
    "overflow": "reject-publish",
}
"""What no queue of ours may be without: as arguments from its first day, and as a policy (ADR 0014).

The limit is 20 or more: with a prefetch, one crash counts against every unacked message.
"""
BUCKETS = 64
"""A subject falls into one of these by its hash, a queue of n takes every n-th."""


class Missing(Exception):
    """It is not on the broker, and this account may not make it."""


def account_of(service: str) -> str:
    """A worker that comes under this name makes its own queues and finds the rest (`motcua bus apply`)."""
    return f"motcua-{service}"


def routing_key(type: str, subject: str) -> str:
    """`motcua.dossier.submitted.v1` about subject x travels as `dossier.submitted.<bucket of x>`."""
    return f"{envelope.routing_key(type)}.{bucket(subject)}"


def bucket(subject: str) -> int:
    return crc32(subject.encode()) % BUCKETS


def takes(interest: Interest, subject: str) -> bool:
    return bucket(subject) % interest.shards == interest.shard


def binding_keys(type: str, interest: Interest) -> list[str]:
    """The patterns by which a queue is bound to events of this type."""
    key = envelope.routing_key(type)
    if interest.shards == 1:
        return [f"{key}.*"]
    return [f"{key}.{number}.#" for number in range(interest.shard, BUCKETS, interest.shards)]


def probe_key(binding_key: str) -> str:
    """What a binding takes, and no event travels under."""
    return f"{binding_key[:-1]}probe"


def filling_key(key: str, queue: str) -> str:
    """What one queue alone takes, from FILLING."""
    return f"{key}.{queue}"


def is_said_rightly(message: Message, queue: str, door: str | None, exchange: str, key: str) -> bool:
    """Whether it came on the way that is open to its source alone; `door` is the exchange of a mailbox.

    The broker lets each service write under keys of its own, but looks into no message. By its name a queue
    is written to by administrators.
    """
    if not exchange:
        return True
    if door:
        return exchange == door and (door != SUBSCRIBERS.name or key == message.subject)
    own = routing_key(message.type, message.subject)
    return (exchange, key) in ((EVENTS.name, own), (FILLING.name, filling_key(own, queue)))


def quorum_queue(name: str, **arguments: object) -> Queue:
    """Replicated, with a delivery limit and a dead-letter queue as the last line."""
    return Queue(
        name,
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            **{f"x-{key}": value for key, value in SAFETY.items()},
            "x-dead-letter-routing-key": name,
            **arguments,
        },
    )


def declare(channel: Any, doors: Mapping[str, str]) -> None:
    """`doors` maps a mailbox of others' messages to the exchange they write to. Safe to repeat."""
    for exchange in EXCHANGES:
        exchange(channel).declare()
    for name, exchange_name in doors.items():
        declare_queue(channel, name).bind_to(exchange_name, "#")


def declare_own(channel: Any, doors: Mapping[str, str], service: str) -> None:
    """By the service's own account: its own mailboxes alone. Missing when anything else is not there."""
    try:
        for exchange in EXCHANGES:
            exchange(channel).declare(passive=True)
        for name in doors:
            if owner_of(name) != service:
                channel.queue_declare(name, passive=True)
    except NotFound as error:
        raise Missing(f"{error.reply_text}: `motcua bus apply` makes it") from error
    for name, exchange_name in doors.items():
        if owner_of(name) == service:
            declare_queue(channel, name).bind_to(exchange_name, "#")


def owner_of(queue: str) -> str:
    return queue.partition(".")[0]


def declare_events(channel: Any, name: str) -> None:
    """A queue of events: it can be filled, and is bound to no events yet. Safe to repeat."""
    declare_queue(channel, name).bind_to(FILLING, filling_key("#", name))


def declare_queue(channel: Any, name: str) -> Queue:
    """With its dead-letter queue, and bound to nothing yet. Safe to repeat."""
    kept = Queue(f"{name}.dead", durable=True, queue_arguments={"x-queue-type": "quorum"})
    dead: Queue = kept(channel)
    dead.queue_declare()
    dead.bind_to(DEAD.name, name)
    queue: Queue = quorum_queue(name, **{"x-single-active-consumer": True})(channel)
    queue.queue_declare()
    return queue


def bind(channel: Any, queue: str, keys: Iterable[str]) -> None:
    for key in keys:
        channel.queue_bind(queue, EVENTS.name, key)


def unbind(channel: Any, queue: str, keys: Iterable[str]) -> None:
    for key in keys:
        channel.queue_unbind(queue, EVENTS.name, key)
