import os
import subprocess
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.deploy.installation import Installation, installed
from tests.system.caller import Caller, citizen, official, people
from tests.system.portal import motcua


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One for the whole run; gone without a trace after it."""
    backups = tmp_path_factory.mktemp("backups")
    backups.chmod(0o777)  # the containers' user writes there
    with installed(tmp_path_factory.mktemp("installation"), BACKUPS=str(backups)) as portal:
        yield portal
    assert not leftovers(portal.project)


@pytest.fixture(scope="session")
def portal(installation: Installation) -> Installation:
    """Where the tests of the whole portal look for it."""
    return installation


@pytest.fixture(scope="session")
def officials(installation: Installation) -> dict[str, Caller]:
    """Beside those of the demo."""
    phones = {"H01": "0912345671", "G01": "0912345672"}
    return {agency: official(installation, agency, f"may.{agency}", phones[agency]) for agency in phones}


@pytest.fixture(scope="module")
def an(installation: Installation) -> Caller:
    """A citizen who is registered and logged in."""
    (person,) = people(installation, 1)
    who = citizen(installation, person)
    who.register(person)
    who.log_in()
    return who


@pytest.fixture
def back_office(installation: Installation) -> Iterator[str]:
    """An agency's program outside the containers, deciding over amqps what comes to the agency yielded."""
    agency = "H55.24"
    account = broker_account(installation, agency)
    place = f"localhost:{installation.ports['AMQPS_PORT']}/%2F"
    url = f"amqps://{quote(account['account'])}:{quote(account['password'], safe='')}@{place}"
    trusted = str(installation.secrets / "broker_authority.crt")
    with (installation.folder / "back office.log").open("wb") as log:
        program = subprocess.Popen(
            [motcua(), "demo-agency", "amqp", "--agency", agency, "--pause", "0.1"],
            env=os.environ | {"AGENCY_AMQP_URL": url, "SSL_CERT_FILE": trusted},
            stdout=log,
            stderr=log,
        )
        yield agency
        program.kill()
        program.wait()


def broker_account(installation: Installation, agency: str) -> dict[str, str]:
    """What an operator hands to the agency."""
    printed = installation.run("agency", "connect", agency)
    return dict(line.split(": ", 1) for line in printed.splitlines() if ": " in line)


def leftovers(project: str) -> list[str]:
    label = f"label=com.docker.compose.project={project}"
    found = []
    for kind in (["ps", "--all"], ["network", "ls"], ["volume", "ls"]):
        done = subprocess.run(
            ["docker", *kind, "--quiet", "--filter", label], capture_output=True, check=True
        )
        found += done.stdout.decode().split()
    return found
