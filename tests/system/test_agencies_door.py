"""The agencies' door on a real broker: what a back office may send, and what becomes of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pika
import psycopg
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.system.caller import Caller, citizen, people, sent
from tests.system.portal import Portal, eventually

OURS, THEIRS = "H55.242", "H55.24"


@dataclass
class Office:
    """An agency's back office, with its own account on the broker and nothing of ours."""

    agency: str
    channel: BlockingChannel
    account: str
    told: dict[str, str]
    heard: list[dict[str, Any]] = field(default_factory=list)

    def send(self, message: bytes | dict[str, Any], vouched: bool = True) -> None:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        properties = pika.BasicProperties(delivery_mode=2, user_id=self.account if vouched else None)
        exchange, key = self.told["decisions_exchange"], self.told["decisions_key"]
        self.channel.basic_publish(exchange, key, body, properties, mandatory=True)

    def answers(self, decision: str, count: int = 1) -> list[dict[str, Any]]:
        """What our own queue says about that decision, once it says so many things."""

        def look() -> list[dict[str, Any]]:
            self._listen()
            return self._about(decision)

        eventually(lambda: len(look()) >= count)
        return look()

    def _listen(self) -> None:
        while True:
            method, _, body = self.channel.basic_get(self.told["queue"], auto_ack=True)
            if method is None:
                return
            self.heard.append(json.loads(body))

    def _about(self, decision: str) -> list[dict[str, Any]]:
        return [event for event in self.heard if event["data"].get("decision_id") == decision]


@contextmanager
def connected(portal: Portal, agency: str) -> Iterator[Office]:
    """As an operator connects it: `motcua agency connect`."""
    printed = portal.run("agency", "connect", agency).stdout
    told = dict(line.split(": ", 1) for line in printed.splitlines() if ": " in line)
    account = f"{quote(told['account'])}:{quote(told['password'], safe='')}"
    broker = portal.environment["AMQP_URL"].split("@", 1)[1]
    with pika.BlockingConnection(pika.URLParameters(f"amqp://{account}@{broker}")) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        yield Office(agency, channel, told["account"], told)


@pytest.fixture(scope="module")
def office(portal: Portal) -> Iterator[Office]:
    with connected(portal, OURS) as made:
        yield made


@pytest.fixture(scope="module")
def an(portal: Portal) -> Caller:
    (person,) = people(portal, 1)
    who = citizen(portal, person)
    who.register(person)
    who.log_in()
    return who


def decision(code: str, version: int, action: str = "accept", **changes: Any) -> dict[str, Any]:
    """As docs say that a decision looks."""
    id = str(uuid4())
    return {
        "specversion": "1.0",
        "id": id,
        "source": "/agencies",
        "type": "motcua.agency.decision.v1",
        "subject": code,
        "time": datetime.now(UTC).isoformat(),
        "sequence": version,
        "datacontenttype": "application/json",
        "data": {"decision_id": id, "code": code, "action": action, "expected_version": version},
    } | changes


def state(who: Caller, code: str) -> tuple[int, int, int]:
    """Status, version and length of the history: everything a decision would change."""
    shown = who.get(f"/dossiers/{code}")
    return shown["status"], shown["version"], len(shown["history"])


