from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from sandbox.app import create_app
from sandbox.faults import Faults
from sandbox.store import Store


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def client(faults: Faults) -> Iterator[FlaskClient]:
    store = Store()
    yield create_app(store, faults).test_client()
    store.close()
