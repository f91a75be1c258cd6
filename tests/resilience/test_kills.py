"""Processes are killed with -9 under load, one a run, at a random moment, and started again.

Every submission that was answered 201 must be there, with one code, announced once and told about
once. Ids are compared, not counts. MOTCUA_KILLS sets how many runs, MOTCUA_SEED repeats a run.
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import urllib3

from tests import servers
from tests.answers import complete, papers
from tests.conftest import Say, running
from tests.system.caller import Caller, citizen, people
from tests.system.portal import Portal, eventually, running_portal

RUNS = int(os.environ.get("MOTCUA_KILLS", "30"))
SEED = int(os.environ.get("MOTCUA_SEED", str(random.SystemRandom().randrange(10**6))))
CLIENTS = 6
LOAD_SECONDS = 3.0
AGENCIES = ("H01", "H55.24")
STORED = "SELECT code FROM dossiers WHERE code IS NOT NULL"
ANNOUNCED = "SELECT subject FROM outbox WHERE type = 'motcua.dossier.submitted.v1'"
LOGGED = "SELECT agency, position FROM agency_log ORDER BY agency, position"
KINDS = ("service", "worker", "gateway", "broker", "database")


@dataclass
class House:
    portal: Portal
    database: servers.Postgres
    broker: servers.RabbitMQ

    def victims(self, kind: str) -> list[str]:
        if kind in {"broker", "database"}:
            return [kind]
        ends = {"service": "-api", "worker": "-worker", "gateway": "gateway"}
        return [role for role in self.portal.roles if role.endswith(ends[kind])]

    def kill_and_start(self, victim: str, pause: float) -> None:
        if victim in {"broker", "database"}:
            server = self.broker if victim == "broker" else self.database
            server.kill()
            time.sleep(pause)
            server.start()
        else:
            self.portal.kill(victim)
            time.sleep(pause)
            self.portal.start(victim)

    def rows(self, service: str, query: str) -> list[tuple[object, ...]]:
        url = self.portal.environment[f"{service.upper()}_DATABASE_URL"]
        with psycopg.connect(url) as connection:
            return connection.execute(query.encode()).fetchall()

    def is_quiet(self) -> bool:
        """Everything announced has been sent, handled and told."""
        waiting = "SELECT 1 FROM deliveries WHERE state = 'waiting' LIMIT 1"
        try:
            said = set(self.rows("dossier", "SELECT event_id FROM outbox"))
            heard = set(self.rows("notify", "SELECT event_id FROM inbox"))
            return said <= heard and not self.rows("notify", waiting)
        except psycopg.OperationalError:
            return False


@dataclass
class Load:
    """Clients that send dossiers and, when an answer is lost, ask again with the same key."""

    callers: list[Caller]
    answers: dict[str, object]
    procedure: str
    accepted: list[tuple[str, str]] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)

    def run(self, seconds: float) -> list[threading.Thread]:
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=self._send_until, args=[c, until]) for c in self.callers]
        for thread in threads:
            thread.start()
        return threads

    def _send_until(self, who: Caller, until: float) -> None:
        while time.monotonic() < until:
            agency = random.choice(AGENCIES)
            body = {"procedure": self.procedure, "agency": agency, "form": self.answers}
            draft = self._insist(who, "/dossiers", body)
            receipt = self._insist(who, f"/dossiers/{draft['id']}/submission", None)
            self.accepted.append((str(draft["id"]), str(receipt["code"])))

    def _insist(self, who: Caller, path: str, body: object) -> dict[str, object]:
        key = {"Idempotency-Key": uuid4().hex}
        until = time.monotonic() + 60
        while True:
            try:
                answer = who.call("POST", path, body, key)
            except urllib3.exceptions.HTTPError as error:
                self.faults[type(error).__name__] += 1
            else:
                if answer.status == 201:
                    return dict(answer.json)
                self.faults[str(answer.status)] += 1
                assert answer.status in {409, 500, 502, 503, 504}, answer.data.decode()
            assert time.monotonic() < until, f"{path} was refused for a minute: {self.faults}"
            time.sleep(0.2)


@pytest.fixture
def house(tmp_path: Path, say: Say) -> Iterator[House]:
    """Servers of its own, since they are killed."""
    with running(servers.postgres(), say) as database, running(servers.rabbitmq(), say) as broker:  # noqa: SIM117
        with running_portal(tmp_path, database.url, broker.url, broker.management_url) as portal:
            yield House(portal, database, broker)


def start_load(portal: Portal) -> Load:
    callers = []
    for person in people(portal, CLIENTS):
        caller = citizen(portal, person)
        caller.register(person)
        caller.log_in()
        callers.append(caller)
    for item in callers[0].get("/procedures?audience=citizen&limit=100")["items"]:
        asked = callers[0].get(f"/procedures/{item['code']}")
        answers = complete(asked)
        if not papers(asked, answers) and set(AGENCIES) <= {a["code"] for a in asked["agencies"]}:
            return Load(callers, answers, item["code"])
    raise AssertionError("no procedure without papers is offered by both agencies")


def check(house: House, load: Load) -> None:
    """Ids against ids, in every place a submission must have reached."""
    sent = dict(load.accepted)
    assert len(sent) == len(load.accepted), "one draft was answered with two codes"
    codes = set(sent.values())
    assert len(codes) == len(sent), "two drafts got one code"

    stored = Counter(code for (code,) in house.rows("dossier", STORED))
    assert codes <= stored.keys(), f"lost: {codes - stored.keys()}"
    assert max(stored.values()) == 1

    announced = Counter(code for (code,) in house.rows("dossier", ANNOUNCED))
    assert announced == stored, "announced otherwise than stored"

    logged = house.rows("notify", LOGGED)
    for agency in AGENCIES:
        positions = [position for code, position in logged if code == agency]
        assert positions == list(range(1, len(positions) + 1)), f"a gap in the log of {agency}"

    told = Counter(
        word.strip(".,:;")
        for caller in load.callers
        for message in house.portal.messages(caller.phone)
        for word in set(message["text"].split())
        if word.strip(".,:;") in stored
    )
    assert told == stored, f"told otherwise than stored: {(told - stored) or (stored - told)}"


@pytest.mark.timeout(3600)
def test_whatever_is_killed_every_accepted_dossier_is_there_and_told_about_once(
    house: House, say: Say
) -> None:
    dice = random.Random(SEED)
    load = start_load(house.portal)
    kills: Counter[str] = Counter()
    for run in range(RUNS):
        kind = KINDS[run % len(KINDS)]
        victim = dice.choice(house.victims(kind))
        threads = load.run(LOAD_SECONDS)
        time.sleep(dice.uniform(0, LOAD_SECONDS))
        house.kill_and_start(victim, dice.uniform(0, 1))
        for thread in threads:
            thread.join()
        kills[kind] += 1
        house.portal.wait_until_ready()
        eventually(house.is_quiet, within=90)
        check(house, load)
    lost = dict(load.faults)
    say(
        f"kills: {RUNS} runs (seed {SEED}), killed {dict(kills)}; {len(load.accepted)} submissions answered "
        f"201, 0 lost, 0 double codes, 0 announced twice, 0 told twice; answers lost on the way: {lost}"
    )
