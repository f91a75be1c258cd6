from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from chassis.testing import ServiceUnderTest

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def feedback(postgres_url: str) -> Iterator[ServiceUnderTest]:
    with ServiceUnderTest.started("feedback", postgres_url, at=MONDAY) as sut:
        yield sut
