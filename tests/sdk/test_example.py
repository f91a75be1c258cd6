"""The example back office as a process, killed with -9 again and again."""

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from back_office.store import Store, Work
from tests.architecture.source import ROOT
from tests.sdk.broker import Broker, broker
from tests.sdk.fake_portal import CLIENT, CONTENT, FILE_ID, FakePortal, fake_portal
from tests.system.portal import eventually

CODES = [f"T99.1-261122-{number:04d}" for number in range(1, 41)]
VERSION = 2


@pytest.fixture
def line(virtual_host: str) -> Iterator[Broker]:
    with broker(virtual_host) as made:
        yield made


@pytest.fixture
def portal() -> Iterator[FakePortal]:
    with fake_portal() as made:
        made.known = set(CODES)
        yield made


def start(line: Broker, portal: FakePortal, folder: Path) -> subprocess.Popen[bytes]:
    settings = {
        "AGENCY_CODE": "T99.1",
        "AGENCY_AMQP_URL": line.line,
        "PORTAL_URL": portal.url,
        "CLIENT_ID": CLIENT[0],
        "CLIENT_SECRET": CLIENT[1],
        "BACK_OFFICE_DIR": str(folder),
    }
    with (folder.parent / "office.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "back_office"],
            cwd=ROOT / "sdk" / "examples",
            env=os.environ | settings,
            stderr=log,
        )


def states(folder: Path) -> dict[str, str]:
    with sqlite3.connect(folder / "office.sqlite", timeout=30) as store:
        found = dict(store.execute("SELECT code, state FROM work").fetchall())
    store.close()
    return found


def test_killed_at_any_time_it_decides_every_dossier_once_and_has_its_papers(
    line: Broker, portal: FakePortal, tmp_path: Path
) -> None:
    folder = tmp_path / "office"
    for code in CODES:
        line.portal.repeat(line.tell(VERSION, code))
    for _ in range(6):
        with start(line, portal, folder) as office:
            time.sleep(random.uniform(0.5, 1.5))
            office.kill()
    heard = line.said("consume")
    with start(line, portal, folder) as office:
        eventually(lambda: line.said("consume") > heard)
        eventually(lambda: states(folder) == dict.fromkeys(CODES, "applied"))
        office.terminate()
        assert office.wait(15) == 0
    assert {taken.code for taken in line.portal.taken} == set(CODES)
    assert len({taken.decision_id for taken in line.portal.taken}) == len(CODES)
    assert {(taken.action, taken.expected_version) for taken in line.portal.taken} == {("accept", VERSION)}
    for code in CODES:
        assert (folder / "papers" / code / FILE_ID).read_bytes() == CONTENT
    assert line.left() == 0


def test_an_event_that_comes_again_before_the_cursor_was_saved_makes_work_once(tmp_path: Path) -> None:
    store = Store(tmp_path / "office.sqlite")
    work = Work("event 1", CODES[0], VERSION)
    store.add(work)
    assert store.next() == work
    store.close(work)
    store.add(work)
    assert store.next() is None


def test_a_rejection_is_booked_as_one(line: Broker, portal: FakePortal, tmp_path: Path) -> None:
    line.portal.answer = "rejected"
    line.tell(VERSION, CODES[0])
    with start(line, portal, tmp_path / "office") as office:
        eventually((tmp_path / "office" / "office.sqlite").exists)
        eventually(lambda: states(tmp_path / "office") == {CODES[0]: "rejected"})
        office.terminate()
