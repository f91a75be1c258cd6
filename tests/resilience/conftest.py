from collections.abc import Iterator

import pytest

from tests.conftest import Say
from tests.resilience.servers import Ground, ground


@pytest.fixture(scope="session")
def servers_of_its_own(tmp_path_factory: pytest.TempPathFactory, say: Say) -> Iterator[Ground]:
    """Servers that these tests may kill, wipe and starve."""
    with ground(tmp_path_factory.mktemp("resilience"), say) as made:
        yield made
