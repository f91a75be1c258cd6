"""Who lost everything gets from snapshots the copies it had; who has them loses and repeats nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, select

from chassis import envelope, personal, snapshots
from chassis.handling import Delivered
from chassis.tables import outbox, parking
from chassis.testing import ServiceUnderTest
from contracts.catalog import DayOff
from contracts.event import Name
from contracts.identity import AccountRegistered, AccountSnapshot
from services.catalog.adapters import files
from services.catalog.commands import publishing
from services.catalog.model.calendar import CalendarYear
from services.dossier import tables as dossier_tables
from services.dossier.adapters.ports import DossierPorts
from services.dossier.adapters.storage import Folder
from services.feedback import tables as feedback_tables
from services.identity.commands import accounts
from services.identity.model.person import Person as IdentityPerson
from services.notify import tables as notify_tables
from services.notify.adapters import Ports
from tests.dossier.builders import MONDAY, A, B, Desk, Person, agency, procedure

Row = tuple[Any, ...]
Copies = dict[str, list[Row]]


Start = Callable[..., ServiceUnderTest]


class Stage:
    """Those who speak, each with a database of its own, and a carrier of their events."""

    def __init__(self, start: Start) -> None:
        self.start = start
        self.catalog = start("catalog", seeded=True)
        self.identity = start("identity")
        self.dossier = start("dossier")

    def everything(self) -> list[Delivered]:
        return [d for speaker in (self.catalog, self.identity, self.dossier) for d in told_by(speaker)]

    def news(self) -> list[Delivered]:
        return [event for event in self.everything() if "snapshot" not in event.message.type]

    def snapshots(self) -> list[Delivered]:
        """Of everything, made now."""
        before = {delivered.message.id for delivered in self.everything()}
        for speaker in (self.catalog, self.identity, self.dossier):
            assert list(snapshots.walk(speaker.units, speaker.service.snapshots))
        return [delivered for delivered in self.everything() if delivered.message.id not in before]


def told_by(speaker: ServiceUnderTest) -> list[Delivered]:
    """Its outbox in order, as its relay would send it."""
    with speaker.units() as uow:
        bodies = uow.session.execute(select(outbox.c.body).order_by(outbox.c.position)).scalars()
        return [Delivered(envelope.open_up(body), body) for body in bodies]


def tell(subscriber: ServiceUnderTest, events: Sequence[Delivered]) -> None:
    """Of these, what it hears, others' only."""
    own = f"/services/{subscriber.service.name}"
    subscriber.consumer.handle([event for event in events if event.message.source != own])
    with subscriber.units() as uow:
        assert uow.session.execute(select(parking.c.type, parking.c.error)).all() == []


