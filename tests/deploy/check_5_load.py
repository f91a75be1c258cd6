"""Submissions go on while the portal is scaled, and each of its containers is restarted and killed once.

What was answered 201 is there, was announced once and told about once, whatever happened meanwhile.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event as Flag
from uuid import uuid4

import pytest
import urllib3

from tests.answers import complete
from tests.conftest import Say
from tests.deploy.installation import LASTING, Installation
from tests.system.caller import Caller, citizen, pages, people
from tests.system.portal import eventually

pytestmark = pytest.mark.timeout(1800)
PEOPLE = 6
PROCEDURE = "1.004873"
"""Of somebody who was never married: no papers."""
AGAIN = (401, 409, 429)
"""Not now: a key that changes, the same call under way, too many at once."""
ANNOUNCED = "SELECT subject, count(*) FROM outbox WHERE type = 'motcua.dossier.submitted.v1' GROUP BY subject"


@dataclass
class Load:
    """`sent` are codes that were answered 201, by who sent them; `failed` what was answered otherwise, or not
    at all, before it was asked again under the same key."""

    sent: dict[str, list[str]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    stop: Flag = field(default_factory=Flag)

    @property
    def count(self) -> int:
        return sum(map(len, self.sent.values()))

    def send(self, who: Caller, form: dict[str, object]) -> None:
        while not self.stop.is_set():
            draft = self._insist(who, "/dossiers", {"procedure": PROCEDURE, "agency": "H01", "form": form})
            assert draft["missing"] == []
            receipt = self._insist(who, f"/dossiers/{draft['id']}/submission")
            self.sent.setdefault(who.login, []).append(str(receipt["code"]))

    def _insist(self, who: Caller, path: str, body: object = None) -> dict[str, object]:
        """Under one key until it is answered 201, as a careful client does."""
        key = {"Idempotency-Key": uuid4().hex}
        while True:
            try:
                answer = who.call("POST", path, body, headers=key)
            except urllib3.exceptions.HTTPError as error:
                self.failed.append(f"{path}: {type(error).__name__}")
            else:
                if answer.status == 201:
                    return dict(answer.json)
                assert answer.status >= 500 or answer.status in AGAIN, answer.data.decode()
                self.failed.append(f"{path}: {answer.status}")
            time.sleep(0.5)


@pytest.fixture(scope="module")
def crowd(installation: Installation) -> list[Caller]:
    found = []
    for person in people(installation, PEOPLE):
        who = citizen(installation, person)
        who.register(person)
        who.log_in()
        found.append(who)
    return found


@contextmanager
def load(crowd: list[Caller]) -> Iterator[Load]:
    form = complete(crowd[0].get(f"/procedures/{PROCEDURE}"), issued_before="no")
    running = Load()
    with ThreadPoolExecutor(len(crowd)) as threads:
        sending = [threads.submit(running.send, who, form) for who in crowd]
        try:
            yield running
        finally:
            running.stop.set()
        for each in sending:
            each.result()


def nothing_is_lost(installation: Installation, crowd: list[Caller], done: Load, say: Say, when: str) -> None:
    codes = {code for each in done.sent.values() for code in each}
    stored = {who.login: {item["code"] for item in pages(who, "/dossiers?limit=100")} for who in crowd}
    missing = {c for who, sent in done.sent.items() for c in sent if c not in stored[who]}
    eventually(lambda: all(told(who).keys() >= set(done.sent[who.login]) for who in crowd), within=180)
    twice = {code for who in crowd for code, times in told(who).items() if times > 1}
    announced = {row[0]: int(row[1]) for row in installation.rows("dossier", ANNOUNCED)}
    unsaid = {code for code in codes if announced.get(code) != 1}
    say(
        f"{when}: {len(codes)} submissions, {len(done.failed)} calls asked again; not there {len(missing)}, "
        f"not announced once {len(unsaid)}, told twice {len(twice)}"
    )
    assert (missing, unsaid, twice) == (set(), set(), set())
    assert len(codes) == done.count


def told(who: Caller) -> dict[str, int]:
    """How often somebody was told that they sent a dossier, by its code."""
    times: dict[str, int] = {}
    for item in pages(who, "/notifications?limit=100"):
        if item["title"].startswith("Đã nộp hồ sơ"):
            times[item["dossier"]] = times.get(item["dossier"], 0) + 1
    return times


def scale(installation: Installation, count: int) -> None:
    roles = ("dossier-api", "dossier-worker")
    wanted = [f"--scale={role}={count}" for role in roles]
    installation.compose("up", "--detach", "--no-deps", "--no-recreate", *wanted, *roles)


def all_healthy(installation: Installation) -> bool:
    states = [each["State"] for each in installation.inspected().values()]
    return all(state.get("Health", {}).get("Status", "healthy") == "healthy" for state in states)


def test_scaled_to_three_and_stopped_one_after_the_other_no_call_fails(
    installation: Installation, crowd: list[Caller], say: Say
) -> None:
    with load(crowd) as done:
        scale(installation, 3)
        eventually(lambda: len(installation.containers("dossier-api")) == 3, within=60)
        eventually(lambda: all_healthy(installation), within=120)
        for container in installation.containers("dossier-api") + installation.containers("dossier-worker"):
            installation.shell("docker", "restart", "--time", "30", container)
            eventually(lambda: all_healthy(installation), within=120)
    nothing_is_lost(installation, crowd, done, say, "scaled to three, each of them restarted")
    assert done.failed == []
    assert done.count > len(crowd)


@pytest.mark.parametrize("deed", ["restarted", "killed"])
def test_each_container_once(installation: Installation, crowd: list[Caller], say: Say, deed: str) -> None:
    with load(crowd) as done:
        for service in LASTING:
            for container in installation.containers(service):
                if deed == "killed":
                    installation.kill(container)
                else:
                    installation.shell("docker", "restart", "--time", "30", container)
            eventually(lambda: all_healthy(installation), within=180)
    nothing_is_lost(installation, crowd, done, say, f"every container {deed}")


def test_the_workers_share_what_there_is_to_do(installation: Installation) -> None:
    """One is active for each queue, the others stand by: on the broker all three wait for it."""
    say = installation.inside("rabbitmq", "rabbitmqctl", "-q", "list_queues", "name", "consumers")
    consumers = dict(line.split("\t") for line in say.splitlines() if "\t" in line)
    assert int(consumers["dossier.decisions"]) == 3
