"""What agencies install, against the real portal: over the broker and over the API."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from motcua_agency import Agency, Event, FileCursor, ProblemError, RestClient
from tests.system.portal import Portal, eventually

AGENCY = "G24.1"
PROCEDURE = "3.000001"


def dossiers(portal: Portal, count: int) -> list[str]:
    """Codes of dossiers that test people sent to the agency, by the command for it."""
    where = ["--portal", portal.url("gateway"), "--sandbox", portal.url("sandbox")]
    wanted = ["--count", str(count), "--agency", AGENCY, "--procedure", PROCEDURE]
    return portal.run("demo-dossiers", *wanted, *where).stdout.split()


def told(printed: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in printed.splitlines() if ": " in line)


@pytest.fixture(scope="module")
def amqp_url(portal: Portal) -> str:
    given = told(portal.run("agency", "connect", AGENCY).stdout)
    account = f"{quote(given['account'])}:{quote(given['password'], safe='')}"
    return f"amqp://{account}@{portal.environment['AMQP_URL'].split('@', 1)[1]}"


@pytest.fixture(scope="module")
def client(portal: Portal) -> Iterator[RestClient]:
    given = told(portal.run("client", "create", "--agency", AGENCY, "--name", "sdk").stdout)
    with RestClient(portal.url("gateway"), given["client_id"], given["client_secret"]) as made:
        yield made


def first(heard: list[Event], code: str, name: str) -> Event | None:
    wanted = f"motcua.dossier.{name}.v1"
    return next((event for event in heard if (event.subject, event.type) == (code, wanted)), None)


def test_a_back_office_hears_reads_decides_by_both_doors_and_hears_the_past_again(
    portal: Portal, amqp_url: str, client: RestClient, tmp_path: Path
) -> None:
    (code,) = dossiers(portal, 1)
    heard: list[Event] = []
    gaps: list[object] = []
    cursor = FileCursor(tmp_path / "cursor")
    with Agency(AGENCY, amqp_url, cursor, on_gap=gaps.append).consuming(heard.append) as agency:
        submitted = eventually(lambda: first(heard, code, "submitted"))
        dossier = client.dossier(code)
        assert dossier.version == submitted.data["version"]
        for file in dossier.files:
            saved = client.download(code, file, tmp_path / file.id)
            assert hashlib.sha256(saved.read_bytes()).hexdigest() == file.sha256
        assert dossier.files
        assert agency.decide(code, "accept", dossier.version).wait() == dossier.version + 1
        again = client.decide(code, "forward", dossier.version + 1)
        assert client.decide(code, "forward", dossier.version + 1).version == again.version
        eventually(lambda: first(heard, code, "forwarded"))
        with pytest.raises(ProblemError) as problem:
            client.decide(code, "finish", 1)
        assert problem.value.code == "changed-meanwhile"
    assert gaps == []
    assert [event.position for event in heard] == list(range(1, len(heard) + 1))

    pulled = [event for event, _ in client.events()]
    assert [event.id for event in pulled][: len(heard)] == [event.id for event in heard]
    replay = client.replay("amqp")
    repeated: list[Event] = []
    with Agency(AGENCY, amqp_url).consuming(repeated.append):
        eventually(lambda: len(repeated) >= replay.until_position)
    assert (replay.from_position, replay.door) == (1, "amqp")
    assert {event.id for event in heard} <= {event.id for event in repeated}
    with Agency(AGENCY, amqp_url, FileCursor(tmp_path / "cursor")).consuming(heard.append):
        (new,) = dossiers(portal, 1)
        eventually(lambda: first(heard, new, "submitted"))
    assert len({event.id for event in heard}) == len(heard)
