"""Everything an agency's account might try on the broker, and may not. Data, and how each is tried."""

from collections.abc import Callable, Iterator
from itertools import product

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from services.notify.model.agency import Access

AGENCIES = ("H55.24", "H55.242", "H55.2")
"""Codes of which one is the beginning of another."""
EXCHANGES = ("motcua.events", "motcua.agencies", "motcua.dead", "motcua.subscribers")
DECISIONS = "motcua.decisions"
BROKERS_OWN = ("amq.topic", "amq.direct", "amq.fanout", "amq.headers")
SERVICES_QUEUES = ("notify.events", "feedback.events", "dossier.decisions", "dossier.subscribers")
FORBIDDEN, NOT_THE_USER = 403, 406
Deed = Callable[[BlockingChannel], object]


def deeds(agency: str) -> Iterator[tuple[str, Deed]]:
    """By name, for the account of that agency."""
    own = Access(agency)
    others = [Access(code) for code in AGENCIES if code != agency]
    yield from configuring(own, others)
    yield from binding(own, others)
    yield from reading(own, others)
    yield from writing(own, others)


def configuring(own: Access, others: list[Access]) -> Iterator[tuple[str, Deed]]:
    queues = [own.queue, *(other.queue for other in others), *SERVICES_QUEUES]
    for name in (*queues, f"{own.queue}.more", "", "own", f"{own.queue}.dead"):
        yield f"make queue {name!r}", asking("queue_declare", name, durable=True)
    for name in (*queues, f"{own.queue}.dead"):
        yield f"delete queue {name}", asking("queue_delete", name)
    for name in (*EXCHANGES, DECISIONS, "own"):
        yield f"make exchange {name}", asking("exchange_declare", name, "topic", durable=True)
        yield f"delete exchange {name}", asking("exchange_delete", name)


def binding(own: Access, others: list[Access]) -> Iterator[tuple[str, Deed]]:
    queues = [own.queue, *(other.queue for other in others)]
    keys = ("#", own.binding_key, others[0].binding_key)
    for queue, exchange, key in product(queues, (*EXCHANGES, DECISIONS), keys):
        yield f"bind {queue} to {exchange} by {key}", asking("queue_bind", queue, exchange, key)
    yield "unbind its queue", asking("queue_unbind", own.queue, "motcua.agencies", own.binding_key)
    yield "bind an exchange to another", asking("exchange_bind", DECISIONS, "motcua.agencies", "#")


def reading(own: Access, others: list[Access]) -> Iterator[tuple[str, Deed]]:
    whole = [other.queue for other in others]
    for name in (*whole, *SERVICES_QUEUES, *(f"{queue}.dead" for queue in (own.queue, *whole))):
        yield f"get from {name}", asking("basic_get", name)
        yield f"consume {name}", asking("basic_consume", name, print)
        yield f"purge {name}", asking("queue_purge", name)


def writing(own: Access, others: list[Access]) -> Iterator[tuple[str, Deed]]:
    queues = [own.queue, *(other.queue for other in others), *SERVICES_QUEUES]
    for key in queues:
        yield f"write to queue {key} directly", written("", key)
    for exchange, key in product((*EXCHANGES, *BROKERS_OWN), (own.decision_key, own.binding_key)):
        yield f"write {key} to {exchange}", written(exchange, key)
    for key in wrong_keys(own, others):
        yield f"write {key!r} to {DECISIONS}", written(DECISIONS, key)
    for user in (*(other.account for other in others), "guest", "motcua", own.account.upper()):
        yield f"write in the name of {user}", written(DECISIONS, own.decision_key, user)


def wrong_keys(own: Access, others: list[Access]) -> list[str]:
    key = own.decision_key
    alike = [key.upper(), f"x{key}", f"{key}x", f"{key}.more", f".{key}", f"{key}.", f" {key}", f"{key}\n"]
    wild = ["", "#", "*", "*.decision", "#.decision", key.replace(".", "x"), key.replace("_", ".")]
    return [*(other.decision_key for other in others), "H01.decision", *alike, *wild]


def written(exchange: str, key: str, user: str | None = None) -> Deed:
    properties = pika.BasicProperties(user_id=user) if user else None
    return lambda channel: channel.basic_publish(exchange, key, b"{}", properties)


def asking(method: str, *words: object, **more: object) -> Deed:
    """To call that method of a channel with these words."""
    return lambda channel: getattr(channel, method)(*words, **more)


def tried(connection: pika.BlockingConnection, deed: Deed) -> int:
    """The code by which the broker refused it; 0 when it did not."""
    channel = connection.channel()
    channel.confirm_delivery()
    try:
        deed(channel)
    except ChannelClosedByBroker as refusal:
        return int(refusal.reply_code)
    channel.close()
    return 0
