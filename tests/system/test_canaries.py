"""What a person tells the portal stands nowhere in clear: in no table of any service, in no log."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import psycopg
import pytest
from psycopg import sql

from chassis import service as services
from tests.answers import BIRTH, PDF, complete, papers
from tests.system.caller import Caller, citizen, decide, people
from tests.system.portal import Portal, eventually

REASON = "Chim bạch yến cho lý do từ chối"
WISH = "Chim bạch yến cho lý do rút"
COMMENT = "Chim bạch yến cho nhận xét"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


@dataclass
class Canaries:
    """`secrets` by what they are. They are looked for in text, and as PostgreSQL shows bytes."""

    portal: Portal
    secrets: dict[str, str] = field(default_factory=dict)

    def found(self) -> Iterator[str]:
        patterns = {name: _pattern(secret) for name, secret in self.secrets.items()}
        for place, text in (*self._rows(), *self._logs()):
            for name, pattern in patterns.items():
                if pattern.search(text):
                    yield f"{name} in {place}"

    def _rows(self) -> Iterator[tuple[str, str]]:
        for service in services.names():
            url = self.portal.environment[f"{service.upper()}_DATABASE_URL"]
            with psycopg.connect(url) as connection:
                for (table,) in connection.execute(TABLES).fetchall():
                    query = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))
                    for (row,) in connection.execute(query):
                        yield f"{service}.{table}", row

    def _logs(self) -> Iterator[tuple[str, str]]:
        for path in sorted(self.portal.folder.glob("*.log")):
            yield path.name, path.read_text(errors="replace")


def _pattern(secret: str) -> re.Pattern[str]:
    """Not within a longer number: six digits are found in many a timestamp and hexadecimal text."""
    text = rf"(?<![0-9a-fA-F.]){re.escape(secret)}(?![0-9a-fA-F])"
    # Six characters make twelve hexadecimal digits: too many to be there by chance.
    return re.compile(f"{text}|{secret.encode().hex()}")


def registered(canaries: Canaries, person: Mapping[str, str]) -> Caller:
    who = citizen(canaries.portal, person)
    who.register(person)
    who.log_in()
    names = ("id_number", "full_name", "date_of_birth", "phone", "email")
    canaries.secrets |= {name: person[name] for name in names}
    canaries.secrets |= {f"code {n}": code for n, code in enumerate(who.codes())}
    canaries.secrets |= {"password": who.password, **who.tokens}
    canaries.secrets.pop("expires_in")
    return who


def submitted(who: Caller, person: Mapping[str, str]) -> str:
    asked = who.get(f"/procedures/{BIRTH}")
    fields = [one for step in asked["form"]["layout"] for one in step["fields"]]
    known = {one["name"]: person[one["prefill"]] for one in fields if person.get(one.get("prefill"))}
    answers = complete(asked, **known)
    draft = who.draft(BIRTH, "H01", answers)
    for document in papers(asked, answers):
        who.attach(draft["id"], document, f"{person['full_name']}.pdf", PDF)
    answer = who.submit(draft["id"])
    assert answer.status == 201, answer.data
    return str(answer.json["code"])


def test_nothing_that_a_person_tells_stands_anywhere_in_clear(
    portal: Portal, officials: dict[str, Caller]
) -> None:
    canaries = Canaries(portal)
    (person,) = people(portal, 1)
    who = registered(canaries, person)
    assert len([name for name in canaries.secrets if name.startswith("code")]) == 2
    assert set(canaries.found()) == set()

    refused, withdrawn = submitted(who, person), submitted(who, person)
    receipt = who.get(f"/dossiers/{refused}")["receipt"]
    canaries.secrets |= {"receipt key": receipt["key"], "reason": REASON, "wish": WISH, "comment": COMMENT}
    who.call("GET", f"/tracking/{refused}?key={receipt['key']}")
    assert set(canaries.found()) == set()

    decide(officials["H01"], refused, "refuse", REASON)
    who.post(f"/dossiers/{withdrawn}/withdrawal", {"reason": WISH})
    decide(officials["H01"], withdrawn, "close-withdrawal")
    assert set(canaries.found()) == set()

    scores = ("total_time", "agency_time", "contacts", "agencies_visited", "attitude")
    rating = {"dossier": refused, "scores": dict.fromkeys(scores, 1), "satisfaction": 3, "comment": COMMENT}
    eventually(lambda: who.call("POST", "/ratings", rating).status == 201)
    eventually(lambda: len(portal.messages(who.phone)) == 7)
    assert set(canaries.found()) == set()


@pytest.mark.usefixtures("officials")
def test_a_canary_that_stands_in_clear_is_found(portal: Portal) -> None:
    """An agency's public name stands in tables, the route of a login in logs: looked for, they are seen."""
    public = {"name": "UBND phường Cửa Nam, Hà Nội", "route": "/api/v1/sessions"}
    found = set(Canaries(portal, public).found())
    assert {"name in catalog.agencies", "name in dossier.agencies", "route in identity-api.log"} <= found