def rows(portal: Portal, query: str, *values: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(portal.environment["DOSSIER_DATABASE_URL"]) as connection:
        return connection.execute(query.encode(), values).fetchall()


def test_a_decision_is_applied_and_answered_on_the_senders_queue(an: Caller, office: Office) -> None:
    code = sent(an, agency=OURS)["code"]
    _, version, _ = state(an, code)
    accept = decision(code, version)
    office.send(accept)
    (answer,) = office.answers(accept["id"])
    assert answer["type"] == "motcua.dossier.decision-applied.v1"
    assert (answer["data"]["code"], answer["data"]["version"]) == (code, version + 1)
    assert state(an, code)[0] == 2


def test_a_decision_on_another_agencys_dossier_changes_nothing_and_only_its_sender_is_told(
    an: Caller, office: Office, portal: Portal
) -> None:
    code = sent(an, agency=THEIRS)["code"]
    before = state(an, code)
    foreign = decision(code, before[1])
    with connected(portal, THEIRS) as owner:
        office.send(foreign)
        (answer,) = office.answers(foreign["id"])
        assert answer["type"] == "motcua.dossier.decision-rejected.v1"
        assert answer["data"]["problem"] == "dossier-not-found"
        assert answer["data"]["agency"] == OURS
        accept = decision(code, before[1])
        assert state(an, code) == before
        owner.send(accept)
        assert len(owner.answers(accept["id"])) == 1
        assert not owner._about(foreign["id"])
    assert office._about(accept["id"]) == []


def test_the_same_decision_twice_has_one_effect(an: Caller, office: Office) -> None:
    code = sent(an, agency=OURS)["code"]
    accept = decision(code, state(an, code)[1])
    for message in (accept, accept, accept | {"id": str(uuid4())}):
        office.send(message)
    answers = office.answers(accept["id"], count=2)
    assert {(a["type"], a["data"]["version"]) for a in answers} == {
        ("motcua.dossier.decision-applied.v1", state(an, code)[1])
    }
    assert [step["status"] for step in an.get(f"/dossiers/{code}")["history"]] == [1, 2]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"expected_version": 1}, "changed-meanwhile"),
        ({"action": "finish"}, "action-not-possible"),
        ({"action": "refuse"}, "reason-required"),
        ({"action": "refuse", "reason": "\x00"}, "reason-unfit"),
        ({"action": "approve"}, "action-unknown"),
        ({"code": "H55.242-000000-0000"}, "dossier-not-found"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_decision_that_cannot_be_applied_is_answered_with_the_problem_and_changes_nothing(
    an: Caller, office: Office, change: dict[str, Any], problem: str
) -> None:
    code = sent(an, agency=OURS)["code"]
    before = state(an, code)
    wrong = decision(code, before[1])
    wrong["data"] |= change
    office.send(wrong)
    (answer,) = office.answers(wrong["id"])
    assert answer["type"] == "motcua.dossier.decision-rejected.v1"
    assert answer["data"]["problem"] == problem
    assert answer["data"]["detail"].keys() == {"vi", "en"}
    assert state(an, code) == before


def test_what_the_broker_vouches_for_nobody_is_refused_and_told_to_nobody(
    an: Caller, office: Office, portal: Portal
) -> None:
    code = sent(an, agency=OURS)["code"]
    before = state(an, code)
    unsigned, after = decision(code, before[1]), decision(code, before[1], action="approve")
    unsigned["data"]["agency"] = unsigned["user"] = office.account
    office.send(unsigned, vouched=False)
    office.send(after)
    office.answers(after["id"])
    refused = "SELECT account, agency, problem FROM refused_decisions WHERE decision_id = %s"
    assert rows(portal, refused, unsigned["id"]) == [(None, None, "sender-unknown")]
    assert office._about(unsigned["id"]) == []
    assert state(an, code) == before


def test_garbage_and_unknown_kinds_go_to_the_dead_letter_queue_and_delay_nobody(
    an: Caller, office: Office, portal: Portal
) -> None:
    code = sent(an, agency=OURS)["code"]
    version = state(an, code)[1]
    accept = decision(code, version)
    mark = uuid4().hex
    nonsense: list[bytes | dict[str, Any]] = [
        f"{{{mark}".encode(),
        mark.encode() + b"\xff\x00",
        json.dumps([mark]).encode(),
        decision(code, version, type="motcua.agency.wish.v1", subject=mark),
        decision(code, version, type="motcua.dossier.accepted.v1", subject=mark),
        decision(code, version, data={"decision_id": mark}),
        decision(code, version, subject=f"{mark}\x00"),
        decision(code, version, subject=mark * 10),
        decision(code, version, time="2026-11-23T08:00:00", subject=mark),
        decision(code, version, sequence=2**70, subject=mark),
    ]
    for message in (*nonsense, accept):
        office.send(message)
    (answer,) = office.answers(accept["id"])
    assert answer["type"] == "motcua.dossier.decision-applied.v1"

    dead: list[bytes] = []
    with pika.BlockingConnection(pika.URLParameters(portal.environment["AMQP_URL"])) as connection:
        eventually(lambda: len(marked(mark, connection.channel(), dead)) == len(nonsense))
    parked = "SELECT 1 FROM parking WHERE handler = 'decide'"
    assert rows(portal, parked) == []


def marked(mark: str, channel: BlockingChannel, dead: list[bytes]) -> list[bytes]:
    """Those with the mark, of what the dead-letter queue of decisions has held so far."""
    while (found := channel.basic_get("dossier.decisions.dead", auto_ack=True))[0] is not None:
        dead.append(found[2])
    channel.close()
    return [body for body in dead if mark.encode() in body]
