"""`motcua-agency testkit` as an integrator types it: in a pipeline, with exit codes."""

import json
import subprocess
import sys
from collections.abc import Mapping

import pytest

from motcua_agency.testkit import FAULTS, run
from tests.sdk.consumers.office import Office
from tests.servers.kinds import free_port


def kit(url: str, consumer: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = f"{sys.executable} -m tests.sdk.consumers.{consumer}"
    wanted = ["testkit", "--amqp-url", url, "--command", command, "--patience", "10", *options]
    return subprocess.run(
        [sys.executable, "-m", "motcua_agency.cli", *wanted],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_right_consumer_ends_it_with_0(virtual_host: str) -> None:
    done = kit(virtual_host, "office", "--only", "golden", "--only", "gap")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split() for line in lines[:2]] == [["golden", "right"], ["gap", "right"]]


def test_a_wrong_consumer_ends_it_with_1_and_is_told_what_why_and_what_was_seen(virtual_host: str) -> None:
    done = kit(virtual_host, "keeps_no_ids", "--only", "duplicates")
    assert done.returncode == 1
    assert "applies-twice (in duplicates)" in done.stdout
    assert FAULTS["applies-twice"] in done.stdout
    assert "is in the ledger twice" in done.stdout


def test_the_report_can_be_json(virtual_host: str) -> None:
    done = kit(virtual_host, "keeps_no_ids", "--only", "duplicates", "--json")
    report = json.loads(done.stdout)
    assert report["plays"] == ["duplicates"]
    assert [fault.keys() for fault in report["faults"]] == [{"name", "play", "evidence", "explanation"}]


def test_without_a_broker_it_ends_with_75() -> None:
    done = kit(f"amqp://guest:guest@127.0.0.1:{free_port()}/", "office", "--only", "golden")
    assert done.returncode == 75
    assert "away" in done.stderr


@pytest.mark.parametrize(
    "options", [["--only", "nothing"], ["--amqp-url", "amqps://broker"], ["--patience", "x"]]
)
def test_wrong_use_ends_it_with_2(options: list[str]) -> None:
    assert kit("amqp://127.0.0.1", "office", *options).returncode == 2


def test_a_command_that_is_none_ends_it_with_2(virtual_host: str) -> None:
    wanted = ["testkit", "--amqp-url", virtual_host, "--command", "no-such-program-anywhere"]
    done = subprocess.run(
        [sys.executable, "-m", "motcua_agency.cli", *wanted], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no-such-program-anywhere" in done.stderr


def office(environment: Mapping[str, str]) -> None:
    Office(environment).work()


def test_a_function_can_be_played_against_too(virtual_host: str) -> None:
    assert run(virtual_host, office, ["golden", "killed"], patience=10).faults == []
