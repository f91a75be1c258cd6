"""`motcua demo-dossiers`: test people send dossiers through the public API."""

from subprocess import CalledProcessError

import pytest

from tests.servers.kinds import free_port
from tests.system.portal import Portal
from vocabulary.codes import parse_dossier_code

AGENCY = "G24.1"
PROCEDURE = "3.000001"


def test_the_agency_gets_as_many_dossiers_as_were_asked_for(portal: Portal) -> None:
    where = ["--portal", portal.url("gateway"), "--sandbox", portal.url("sandbox")]
    wanted = ["--agency", AGENCY, "--procedure", PROCEDURE, "--count", "3", "--people", "2"]
    codes = portal.run("demo-dossiers", *wanted, *where).stdout.split()
    assert [parse_dossier_code(code).agency for code in codes] == [AGENCY] * 3
    for code in codes:
        shown = portal.http.request("GET", f"{portal.api}/tracking/{code}").json()
        assert shown["status"] == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--agency", AGENCY, "--count", "0"], 2),
        (["--agency", AGENCY, "--procedure", "9.999999"], 1),
    ],
)
def test_dossiers_that_cannot_be_made_end_in_the_exit_code_for_it(
    portal: Portal, arguments: list[str], code: int
) -> None:
    where = ["--portal", portal.url("gateway"), "--sandbox", portal.url("sandbox")]
    with pytest.raises(CalledProcessError) as ended:
        portal.run("demo-dossiers", *arguments, *where)
    assert ended.value.returncode == code
    assert ended.value.stdout == ""


def test_without_a_portal_the_exit_code_says_try_again(portal: Portal) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(CalledProcessError) as ended:
        portal.run(
            "demo-dossiers", "--agency", AGENCY, "--portal", nobody, "--sandbox", portal.url("sandbox")
        )
    assert ended.value.returncode == 75
