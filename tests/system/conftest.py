import subprocess
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.system.portal import Portal, motcua


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
