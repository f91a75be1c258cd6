"""Ids against ids, in every place that a submission and a decision must have reached."""

from collections import Counter
from collections.abc import Hashable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.resilience.house import House
from tests.resilience.load import AGENCIES, Load
from tests.system.portal import eventually

STORED = "SELECT code, outcome IS NOT NULL FROM dossiers WHERE code IS NOT NULL"
RATED = "SELECT dossier FROM ratings"
COPIED = "SELECT code, closed_at IS NOT NULL FROM dossiers"
SAID = (
    "SELECT event_id::text, type, subject, body::json #>> '{data,agency}' FROM outbox"
    " WHERE type LIKE 'motcua.dossier.%'"
)
HEARD = (
    "SELECT event_id::text, handler FROM inbox WHERE handler IN ('tell_applicant', 'append_to_agency_log')"
)
LOGGED = "SELECT agency, position, event_id::text FROM agency_log"
SUBMITTED = "motcua.dossier.submitted.v1"
TOLD_BY = ("tell_applicant", "append_to_agency_log")


@dataclass(frozen=True)
class Compared:
    """`wrong` holds what is in one place and not in the other, or too often; `of` is how many there are."""

    what: str
    wrong: list[Any]
    of: int

    def __str__(self) -> str:
        return f"{self.what}: {len(self.wrong)} of {self.of}"


def settled(house: House, load: Load) -> list[Compared]:
    """The comparison once all is quiet, or when it has had its time; nothing may be wrong."""
    house.portal.wait_until_ready()
    with suppress(AssertionError):
        eventually(house.is_quiet, within=90)
    compared = compare(house, load)
    assert not any(one.wrong for one in compared), [
        (str(one), one.wrong[:5]) for one in compared if one.wrong
    ]
    return compared


def compare(house: House, load: Load) -> list[Compared]:
    rows: dict[str, Any] = {
        "stored": house.rows("dossier", STORED),
        "said": house.rows("dossier", SAID),
        "heard": house.rows("notify", HEARD),
        "logged": house.rows("notify", LOGGED),
        "copied": house.rows("feedback", COPIED),
        "rated": house.rows("feedback", RATED),
    }
    stored, said, logged = rows["stored"], rows["said"], rows["logged"]
    answered = {code for _, code in load.accepted}
    codes, ids = [code for code, _ in stored], [id for id, *_ in said]
    office = house.office
    brought = [id for agency, _, id in logged if agency == office.agency]
    return [
        Compared("answered 201 and not stored", list(answered - set(codes)), len(answered)),
        Compared("drafts and codes answered twice", doubles(load.accepted), len(load.accepted)),
        Compared(
            "not announced once", apart(codes, (s for _, t, s, _ in said if t == SUBMITTED)), len(codes)
        ),
        Compared(
            "not handled once", apart(((id, by) for id in ids for by in TOLD_BY), rows["heard"]), len(ids)
        ),
        Compared(
            "not logged once",
            apart(((a, id) for id, _, _, a in said), ((a, id) for a, _, id in logged)),
            len(ids),
        ),
        Compared("gaps in logs", gaps(logged), len(logged)),
        Compared(
            "not told once by SMS", apart((s for _, _, s, _ in said), told(house, load, set(codes))), len(ids)
        ),
        Compared("otherwise in feedback's copy", apart(stored, rows["copied"]), len(stored)),
        Compared(
            "rated and not kept", list(set(load.rated) - {c for (c,) in rows["rated"]}), len(load.rated)
        ),
        Compared(f"not brought by the queue of {office.agency}", apart(brought, office.ids()), len(brought)),
        Compared("brought out of order", list(office.out_of_order()), len(office.heard)),
    ]


def apart(one: Iterable[Hashable], other: Iterable[Hashable]) -> list[Any]:
    """What one holds more often than the other."""
    left, right = Counter(one), Counter(other)
    return [*(left - right).elements(), *(right - left).elements()]


def doubles(accepted: Iterable[tuple[str, str]]) -> list[str]:
    pairs = list(accepted)
    return [name for names in zip(*pairs, strict=True) for name, count in Counter(names).items() if count > 1]


def gaps(logged: Iterable[tuple[str, int, str]]) -> list[tuple[str, int]]:
    positions = {agency: sorted(p for a, p, _ in logged if a == agency) for agency in AGENCIES}
    wanted = {agency: range(1, len(found) + 1) for agency, found in positions.items()}
    return [(a, p) for a in AGENCIES for p in apart(positions[a], wanted[a])]


def told(house: House, load: Load, codes: set[str]) -> list[str]:
    """The dossier of each SMS, once per SMS that speaks of it."""
    words = (
        {word.strip(".,:;") for word in message["text"].split()}
        for caller in load.callers
        for message in house.portal.messages(caller.phone)
    )
    return [code for text in words for code in text & codes]
