import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from werkzeug.serving import make_server

from chassis.testing import ServiceUnderTest
from sandbox.app import create_app
from sandbox.faults import Faults
from sandbox.store import Store
from services.identity.adapters.insurance_register import HttpInsuranceRegister
from services.identity.adapters.passwords import Passwords
from services.identity.adapters.ports import IdentityPorts
from services.identity.adapters.sim_register import HttpSimRegister
from services.identity.model.methods import METHODS
from services.identity.model.rules import Rules
from tests.identity.portal import Portal

CHEAP = Rules(captcha_cost=1, captcha_counter=8)


@pytest.fixture
def faults() -> Faults:
    """How the register misbehaves; by itself not at all."""
    return Faults()


@pytest.fixture
def register_url(faults: Faults) -> Iterator[str]:
    """The sandbox's register, over HTTP."""
    store = Store()
    server = make_server("127.0.0.1", 0, create_app(store, faults), threaded=True)
    thread = threading.Thread(target=lambda: server.serve_forever(0.02))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        store.close()


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    return Passwords(time_cost=1, memory_kib=64)


@pytest.fixture
def rules() -> Rules:
    return CHEAP


@pytest.fixture
def identity(
    postgres_url: str, register_url: str, passwords: Passwords, rules: Rules
) -> Iterator[ServiceUnderTest]:
    """Its clock starts now: the altcha package reads the machine's own clock too."""
    ports = IdentityPorts(
        HttpSimRegister(register_url),
        passwords,
        rules,
        insurance_register=HttpInsuranceRegister(register_url),
    )
    now = datetime.now(UTC).replace(microsecond=0)
    with ServiceUnderTest.started("identity", postgres_url, ports=ports, at=now) as sut:
        yield sut


@pytest.fixture
def signatures_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the methods with a signature are open."""
    for method in ("usb-token", "sim-pki"):
        monkeypatch.setitem(METHODS, method, replace(METHODS[method], open=True))


@pytest.fixture
def portal(identity: ServiceUnderTest) -> Portal:
    return Portal(identity)
