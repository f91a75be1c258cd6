from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from chassis.testing import ServiceUnderTest

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def catalog(postgres_url: str) -> Iterator[ServiceUnderTest]:
    """With the product's own catalogue in it."""
    with ServiceUnderTest.started("catalog", postgres_url, at=MONDAY, seeded=True) as sut:
        yield sut


@pytest.fixture
def empty_catalog(postgres_url: str) -> Iterator[ServiceUnderTest]:
    with ServiceUnderTest.started("catalog", postgres_url, at=MONDAY) as sut:
        yield sut
