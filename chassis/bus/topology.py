"""What must exist on the broker. Declared by whoever connects first, so no event finds no queue."""

from collections.abc import Mapping

from kombu import Exchange, Queue

from chassis.bus import Topics
from chassis.envelope import routing_key

EVENTS = Exchange("motcua.events", type="topic", durable=True)
DEAD = Exchange("motcua.dead", type="direct", durable=True)
DECISIONS = Exchange("motcua.decisions", type="topic", durable=True)
AGENCIES = Exchange("motcua.agencies", type="topic", durable=True)
DELIVERY_LIMIT = 20


def quorum_queue(name: str, **arguments: object) -> Queue:
    """Replicated, with a delivery limit and a dead-letter queue as the last line.

    The limit is 20 or more: with a prefetch, one crash counts against every unacked message.
    """
    return Queue(
        name,
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": DEAD.name,
            "x-dead-letter-routing-key": name,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
            **arguments,
        },
    )


def declare(channel: object, topics: Topics, doors: Mapping[str, str]) -> None:
    """`doors` maps a queue for outsiders' messages to the exchange they write to. Safe to repeat."""
    for exchange in (EVENTS, DEAD, DECISIONS, AGENCIES):
        exchange(channel).declare()
    for name, types in topics.items():
        queue = _declared(channel, name)
        for type in types:
            queue.bind_to(EVENTS.name, routing_key(type))
    for name, exchange_name in doors.items():
        _declared(channel, name).bind_to(exchange_name, "#")


def _declared(channel: object, name: str) -> Queue:
    dead = Queue(f"{name}.dead", DEAD, name, durable=True, queue_arguments={"x-queue-type": "quorum"})
    dead(channel).declare()
    queue: Queue = quorum_queue(name, **{"x-single-active-consumer": True})(channel)
    queue.queue_declare()
    return queue