@pytest.fixture(scope="module")
def start(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    files_of_dossier = Folder(tmp_path_factory.mktemp("files"), 64 * 1024)
    ports = {"dossier": DossierPorts(files_of_dossier, 3), "notify": Ports(), "identity": object()}
    with ExitStack() as stack:

        def start(name: str, seeded: bool = False) -> ServiceUnderTest:
            sut = ServiceUnderTest.started(name, postgres_url, ports.get(name), MONDAY, seeded, apart=True)
            return stack.enter_context(sut)

        yield start


@pytest.fixture(scope="module")
def stage(start: Start) -> Stage:
    made = Stage(start)
    publish_changes(made.catalog)
    send_dossiers(made.dossier, open_accounts(made.identity))
    return made


def publish_changes(catalog: ServiceUnderTest) -> None:
    """A second version of a procedure, and a calendar that lost its exceptions again."""
    first = next(iter(files.seed_procedures()))
    day = DayOff(MONDAY.date().replace(year=2030), worked=False, reason=Name("Nghỉ", "Off"))
    changes: tuple[list[files.Publication], ...] = (
        [replace(first, result=Name("Giấy mới", "New paper")), CalendarYear(2030, (day,))],
        [CalendarYear(2030, ())],
    )
    for items in changes:
        with catalog.units() as uow:
            assert all(one.changed for one in publishing.publish(uow, items))


def open_accounts(identity: ServiceUnderTest) -> list[UUID]:
    """A person with and one without e-mail, and an official, of whom nobody is told."""
    people = [
        IdentityPerson("001099000017", "Nguyễn Văn An", "0912000017", "an@example.test", "001099000017"),
        IdentityPerson("079195000028", "Trần Thị Ngọc", "0912000028", None, "079195000028"),
    ]
    with identity.units() as uow:
        for person in people:
            account = accounts.open(uow, "citizen", person, "hash", assurance="medium")
            uow.emit(accounts.as_told(uow, AccountRegistered, account, person))
        official = IdentityPerson("canbo", "Lê Thị Lan", "0912000039")
        accounts.open(uow, "official", official, "hash", assurance="medium", agency=A, roles=["handler"])
    return [event.account for event in identity.announced(AccountRegistered)]


def send_dossiers(dossier: ServiceUnderTest, applicants: Sequence[UUID]) -> None:
    """One in each of the states that others tell apart, and a draft."""
    for code in (A, B):
        dossier.hear(agency(code))
    dossier.hear(procedure())
    an, other = (Person(dossier, account, dossier.as_citizen(account)) for account in applicants)
    desk = Desk(dossier, dossier.as_official(A))
    an.ready()
    codes = {name: an.submitted() for name in ("submitted", "accepted", "refused", "given", "withdrawn")}
    codes["elsewhere"] = other.submitted(B)
    steps = {
        "accepted": ["accept"],
        "refused": ["refuse"],
        "given": ["accept", "forward", "finish", "hand-over"],
        "withdrawn": ["close-withdrawal"],
    }
    assert an.call("POST", f"/dossiers/{codes['withdrawn']}/withdrawal", {"reason": "x"}).status_code < 300
    for name, actions in steps.items():
        for action in actions:
            dossier.clock.move(timedelta(minutes=1))
            assert desk.decide(codes[name], action, "lý do").status_code == 201


def rows(sut: ServiceUnderTest, table: Table, *columns: str, sealed: tuple[str, ...] = ()) -> list[Row]:
    """`sealed`: columns under a person's data key, whose id is in the first column."""
    with sut.units() as uow:
        found = []
        for row in uow.session.execute(select(*(table.c[name] for name in (*columns, *sealed)))):
            opened = [box and uow.reveal(row[0], box) for box in row[len(columns) :]]
            found.append((*row[: len(columns)], *opened))
        return sorted(found, key=repr)


def copies_of_dossier(sut: ServiceUnderTest) -> Copies:
    """All but `sequence`, which is the snapshot's own."""
    t = dossier_tables
    return {
        "procedures": rows(sut, t.procedures, "code", "version", "published"),
        "agencies": rows(sut, t.agencies, "code", "account", "name"),
        "calendar": rows(sut, t.calendar_years, "year", "days"),
        "applicants": rows(sut, t.applicants, "account", "kind", "assurance", sealed=("profile",)),
    }


def copies_of_notify(sut: ServiceUnderTest) -> Copies:
    t = notify_tables
    return {
        "contacts": rows(sut, t.contacts, "person", "language", sealed=("phone", "email")),
        "agencies": [
            row for row in rows(sut, t.agencies, "code", "name_vi", "name_en") if row[1] is not None
        ],
    }


def copies_of_feedback(sut: ServiceUnderTest) -> Copies:
    t = feedback_tables
    return {
        "dossiers": rows(sut, t.dossiers, "code", "agency", "owner", "closed_at", "rated_at"),
        "agencies": rows(sut, t.agencies, "code", "name", "name_en"),
    }


COPIES = {"dossier": copies_of_dossier, "notify": copies_of_notify, "feedback": copies_of_feedback}
each_subscriber = pytest.mark.parametrize("name", COPIES)


@each_subscriber
def test_a_subscriber_that_lost_its_database_has_from_snapshots_the_copies_it_had(
    stage: Stage, name: str
) -> None:
    before, anew = stage.start(name), stage.start(name)
    tell(before, stage.news())
    tell(anew, stage.snapshots())
    had, has = COPIES[name](before), COPIES[name](anew)
    for table, expected in had.items():
        assert expected, table
        assert has[table] == expected, table


def test_the_stage_has_what_is_hard_to_tell_again(stage: Stage) -> None:
    """Otherwise the test above would show little."""
    dossier, notify, feedback = (stage.start(name) for name in COPIES)
    for subscriber in (dossier, notify, feedback):
        tell(subscriber, stage.news())
    had = copies_of_dossier(dossier)
    versions = [row[:2] for row in had["procedures"]]
    assert (len(versions), len({code for code, _ in versions})) == (20, 19)
    assert (2030, []) in had["calendar"]
    assert len(had["applicants"]) == 2
    assert any(email for *_, email in copies_of_notify(notify)["contacts"])
    closed = [row[3] for row in copies_of_feedback(feedback)["dossiers"]]
    assert (len(closed), closed.count(None)) == (6, 3)


@each_subscriber
def test_snapshots_change_nothing_for_who_has_everything(stage: Stage, name: str) -> None:
    subscriber = stage.start(name)
    tell(subscriber, stage.news())
    had = COPIES[name](subscriber)
    tell(subscriber, [*stage.snapshots(), *stage.snapshots()])
    assert COPIES[name](subscriber) == had


def test_no_applicant_is_told_of_a_snapshot(stage: Stage) -> None:
    notify = stage.start("notify")
    tell(notify, stage.news())
    told = [rows(notify, t, "id") for t in (notify_tables.notifications, notify_tables.deliveries)]
    assert all(told)
    tell(notify, stage.snapshots())
    assert [rows(notify, t, "id") for t in (notify_tables.notifications, notify_tables.deliveries)] == told


def test_an_agency_gets_the_state_of_its_dossiers_only_and_nothing_sealed(stage: Stage) -> None:
    notify = stage.start("notify")
    tell(notify, stage.snapshots())
    log = rows(notify, notify_tables.agency_log, "agency", "position", "event")
    assert [row[:2] for row in log] == [(A, n) for n in range(1, 6)] + [(B, 1)]
    desks = {code: Desk(stage.dossier, stage.dossier.as_official(code)) for code in (A, B)}
    for code, position, event in log:
        data = event["data"]
        assert (event["type"], event["position"]) == ("motcua.dossier.snapshot.v1", position)
        assert "reason" not in data
        shown = desks[code].read(data["code"])
        assert (data["agency"], data["status"], data["version"]) == (code, shown["status"], shown["version"])


def test_an_account_whose_key_was_destroyed_is_told_of_no_more(start: Start) -> None:
    identity = start("identity")
    gone, kept = open_accounts(identity)
    with identity.units() as uow:
        personal.erase(uow.session, gone)
    (step,) = snapshots.walk(identity.units, identity.service.snapshots)
    assert (step.seen, step.recorded) == (2, 1)
    assert [event.account for event in identity.announced(AccountSnapshot)] == [kept]


def test_what_agencies_are_called_now_is_what_procedures_say_again(start: Start) -> None:
    catalog, dossier = start("catalog", seeded=True), start("dossier")
    renamed = next(iter(files.seed_agencies()))
    with catalog.units() as uow:
        publishing.publish(uow, [replace(renamed, name=Name("Tên mới", "New name"))])
    assert list(snapshots.walk(catalog.units, catalog.service.snapshots))
    tell(dossier, [event for event in told_by(catalog) if "snapshot" in event.message.type])
    agencies = [
        agency
        for _, _, published in copies_of_dossier(dossier)["procedures"]
        for agency in published["agencies"]
    ]
    assert {agency["name"]["en"] for agency in agencies if agency["code"] == renamed.code} == {"New name"}
