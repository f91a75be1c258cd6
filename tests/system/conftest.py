import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.system.caller import Caller
from tests.system.portal import Portal, motcua, running_portal


@pytest.fixture(scope="session")
def portal(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_url: str,
    rabbitmq_url: str,
    rabbitmq_management_url: str,
) -> Iterator[Portal]:
    folder: Path = tmp_path_factory.mktemp("portal")
    with running_portal(folder, postgres_url, rabbitmq_url, rabbitmq_management_url) as running:
        yield running


@pytest.fixture(scope="session")
def officials(portal: Portal) -> dict[str, Caller]:
    """A logged-in official of each of two agencies."""
    made = {}
    for agency, phone in (("H01", "0912345671"), ("G01", "0912345672")):
        login = f"canbo.{agency.lower()}"
        who = Caller(portal, phone=phone, login=login)
        name = ["--name", "Đỗ Thị Cán Bộ", "--phone", phone]
        portal.run(
            "official", "create", "--agency", agency, "--login", login, *name, MOTCUA_PASSWORD=who.password
        )
        who.log_in()
        made[agency] = who
    return made


@pytest.fixture
def back_office(portal: Portal) -> Iterator[str]:
    """The demo agency's program, deciding over AMQP what comes to the agency yielded."""
    agency = "H55.24"
    printed = portal.run("agency", "connect", agency).stdout
    told = dict(line.split(": ", 1) for line in printed.splitlines() if ": " in line)
    account = f"{quote(told['account'])}:{quote(told['password'], safe='')}"
    broker = portal.environment["AMQP_URL"].split("@", 1)[1]
    with (portal.folder / "demo-agency.log").open("wb") as log:
        program = subprocess.Popen(
            [motcua(), "demo-agency", "amqp", "--agency", agency, "--pause", "0.1"],
            env=portal.environment | {"AGENCY_AMQP_URL": f"amqp://{account}@{broker}"},
            stdout=log,
            stderr=log,
        )
        yield agency
        program.kill()
        program.wait()
