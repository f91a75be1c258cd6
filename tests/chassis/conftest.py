from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import urllib3

from chassis import worker
from chassis.bus import Bus
from chassis.bus.amqp import AmqpBus
from chassis.bus.embedded import EmbeddedBus
from tests.chassis.toys import Toy, toy


@pytest.fixture
def virtual_host(rabbitmq_url: str, rabbitmq_management_url: str) -> Iterator[str]:
    """A URL to a broker of the test's own."""
    name = f"test-{uuid4().hex[:8]}"
    pool = urllib3.PoolManager()
    at = f"{rabbitmq_management_url.rstrip('/')}/api/vhosts/{name}"
    auth = urllib3.util.parse_url(rabbitmq_management_url).auth or "guest:guest"
    headers = urllib3.make_headers(basic_auth=auth)
    assert pool.request("PUT", at, headers=headers).status in {201, 204}
    yield f"{rabbitmq_url.rsplit('/', 1)[0]}/{name}"
    pool.request("DELETE", at, headers=headers)
    pool.clear()


@dataclass
class House:
    north: Toy
    south: Toy
    east: Toy
    make_bus: Callable[[], Bus]

    def start(self, *toys: Toy) -> None:
        bus = self.make_bus()
        for one in toys or (self.south, self.east, self.north):
            one.start(bus)

    def stop(self) -> None:
        for one in (self.north, self.south, self.east):
            one.stop()


@pytest.fixture(params=["embedded", "rabbitmq"])
def house(request: Any, postgres_url: str) -> Iterator[House]:
    """Three services and a bus; the same tests must pass on both carriers."""
    with toy("north", postgres_url) as north, toy("south", postgres_url) as south:  # noqa: SIM117
        with toy("east", postgres_url) as east:
            topics = worker.topics([one.service for one in (north, south, east)])
            if request.param == "embedded":
                bus: Bus = EmbeddedBus(topics)
            else:
                bus = AmqpBus(request.getfixturevalue("virtual_host"), topics)
            yield House(north, south, east, lambda: bus)
