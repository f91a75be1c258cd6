from collections.abc import Iterator

import pytest

from tests import servers
from tests.conftest import Say, running
from tests.resilience.house import House
from tests.resilience.load import CONNECTED, Load, prepared
from tests.resilience.office import Office
from tests.resilience.servers import Ground, ground
from tests.system.portal import running_portal


@pytest.fixture(scope="session")
def servers_of_its_own(tmp_path_factory: pytest.TempPathFactory, say: Say) -> Iterator[Ground]:
    """Servers that these tests may kill, wipe and starve."""
    with ground(tmp_path_factory.mktemp("resilience"), say) as made:
        yield made


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, say: Say) -> Iterator[House]:
    """Servers of its own, since they are killed; the database writes as in production."""
    database, broker, office = servers.postgres(as_in_production=True), servers.rabbitmq(), Office(CONNECTED)
    with running(database, say), running(broker, say):
        folder = tmp_path_factory.mktemp("house")
        with running_portal(folder, database.url, broker.url, broker.management_url) as portal:
            house = House(portal, database, broker, office)
            careful = [house.rows("dossier", f"SHOW {name}") for name in ("fsync", "full_page_writes")]
            assert careful == [[("on",)], [("on",)]]
            office.open(portal)
            yield house
            office.close()


@pytest.fixture(scope="module")
def load(house: House) -> Load:
    return prepared(house.portal)
