"""The whole portal on one machine, started as a user starts it."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.answers import BIRTH, PDF, complete
from tests.system.caller import Caller, citizen, people, sent
from tests.system.portal import Portal
from tests.system.running import PROGRAM, Up, eventually, free_ports, get


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Up]:
    portal = Up(tmp_path / "var", free_ports())
    yield portal
    portal.kill_whatever_is_left()


def procedures(portal: Up) -> list[str]:
    status, body = get(f"{portal.url}/api/v1/procedures")
    return [item["code"] for item in json.loads(body)["items"]] if status == 200 else []


def make_a_person(portal: Up) -> str:
    _, body = get(f"{portal.sandbox_url}/people?count=1")
    id_number: str = json.loads(body)["items"][0]["id_number"]
    return id_number


def test_it_starts_says_what_one_needs_stops_without_a_trace_and_keeps_its_data(portal: Up) -> None:
    portal.start()
    for said in (portal.url, portal.sandbox_url, "Nguyễn Văn An", "0912000017", "canbo.h01", "canbo.g01"):
        assert said in portal.printed
    assert get(portal.url)[0] == 200
    assert procedures(portal)
    someone = make_a_person(portal)
    secrets = (portal.var / "secrets").read_text()
    assert (portal.var / "secrets").stat().st_mode & 0o777 == 0o600

    settings = portal.var / "settings.sh"
    assert settings.stat().st_mode & 0o777 == 0o600
    assert str(settings) in portal.printed
    tail = f". {shlex.quote(str(settings))}; exec {shlex.quote(sys.executable)} -c '{PROGRAM}' events tail"
    told = subprocess.run(["sh", "-c", tail], capture_output=True, text=True, timeout=60, check=True)
    assert "catalog.procedure-published.v1" in told.stdout

    second = portal.again()
    assert second.returncode == 1
    assert f"running already, at {portal.url}" in second.stderr
    assert get(portal.url)[0] == 200

    assert len(portal.processes()) > 8
    assert portal.stop() < 10
    assert portal.processes() == []
    assert portal.process
    assert portal.process.returncode == 0
    assert not settings.exists(), "what it says is true no more"

    first_print = portal.printed
    portal.start()
    assert portal.printed == first_print
    assert (portal.var / "secrets").read_text() == secrets
    assert someone in get(f"{portal.sandbox_url}/people")[1].decode()
    assert make_a_person(portal) != someone
    assert procedures(portal)
    assert portal.stop(signal.SIGINT) < 10
    assert portal.processes() == []


def test_what_is_killed_comes_back_and_nothing_outlives_the_portal_even_if_it_is_killed(portal: Up) -> None:
    portal.start()
    for role in ("catalog-api", "gateway", "sandbox", "workers", "postgres"):
        killed = portal.pids_of(role)
        assert killed, role
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        eventually(partial(others_than, killed, portal, role))
        eventually(lambda: procedures(portal) and get(portal.url)[0] == get(portal.sandbox_url)[0] == 200)
        eventually(lambda: all(state == "ok" for state in states(portal)))

    portal.stop(signal.SIGKILL)
    eventually(lambda: portal.processes() == [])

    portal.start()
    assert procedures(portal)
    portal.stop()
    assert portal.processes() == []


def others_than(killed: list[int], portal: Up, role: str) -> set[int]:
    return set(portal.pids_of(role)) - set(killed)


def states(portal: Up) -> list[str]:
    """What the gateway says of each service."""
    status, body = get(f"{portal.url}/readyz")
    return list(json.loads(body)["services"].values()) if status == 200 else ["away"]


class Trying(Portal):
    """A portal of `motcua up`, as callers want it."""

    def __init__(self, up: Up) -> None:
        self._up = up
        self.http = urllib3.PoolManager(timeout=urllib3.Timeout(15.0), retries=False)

    def url(self, name: str) -> str:
        return {"gateway": self._up.url, "sandbox": self._up.sandbox_url}[name]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_started_again_it_knows_the_person_the_device_and_everything_that_was_sent(
    portal: Up, how: signal.Signals
) -> None:
    portal.start()
    trying = Trying(portal)
    (person,) = people(trying, 1)
    who = citizen(trying, person)
    who.register(person)
    who.log_in()
    code = sent_with_a_paper_of_its_own(who)
    eventually(lambda: who.get("/notifications")["items"])
    before, codes = all_of(who, code), who.codes()
    assert before["papers"][0].startswith(PDF)

    portal.stop(how)
    eventually(lambda: portal.processes() == [])
    portal.start()
    who.log_in()
    assert who.codes() == codes
    assert all_of(who, code) == before
    trying.http.clear()


def sent_with_a_paper_of_its_own(who: Caller) -> str:
    answers = complete(who.get(f"/procedures/{BIRTH}"))
    draft = who.draft(BIRTH, "H01", answers)["id"]
    who.attach(draft, "birth-proof", "giấy chứng sinh.pdf", PDF + os.urandom(100_000))
    code: str = who.submit(draft).json["code"]
    return code


def all_of(who: Caller, code: str) -> dict[str, Any]:
    """What the portal keeps for its person, to the last byte."""
    dossier = who.get(f"/dossiers/{code}")
    paths = [f"/dossiers/{code}/files/{file['id']}" for file in dossier["files"]]
    return {
        "account": who.get("/account"),
        "dossier": dossier,
        "papers": [who.call("GET", path).data for path in paths],
        "inbox": who.get("/notifications")["items"],
        "summary": who.get("/dossiers/summary"),
    }


def test_the_demo_agency_decides_what_is_sent_and_refuses_who_asks_for_it(tmp_path: Path) -> None:
    up = Up(tmp_path / "var", free_ports(), "--demo-agency")
    try:
        up.start()
        portal = Trying(up)
        (person,) = people(portal, 1)
        who = citizen(portal, person)
        who.register(person)
        who.log_in()
        handed_over, refused = sent(who), sent(who, "1.004873", certified_residence="Xin từ chối")
        eventually(lambda: who.get(f"/dossiers/{handed_over['code']}")["status"] == 10, 120)
        eventually(lambda: who.get(f"/dossiers/{refused['code']}")["status"] == 3, 120)
        portal.http.clear()
    finally:
        up.kill_whatever_is_left()


def test_a_port_that_is_taken_is_named_and_nothing_is_started(portal: Up) -> None:
    with socket.create_server(("127.0.0.1", portal.port + 1)):
        refused = portal.again()
    assert refused.returncode == 1
    assert f"Port {portal.port + 1}" in refused.stderr
    assert not (portal.var / "postgres").exists()


def test_a_stop_in_the_middle_of_starting_leaves_nothing_and_the_next_start_works(portal: Up) -> None:
    for seconds, how in ((1.0, signal.SIGKILL), (2.0, signal.SIGKILL), (3.0, signal.SIGINT)):
        started = portal.launch()
        assert started.stdout is not None
        assert started.stdout.readline().startswith("starting"), "from here on it hears signals"
        time.sleep(seconds)
        portal.stop(how)
        eventually(lambda: portal.processes() == [])
    portal.start()
    assert procedures(portal)
    portal.stop()
