"""Workers of toys, each under an account of its own that may do no more than the broker's rights say."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import pika
import pytest
from sqlalchemy import select, update

from chassis import worker
from chassis.broker import accounts, apply, check, plan, rights
from chassis.broker.accounts import Account
from chassis.broker.admin import BrokerAdmin
from chassis.bus import condition, topology, watch
from chassis.bus.amqp import AmqpBus
from chassis.tables import subscriptions
from tests import servers
from tests.chassis.conftest import House, house_of_toys
from tests.chassis.toys import Toy, eventually

SHARDS = 3
PEOPLE = [f"person {number}" for number in range(12)]


@dataclass
class Guarded:
    house: House
    broker: servers.RabbitMQ
    passwords: dict[str, str] = field(
        default_factory=lambda: {name: f"of {name}" for name in ("north", "south", "east")}
    )

    @property
    def toys(self) -> list[Toy]:
        return [self.house.north, self.house.south, self.house.east]

    @property
    def accounts(self) -> list[Account]:
        installed = [toy.service for toy in self.toys]
        return [
            Account(topology.account_of(each.name), self.passwords[each.name], rights.of(each, installed))
            for each in installed
        ]

    def apply(self) -> list[str]:
        """As `motcua bus apply` does."""
        installed = [toy.service for toy in self.toys]
        admin = BrokerAdmin(self.broker.management_url, "/")
        wanted = plan.of(worker.topics(installed, SHARDS), worker.doors(installed))
        names = [service.name for service in installed]
        made = list(apply.missing(admin, check.read(admin), wanted, names))
        return [*made, *accounts.apply(admin, self.accounts)]

    def start(self) -> None:
        installed = [toy.service for toy in self.toys]
        topics, doors = worker.topics(installed, SHARDS), worker.doors(installed)
        for toy in self.toys:
            toy.start(AmqpBus(self._url(toy.service.name), topics, doors, toy.service.name))

    def _url(self, name: str) -> str:
        place = urlsplit(self.broker.url)
        login = f"{topology.account_of(name)}:{quote(self.passwords[name], safe='')}"
        return f"amqp://{login}@{place.hostname}:{place.port}/%2F"

    def heard(self, numbers: int) -> bool:
        everything = {who: list(range(numbers)) for who in PEOPLE}
        return self.house.south.counted() == everything == self.house.east.counted()

    def say(self, *numbers: int) -> None:
        for who in PEOPLE:
            self.house.north.say(who, *numbers)

    def told(self) -> dict[str, int]:
        """How far each queue said that it is."""
        with self.house.north.units.engine.connect() as connection:
            rows = connection.execute(select(subscriptions.c.queue, subscriptions.c.handled))
            return {row.queue: row.handled for row in rows}


@pytest.fixture
def guarded(
    broker_of_its_own: servers.RabbitMQ, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Guarded]:
    # Of the process: what another test's loops left there is not ours.
    monkeypatch.setattr(condition, "_trouble", {})
    # Long enough for a round to come back on a busy machine: the next one begins anew.
    monkeypatch.setattr(watch, "EVERY_SECONDS", 5.0)
    monkeypatch.setattr(watch, "FIRST_AFTER_SECONDS", 0.2)
    with house_of_toys(postgres_url, broker_of_its_own.url) as house:
        made = Guarded(house, broker_of_its_own)
        made.apply()
        yield made
        house.stop()
        admin = BrokerAdmin(broker_of_its_own.management_url, "/")
        for each in made.accounts:
            admin.delete_account(each.name)
        with pika.BlockingConnection(pika.URLParameters(broker_of_its_own.url)) as connection:
            for name in admin.queues():
                if topology.owner_of(name) in made.passwords:
                    connection.channel().queue_delete(name)


def test_events_reach_every_shard_and_reports_their_source(guarded: Guarded) -> None:
    guarded.start()
    guarded.say(*range(4))
    eventually(lambda: guarded.heard(4))
    eventually(lambda: all(guarded.told().values()))
    assert len(guarded.told()) == 2 * SHARDS
    assert guarded.apply() == []


def test_a_binding_that_is_lost_is_found_by_probes_and_made_again(guarded: Guarded) -> None:
    guarded.start()
    guarded.say(0)
    eventually(lambda: guarded.heard(1))
    with pika.BlockingConnection(pika.URLParameters(guarded.broker.url)) as connection:
        channel = connection.channel()
        for number in range(topology.BUCKETS):
            queue, key = f"south.events.{number % SHARDS}", f"toy.counted.{number}.#"
            channel.queue_unbind(queue, topology.EVENTS.name, key)
    guarded.say(1)
    eventually(lambda: guarded.heard(2))


def test_after_a_wipe_nobody_works_until_all_is_there_and_then_by_themselves(guarded: Guarded) -> None:
    """What was on the broker is sent again from the log: as on the first day, each once."""
    guarded.start()
    guarded.say(0)
    eventually(lambda: guarded.heard(1))
    guarded.broker.wipe()
    guarded.say(1)
    eventually(lambda: condition.trouble() is not None)
    assert not guarded.heard(2)
    guarded.apply()
    guarded.say(2)
    eventually(lambda: guarded.heard(3), within=120)
    eventually(lambda: condition.trouble() is None)


def test_what_another_must_make_is_named_while_it_is_missing(guarded: Guarded) -> None:
    admin = BrokerAdmin(guarded.broker.management_url, "/")
    with pika.BlockingConnection(pika.URLParameters(guarded.broker.url)) as connection:
        connection.channel().exchange_delete(topology.FILLING.name)
    guarded.start()
    eventually(lambda: "`motcua bus apply` makes it" in (condition.trouble() or ""))
    assert topology.FILLING.name not in admin.exchanges()
    guarded.apply()
    guarded.say(0)
    eventually(lambda: guarded.heard(1))
    eventually(lambda: condition.trouble() is None)


def test_a_queue_of_its_own_that_is_deleted_is_made_again_and_filled(guarded: Guarded) -> None:
    guarded.start()
    guarded.say(0)
    eventually(lambda: guarded.heard(1))
    with pika.BlockingConnection(pika.URLParameters(guarded.broker.url)) as connection:
        channel = connection.channel()
        for name in ("south.events.0", "south.events.0.dead", "south.events.1", "north.subscribers"):
            channel.queue_delete(name)
    guarded.say(1)
    eventually(lambda: guarded.heard(2))
    with guarded.house.north.units() as uow:
        uow.session.execute(update(subscriptions).values(handled=0))
    eventually(lambda: all(guarded.told().values()))
