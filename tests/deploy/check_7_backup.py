"""A backup of the installation is read into a second one, on servers of its own: what was sent is there."""

import hashlib
import shutil
from collections.abc import Iterator

import pytest

from tests.deploy.installation import Installation
from tests.system.caller import Caller, decide, official, sent
from tests.system.portal import eventually


@pytest.fixture(scope="module")
def second(
    installation: Installation, an: Caller, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Installation, list[str]]]:
    """An installation with nothing but the first one's secrets and its backup, and the codes of before."""
    codes = [sent(an)["code"] for _ in range(3)]
    installation.compose("run", "--rm", "tools", "backup", "/backups/one")
    sent(an)  # after the point
    other = Installation(tmp_path_factory.mktemp("second"), extra=dict(installation.extra))
    shutil.copytree(installation.secrets, other.secrets)
    try:
        other.compose("up", "databases")
        other.compose("run", "--rm", "tools", "restore", "/backups/one")
        other.up()
        yield other, codes
    finally:
        other.down()


@pytest.mark.timeout(900)
def test_what_was_sent_before_the_point_is_there_with_its_papers_and_goes_on(
    second: tuple[Installation, list[str]], an: Caller
) -> None:
    there, codes = second
    again = Caller(there, phone=an.phone, login=an.login)
    again.log_in()
    assert {item["code"] for item in again.get("/dossiers?limit=100")["items"]} == set(codes)
    for code in codes:
        dossier = again.get(f"/dossiers/{code}")
        for file in dossier["files"]:
            content = again.call("GET", f"/dossiers/{dossier['id']}/files/{file['id']}").data
            assert hashlib.sha256(content).hexdigest() == file["sha256"]
        assert dossier["files"]
    desk = official(there, "H01", "restored.h01", "0912345673")
    decide(desk, codes[0], "accept")
    eventually(lambda: told(again, codes[0]) == 2, within=60)
    assert [told(again, code) for code in codes[1:]] == [1, 1]


def told(who: Caller, code: str) -> int:
    items = who.get("/notifications?limit=100")["items"]
    return sum(item["dossier"] == code for item in items)
