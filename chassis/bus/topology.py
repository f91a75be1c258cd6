"""What must exist on the broker, and the names of it.

Exchanges and the mailboxes of doors are made by whoever connects first. A queue of events is made by its
consumer alone, so that whoever makes it anew knows that it lacks what the old one held.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from zlib import crc32

from kombu import Exchange, Queue

from chassis import envelope
from chassis.bus import Interest

EVENTS = Exchange("motcua.events", type="topic", durable=True)
DEAD = Exchange("motcua.dead", type="direct", durable=True)
DECISIONS = Exchange("motcua.decisions", type="topic", durable=True)
AGENCIES = Exchange("motcua.agencies", type="topic", durable=True)
SUBSCRIBERS = Exchange("motcua.subscribers", type="topic", durable=True)
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
    return [f"{key}.{number}" for number in range(interest.shard, BUCKETS, interest.shards)]


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
    for exchange in (EVENTS, DEAD, DECISIONS, AGENCIES, SUBSCRIBERS):
        exchange(channel).declare()
    for name, exchange_name in doors.items():
        declare_queue(channel, name).bind_to(exchange_name, "#")


def declare_queue(channel: Any, name: str) -> Queue:
    """With its dead-letter queue, and bound to nothing yet. Safe to repeat."""
    dead = Queue(f"{name}.dead", DEAD, name, durable=True, queue_arguments={"x-queue-type": "quorum"})
    dead(channel).declare()
    queue: Queue = quorum_queue(name, **{"x-single-active-consumer": True})(channel)
    queue.queue_declare()
    return queue


def bind(channel: Any, queue: str, keys: Iterable[str]) -> None:
    for key in keys:
        channel.queue_bind(queue, EVENTS.name, key)


def unbind(channel: Any, queue: str, keys: Iterable[str]) -> None:
    for key in keys:
        channel.queue_unbind(queue, EVENTS.name, key)
