"""A message is believed only on the way that its source alone may write to."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import amqp
import pytest
from kombu import Connection
from structlog.testing import capture_logs

from chassis import envelope
from chassis.bus import topology
from chassis.bus.report import Report
from chassis.bus.watch import PROBE
from chassis.db import new_id
from chassis.subscriptions import state
from contracts.event import Event
from tests.chassis.conftest import House
from tests.chassis.toys import Counted, eventually

EVENTS, FILLING, SUBSCRIBERS = topology.EVENTS.name, topology.FILLING.name, topology.SUBSCRIBERS.name
RIGHT = topology.routing_key(Counted.type, "an")
OTHER_BUCKET = f"toy.counted.{(topology.bucket('an') + 1) % topology.BUCKETS}"
Send = Callable[..., None]


@pytest.fixture
def house(house_on_broker: House) -> House:
    house_on_broker.start()
    house_on_broker.north.say("before", 1)
    eventually(lambda: house_on_broker.south.counted() == {"before": [1]})
    return house_on_broker


@pytest.fixture
def send(house: House) -> Send:
    """As somebody with all rights: what is tried is what consumers believe."""

    def publish(
        exchange: str, key: str, event: Event, subject: str | None = None, kind: str = "", **headers: object
    ) -> None:
        sealed = json.loads(envelope.seal_up(event, new_id(), datetime.now(UTC), 1, None))
        body = json.dumps(sealed | ({"subject": subject} if subject else {}))
        with Connection(house.broker) as connection:
            message = amqp.Message(body, type=kind, application_headers=headers)
            connection.default_channel.basic_publish(message, exchange=exchange, routing_key=key)

    return publish


def dead(house: House, queue: str) -> int:
    with Connection(house.broker) as connection:
        count: int = connection.default_channel.queue_declare(f"{queue}.dead", passive=True).message_count
        return count


@pytest.mark.parametrize(
    ("exchange", "key"),
    [
        (EVENTS, "toy.counted.probe"),
        (EVENTS, OTHER_BUCKET),
        (FILLING, f"{OTHER_BUCKET}.south.events"),
        (FILLING, f"toy.other.{topology.bucket('an')}.south.events"),
        (FILLING, "probe.south.events"),
    ],
)
def test_an_event_under_a_key_that_is_not_its_own_is_refused(
    house: House, send: Send, exchange: str, key: str
) -> None:
    send(exchange, key, Counted(who="an", number=7))
    eventually(lambda: dead(house, "south.events") == 1)
    house.north.say("after", 2)
    eventually(lambda: house.south.counted() == {"before": [1], "after": [2]})


def test_nor_is_one_believed_that_a_copy_list_brought_to_its_queue(house: House, send: Send) -> None:
    """RabbitMQ before 4 asks no rights for the keys in CC and BCC."""
    send(EVENTS, "toy.else.1", Counted(who="an", number=7), CC=[RIGHT])
    send(EVENTS, "toy.else.1", Counted(who="an", number=8), BCC=[RIGHT])
    eventually(lambda: dead(house, "south.events") == 2)
    assert house.south.counted() == {"before": [1]}


@pytest.mark.parametrize("through", ["a binding of the queue", "a binding of the exchange"])
def test_nor_one_that_was_led_here_from_another_exchange(house: House, send: Send, through: str) -> None:
    with Connection(house.broker) as connection:
        channel = connection.default_channel
        if through == "a binding of the queue":
            channel.queue_bind("south.events", SUBSCRIBERS, "#")
        else:
            channel.exchange_bind(EVENTS, SUBSCRIBERS, "#")
    send(SUBSCRIBERS, RIGHT, Counted(who="an", number=7))
    eventually(lambda: dead(house, "south.events") == 1)
    assert house.south.counted() == {"before": [1]}


def test_a_subscriber_tells_of_its_own_queue_alone(house: House, send: Send) -> None:
    """Else it could have another's past skipped, or brought again."""

    def handled() -> set[str]:
        with house.north.units.engine.connect() as connection:
            return set(state(connection).filling)

    report = Report(queue="east.events", emptied=True)
    send(SUBSCRIBERS, "south.events", report)
    send(SUBSCRIBERS, "south.events", report, subject="south.events")
    eventually(lambda: dead(house, "north.subscribers") == 2)
    assert "east.events" not in handled()


def test_what_an_administrator_puts_into_a_queue_by_its_name_is_taken(house: House, send: Send) -> None:
    """So are dead letters brought back once the cause is mended."""
    send("", "south.events", Counted(who="an", number=7))
    eventually(lambda: house.south.counted() == {"before": [1], "an": [7]})
    assert dead(house, "south.events") == 0


def test_a_probe_that_is_none_interrupts_nobody(house: House, send: Send) -> None:
    with capture_logs() as told:
        send(EVENTS, "toy.counted.probe", Counted(who="an", number=7), kind=PROBE)
        house.north.say("after", 2)
        eventually(lambda: house.south.counted() == {"before": [1], "after": [2]})
    assert [line for line in told if line["event"] == "consumer interrupted"] == []
