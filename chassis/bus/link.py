"""A connection to RabbitMQ on which nothing waits without limit."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Flag
from urllib.parse import unquote, urlsplit

from amqp import NotFound
from kombu import Connection

from chassis.bus import wire
from chassis.deadline import cut_after

HEARTBEAT_SECONDS = 20
ANSWER_SECONDS = 20.0
"""For all that is asked of the broker at once; well below the watchdog's limit."""


def connect(url: str) -> Connection:
    """One attempt: who calls has a loop of its own."""
    place = urlsplit(url)
    # Without the name, py-amqp would take a certificate for any name.
    tls = {"server_hostname": place.hostname} if place.scheme == "amqps" else False
    connection = Connection(url, heartbeat=HEARTBEAT_SECONDS, connect_timeout=5, ssl=tls)
    connection.transport_cls = wire.Carrier
    alarm = Flag()
    connection.alarm = alarm
    connection.transport_options = {
        "read_timeout": 30,
        "write_timeout": 10,
        "client_properties": {},
        "on_blocked": lambda _reason: alarm.set(),
        "on_unblocked": alarm.clear,
    }
    connection.ensure_connection(max_retries=0)
    return connection


@contextmanager
def bounded(connection: Connection, seconds: float = ANSWER_SECONDS) -> Iterator[None]:
    """Breaks the connection, and raises TimeoutError, when what is inside takes longer.

    py-amqp waits for an answer as long as heartbeats come. RabbitMQ may never answer: a quorum queue
    whose broker was killed right after its first declaration can stay without a leader.
    """
    with cut_after(seconds, connection.connection.sock) as late:
        try:
            yield
        except Exception as error:
            if connection.alarm.is_set():
                raise TimeoutError("the broker takes no messages: a memory or disk alarm on it") from error
            if late.is_set():
                raise TimeoutError(
                    f"no answer from the broker in {seconds:.0f} s: has each queue a leader?"
                ) from error
            raise


def drop(connection: Connection) -> None:
    """Close the socket at once, without a farewell: a frozen broker would not answer it."""
    connection.collect(socket_timeout=1)


def user_of(url: str) -> str:
    """Whose account it names; `guest` when none, as the broker's libraries have it."""
    return unquote(urlsplit(url).username or "guest")


def queue_exists(connection: Connection, name: str) -> bool:
    """On a channel of its own: the broker closes it when the answer is no, and py-amqp opens it again."""
    channel = connection.channel()
    try:
        channel.queue_declare(name, passive=True)
    except NotFound:
        return False
    finally:
        channel.close()
    return True
