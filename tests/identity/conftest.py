import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from chassis.testing import ServiceUnderTest
from sandbox.app import create_app
from sandbox.authority import Authority
from sandbox.faults import Faults
from sandbox.store import Store
from services.identity.adapters.certificates import certificates
from services.identity.adapters.insurance_register import HttpInsuranceRegister
from services.identity.adapters.mobile_signatures import mobile_signatures
from services.identity.adapters.passwords import Passwords
from services.identity.adapters.ports import IdentityPorts
from services.identity.adapters.sim_register import HttpSimRegister
from services.identity.model.rules import Rules
from tests.identity.portal import Portal

CHEAP = Rules(captcha_cost=1, captcha_counter=8)


@pytest.fixture
def faults() -> Faults:
    """How the register misbehaves; by itself not at all."""
    return Faults()


@pytest.fixture(scope="session")
def authority_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys of the sandbox's authority, made once."""
    return tmp_path_factory.mktemp("authority")


@pytest.fixture
def roots() -> Path | None:
    """Where the sandbox's certificate authority keeps its keys; None: there is none."""
    return None


@pytest.fixture
def register_url(faults: Faults, roots: Path | None) -> Iterator[str]:
    """The sandbox's registers and, where there are roots, its authority and signature service, over HTTP."""
    store, door = Store(), socket.create_server(("127.0.0.1", 0))
    port = door.getsockname()[1]
    authority = Authority(roots, f"http://127.0.0.1:{port}") if roots else None
    app = create_app(store, faults, authority)
    server = make_server("127.0.0.1", port, app, threaded=True, fd=door.fileno())
    thread = threading.Thread(target=lambda: server.serve_forever(0.02))
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()
        door.close()
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
    postgres_url: str, register_url: str, passwords: Passwords, rules: Rules, roots: Path | None
) -> Iterator[ServiceUnderTest]:
    """Its clock starts now: the altcha package reads the machine's own clock too."""
    ports = IdentityPorts(
        HttpSimRegister(register_url),
        passwords,
        rules,
        insurance_register=HttpInsuranceRegister(register_url),
        certificates=certificates(str(roots or "")),
        mobile=mobile_signatures(register_url if roots else ""),
    )
    now = datetime.now(UTC).replace(microsecond=0)
    with ServiceUnderTest.started("identity", postgres_url, ports=ports, at=now) as sut:
        yield sut


@pytest.fixture
def portal(identity: ServiceUnderTest) -> Portal:
    return Portal(identity)
