"""A backup of a portal in use, put into a second installation: what was answered before it is there, once."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import pytest

from chassis import service as services
from chassis.backup.files import sha256_of
from tests.conftest import Say
from tests.system.caller import Caller, pages
from tests.system.portal import Portal, eventually
from tests.system.second import Load, Sent, installation, prepared, rows

CLIENTS = 4
BEFORE_SECONDS, WITHOUT_NOTIFY_SECONDS, AFTER_SECONDS = 5.0, 2.0, 2.0
CODES = "SELECT code FROM dossiers WHERE code IS NOT NULL"
ANNOUNCED = "SELECT subject, event_id FROM outbox WHERE type = 'motcua.dossier.submitted.v1'"
SMS_SENT = (
    "SELECT id FROM deliveries WHERE template = 'dossier.submitted' AND channel = 'sms' AND state = 'sent'"
)
HEARD = ("SELECT event_id, handler FROM inbox", "SELECT event_id, handler FROM parking")
UNDONE = {
    "outbox": "SELECT 1 FROM outbox WHERE sent_at IS NULL LIMIT 1",
    "parking": "SELECT 1 FROM parking LIMIT 1",
}


@pytest.mark.timeout(600)
def test_what_was_answered_before_a_backup_is_there_and_told_once_where_it_is_put_back(
    tmp_path: Path, postgres_url: str, rabbitmq_url: str, rabbitmq_management_url: str, say: Say
) -> None:
    servers = (postgres_url, rabbitmq_url, rabbitmq_management_url)
    with installation(tmp_path / "first", *servers) as first:
        begin(first)
        load = prepared(first, CLIENTS)
        folder = tmp_path / "backup"
        before, made = backed_up_under_load(first, load, folder)
        say(f"backup: writers waited {made['held_ms']} ms; the longest submission took {load.longest:.2f} s")
        first.run("backup", "verify", str(folder))
        with installation(tmp_path / "second", *servers, like=first) as second:
            second.run("restore", str(folder))
            told_before = len(rows(second, "notify", SMS_SENT))
            under_way = not_told_yet(second)
            say(f"backup: {under_way} events were sent and not heard at the point")
            assert under_way
            second.run("bus", "apply")
            cut = [*heard_is_announced(second), *handled_is_heard(second)]
            second.start()
            second.wait_until_ready()
            eventually(lambda: is_quiet(second), within=120)
            found = compare(second, before, load.callers, told_before)
            say("backup: " + "; ".join(f"{what}: {len(wrong)} of {of}" for what, wrong, of in [*cut, *found]))
            assert not [(what, wrong[:5]) for what, wrong, _ in [*cut, *found] if wrong]
            assert all(of for _, _, of in [*cut, *found]), "nothing was there to compare"
            with pytest.raises(CalledProcessError) as refused:
                second.run("restore", str(folder))
            assert refused.value.returncode == 1
            assert "holds tables" in refused.value.stderr
            assert "sessions of" in refused.value.stderr


def begin(portal: Portal) -> None:
    portal.prepare()
    portal.start()
    portal.wait_until_ready()


def backed_up_under_load(portal: Portal, load: Load, folder: Path) -> tuple[list[Sent], Any]:
    """What was answered before the backup began, and what the command said.

    At the point some things are announced, and even sent, that notify has not heard.
    """
    until = [float("inf")]
    with ThreadPoolExecutor(CLIENTS) as pool:
        busy = load.run(pool, lambda: time.monotonic() < until[0])
        time.sleep(BEFORE_SECONDS)
        portal.kill("notify-worker")
        time.sleep(WITHOUT_NOTIFY_SECONDS)
        before = list(load.sent)
        try:
            printed = portal.run("backup", str(folder), "-o", "json").stdout
        finally:
            until[0] = time.monotonic() + AFTER_SECONDS
        for one in busy:
            one.result()
    assert len(load.sent) > len(before), "nothing was submitted meanwhile"
    return before, json.loads(printed)


Found = tuple[str, list[Any], int]


def heard_is_announced(portal: Portal) -> list[Found]:
    """Of every service: what it has heard, handled or put aside, is in the log of a source."""
    said = {id for name in services.names() for (id,) in rows(portal, name, "SELECT event_id FROM outbox")}
    found = []
    for name in services.names():
        by = {react.__name__ for some in services.load(name).reactions.values() for react in some}
        heard = {id for query in HEARD for id, handler in rows(portal, name, query) if handler in by}
        if by:
            found.append((f"heard by {name} and not announced", list(heard - said), len(heard)))
    return found


def handled_is_heard(portal: Portal) -> list[Found]:
    """The other way round: what a source believes to be handled, its subscriber has."""
    handled = (
        "SELECT s.queue, o.event_id FROM subscriptions s JOIN outbox o ON o.type = s.type"
        " WHERE o.log_position <= s.handled"
    )
    names = services.names()
    heard = {(name, id) for name in names for query in HEARD for id, _ in rows(portal, name, query)}
    believed = {(queue.partition(".")[0], id) for name in names for queue, id in rows(portal, name, handled)}
    return [("believed handled and not heard", list(believed - heard), len(believed))]


def not_told_yet(portal: Portal) -> int:
    """Submissions that are sent to notify, and that it has not heard of."""
    sent = {id for _, id in rows(portal, "dossier", f"{ANNOUNCED} AND sent_at IS NOT NULL")}
    return len(sent - {id for query in HEARD for id, _ in rows(portal, "notify", query)})


def is_quiet(portal: Portal) -> bool:
    undone = (rows(portal, name, query) for name in services.names() for query in UNDONE.values())
    waiting = rows(portal, "notify", "SELECT 1 FROM deliveries WHERE state = 'waiting' LIMIT 1")
    return not any(undone) and not waiting and is_caught_up(portal)


def is_caught_up(portal: Portal) -> bool:
    said = {id for _, id in rows(portal, "dossier", ANNOUNCED)}
    heard = rows(portal, "notify", "SELECT event_id FROM inbox WHERE handler = 'tell_applicant'")
    return said <= {id for (id,) in heard}


def compare(portal: Portal, before: list[Sent], callers: list[Caller], told_before: int) -> list[Found]:
    codes = {code for (code,) in rows(portal, "dossier", CODES)}
    there = {who.login: log_in(portal, who) for who in callers}
    told = [item["dossier"] for who in there.values() for item in pages(who, "/notifications")]
    announced = [subject for subject, _ in rows(portal, "dossier", ANNOUNCED)]
    named = rows(portal, "dossier", "SELECT stored_as, sha256 FROM files")
    sms = [code for who in callers for code in codes_in(portal, who, codes)]
    return [
        ("answered 201 before and not there", [s.code for s in before if s.code not in codes], len(before)),
        ("papers not as they were sent", list(otherwise(before, there)), sum(len(s.papers) for s in before)),
        ("not announced once", apart(codes, announced), len(codes)),
        ("not told once in the inbox", apart(codes, told), len(codes)),
        ("told by SMS twice", apart(set(sms), sms), len(codes)),
        (
            "SMS missing, or of before the point again",
            ["?"] * abs(len(codes) - told_before - len(sms)),
            len(codes),
        ),
        ("rows that name a missing file", [n for n, sha in named if digest(portal, n) != sha], len(named)),
    ]


def apart(wanted: Iterable[str], found: Iterable[str]) -> list[str]:
    one, other = Counter(wanted), Counter(found)
    return [*(one - other).elements(), *(other - one).elements()]


def log_in(portal: Portal, who: Caller) -> Caller:
    """With the device that is known there from before the backup."""
    there = replace(who, portal=portal, tokens={})
    known = {"login": who.login, "password": who.password, "device": who.tokens["device"]}
    there.tokens = there.post("/sessions", known | {"captcha": there.captcha()})
    return there


def otherwise(before: list[Sent], there: dict[str, Caller]) -> Iterable[str]:
    for sent in before:
        who = there[sent.by.login]
        dossier = who.get(f"/dossiers/{sent.code}")
        for file, sha256 in sent.papers.items():
            answer = who.call("GET", f"/dossiers/{dossier['id']}/files/{file}")
            if answer.status != 200 or hashlib.sha256(answer.data).hexdigest() != sha256:
                yield f"{sent.code}: {file}: {answer.status}"


def codes_in(portal: Portal, who: Caller, codes: set[str]) -> list[str]:
    texts = [message["text"] for message in portal.messages(who.phone)]
    return [word for text in texts for word in {each.strip(".,:;") for each in text.split()} & codes]


def digest(portal: Portal, name: str) -> str | None:
    path = Path(portal.environment["FILES_DIR"]) / name[:2] / name
    return sha256_of(path) if path.exists() else None
