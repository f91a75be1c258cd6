"""1,000 people register and log in, and are heard of elsewhere: nothing of theirs is anywhere in clear.

Looked through: every row of every table of the databases of identity, notify and dossier (bytes as they are:
a dump writes them in hex), every event as it goes into queues, and all that was logged meanwhile.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from chassis import envelope
from chassis.tables import outbox
from chassis.testing import ServiceUnderTest
from contracts.identity import AccountRegistered, CodeRequested
from sandbox import people
from services.dossier.adapters.ports import DossierPorts
from services.dossier.adapters.storage import Folder
from services.identity.adapters.insurance_register import insurance_register
from services.identity.adapters.passwords import Passwords
from services.identity.adapters.ports import IdentityPorts
from services.identity.model.person import Person
from services.identity.model.rules import Rules
from services.notify.adapters import Ports
from tests.conftest import Say
from tests.dossier.builders import A, agency, procedure
from tests.dossier.builders import Person as Applicant
from tests.identity.conftest import CHEAP
from tests.identity.portal import Portal

PEOPLE, DRAFTS = 1_000, 100
MARK = "here canaries are looked for"


class EverybodysSim:
    def holds(self, _: Person) -> bool:
        return True


@dataclass
class House:
    identity: ServiceUnderTest
    notify: ServiceUnderTest
    dossier: ServiceUnderTest
    canaries: dict[str, set[str]] = field(default_factory=dict)

    def keep(self, kind: str, *values: str) -> None:
        self.canaries.setdefault(kind, set()).update(values)

    def last_code(self) -> CodeRequested:
        newest = select(outbox.c.body).where(outbox.c.type == CodeRequested.type)
        newest = newest.order_by(outbox.c.position.desc()).limit(1)
        with self.identity.units() as uow:
            return envelope.data_of(envelope.open_up(uow.session.execute(newest).scalar_one()), CodeRequested)

    def code(self) -> str:
        """Of the newest message, which notify hears of, too."""
        event = self.last_code()
        self.notify.hear(event)
        code = self.identity.unsealed(event.code, "notify")
        self.keep("code", code)
        return code


@pytest.fixture
def house(postgres_url: str, passwords: Passwords, tmp_path: Path) -> Iterator[House]:
    many = Rules(
        **vars(CHEAP) | {"address_failures_per_hour": 10**6, "address_registrations_per_hour": 10**6}
    )
    many = Rules(**vars(many) | {"block_codes_per_hour": 10**6, "sms_per_hour": 10**6, "sms_per_day": 10**6})
    ports: dict[str, Any] = {
        "identity": IdentityPorts(EverybodysSim(), passwords, many, insurance_register("")),
        "notify": Ports(),
        "dossier": DossierPorts(Folder(tmp_path, 65_536), most_files=3),
    }
    with ExitStack() as stack:
        started = {
            name: stack.enter_context(ServiceUnderTest.started(name, postgres_url, ports=given))
            for name, given in ports.items()
        }
        started["dossier"].hear(agency(A))
        started["dossier"].hear(procedure())
        yield House(started["identity"], started["notify"], started["dossier"])


def live(house: House, portal: Portal, number: int) -> None:
    """From the form to a session, and a draft."""
    person = people.made(number)
    form = {
        "id_number": person.id_number,
        "full_name": f"{person.full_name} {lettered(number)}",
        "date_of_birth": person.date_of_birth.isoformat(),
        "phone": person.phone,
        "email": f"canary.{number:04}@example.test",
    }
    password = f"con chim hoàng yến {number:04}"
    house.keep(
        "person", *(value for name, value in form.items() if name != "date_of_birth"), person.phone[1:]
    )
    house.keep("password", password)
    registration = portal.register(form, captcha="spent").get_json()["id"]
    assert portal.confirm(registration, house.code()).status_code == 200
    made = portal.post(f"/registrations/{registration}/account", {"password": password})
    assert made.status_code == 201
    waiting = portal.log_in(form["id_number"], password, captcha="spent").get_json()["id"]
    tokens = portal.post(f"/sessions/{waiting}/confirmation", {"code": house.code()}).get_json()
    house.keep("token", tokens["access_token"], tokens["refresh_token"], tokens["device"])
    tell(house, UUID(made.get_json()["account_id"]), form, number)


def lettered(number: int) -> str:
    """A name that nobody else has."""
    return "X" + "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}")


def tell(house: House, account: UUID, form: dict[str, str], number: int) -> None:
    newest = select(outbox.c.body).where(outbox.c.type == AccountRegistered.type)
    with house.identity.units() as uow:
        body = uow.session.execute(newest.order_by(outbox.c.position.desc()).limit(1)).scalar_one()
    event = envelope.data_of(envelope.open_up(body), AccountRegistered)
    house.notify.hear(event)
    house.dossier.hear(event)
    if number < DRAFTS:
        applicant = Applicant(house.dossier, account, house.dossier.as_citizen(account))
        answers = {name: form[name] for name in ("full_name", "id_number", "date_of_birth", "phone")}
        applicant.begin(answers)


def stored(service: ServiceUnderTest) -> bytes:
    """As whoever has the database reads it: texts, JSON and bytes."""
    parts: list[bytes] = []
    with service.units() as uow:
        tables = uow.session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        for table in tables.scalars().all():
            for row in uow.session.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608
                parts += [raw(value) for value in row]
    return b"\n".join(parts)


def raw(value: Any) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str).encode()
    return str(value).encode()


def found(canaries: dict[str, set[str]], where: bytes) -> list[str]:
    """A code of six digits is found only as a whole value: so few digits are part of many a number."""
    codes = canaries["code"]
    anywhere = set().union(*(values for kind, values in canaries.items() if kind != "code"))
    return [*among(anywhere | {f'"{code}"' for code in codes}, where), *among(codes, where, "--line-regexp")]


def among(needles: set[str], where: bytes, *how: str) -> list[str]:
    """By `grep`, which looks for thousands of texts at once."""
    with NamedTemporaryFile("w") as file:
        file.write("\n".join(needles))
        file.flush()
        searched = ["grep", "--text", "--only-matching", "--fixed-strings", *how, "--file", file.name]
        done = subprocess.run(searched, input=where, capture_output=True, env={"LC_ALL": "C"}, check=False)
    assert done.returncode in (0, 1), done.stderr
    return sorted(set(done.stdout.decode().splitlines()))


@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("without_captchas")
def test_of_1000_people_nothing_is_in_clear_in_logs_queues_or_databases(
    house: House, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, say: Say
) -> None:
    portal = Portal(house.identity)
    for number in range(PEOPLE):
        live(house, portal, number)
    out, err = capsys.readouterr()
    places = {name: stored(getattr(house, name)) for name in ("identity", "notify", "dossier")}
    places["logs"] = (out + err + caplog.text).encode()
    assert places["logs"].count(b"/api/v1/registrations") >= PEOPLE, MARK
    assert places["identity"].count(b"motcua.identity.account-registered.v1") >= PEOPLE, MARK
    assert all(len(place) > 100_000 for place in places.values()), {n: len(p) for n, p in places.items()}
    for name, place in places.items():
        assert found(house.canaries, place) == [], name
    counted = {kind: len(values) for kind, values in house.canaries.items()}
    size = sum(map(len, places.values())) // 2**20
    say(f"canaries: of {PEOPLE} people none is in clear, looked for {counted} in {size} MiB")


def test_a_canary_that_is_there_is_found() -> None:
    canaries = {"person": {"Nguyễn An Xabcd"}, "code": {"123456"}}
    assert found(canaries, "x\nNguyễn An Xabcd y".encode()) == ["Nguyễn An Xabcd"]
    assert found(canaries, b"1\n123456\n2") == ["123456"]
    assert found(canaries, b'{"code": "123456"}') == ['"123456"']
    assert found(canaries, b"0123456789\n1234567") == []
