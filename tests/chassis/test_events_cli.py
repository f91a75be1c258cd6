"""`motcua events`, on the databases of two real services."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, insert, select, update

from chassis import epoch, partitions
from chassis import service as services
from chassis.cli import main
from chassis.db import new_id
from chassis.events.printing import short
from chassis.tables import outbox, parking, subscriptions
from chassis.testing import ServiceUnderTest, delivery
from chassis.unit_of_work import UnitOfWork
from contracts.catalog import AgencyPublished
from contracts.event import Name
from contracts.identity import CodeRequested
from services.notify.adapters import Ports

Run = Callable[..., Result]
TYPE = AgencyPublished.type


@pytest.fixture
def notify(postgres_url: str) -> Iterator[ServiceUnderTest]:
    with ServiceUnderTest.started("notify", postgres_url, ports=Ports(), at=datetime.now(UTC)) as sut:
        yield sut


@pytest.fixture
def catalog(postgres_url: str) -> Iterator[ServiceUnderTest]:
    with ServiceUnderTest.started("catalog", postgres_url, at=datetime.now(UTC)) as sut:
        yield sut


@pytest.fixture
def run(notify: ServiceUnderTest, catalog: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`motcua events <arguments>` where two of five databases can be reached."""
    for name in services.names():
        monkeypatch.delenv(f"{name.upper()}_DATABASE_URL", raising=False)
    urls = {f"{s.service.name.upper()}_DATABASE_URL": s.settings.database_url for s in (notify, catalog)}
    return lambda *given, **env: CliRunner().invoke(main, ["events", *given], env=urls | env)


def agency(code: str) -> AgencyPublished:
    return AgencyPublished(code=code, name=Name(f"Cơ quan {code}", f"Agency {code}"), level="commune")


def announce(catalog: ServiceUnderTest, *codes: str) -> list[UUID]:
    with catalog.units() as uow:
        for code in codes:
            uow.emit(agency(code))
        rows = uow.session.execute(select(outbox.c.event_id).order_by(outbox.c.position)).scalars()
        return list(rows)[-len(codes) :]


def sent(catalog: ServiceUnderTest, event_id: UUID, position: int) -> None:
    with catalog.units() as uow:
        marked = {"sent_at": uow.now(), "log_position": position}
        uow.session.execute(update(outbox).where(outbox.c.event_id == event_id).values(marked))


def park(notify: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, *codes: str) -> list[UUID]:
    """Events that notify could not handle, because of a mistake in it that is mended since."""

    def fail(_uow: UnitOfWork, _event: AgencyPublished) -> None:
        raise ValueError("the names are missing")

    monkeypatch.setattr("services.notify.commands.agency_log.name_agency", fail)
    events = [delivery(agency(code), notify.clock.now, n) for n, code in enumerate(codes, start=1)]
    notify.consumer.handle(events)
    monkeypatch.undo()
    return [each.message.id for each in events]


def worker_tries(notify: ServiceUnderTest) -> int:
    notify.clock.now = datetime.now(UTC)
    return notify.retry_parked()


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


class TestTail:
    def test_the_newest_of_all_services_come_last_and_say_whether_they_were_sent(
        self, run: Run, catalog: ServiceUnderTest
    ) -> None:
        first, second = announce(catalog, "H01", "H02")
        sent(catalog, first, 1)
        result = run("tail")
        assert result.exit_code == 0, result.output
        one, two = result.output.splitlines()
        assert "catalog.agency-published.v1" in one
        assert "sent 1" in one
        assert str(second) in two
        assert "not sent" in two

    def test_json_is_an_object_a_line_and_lines_and_type_narrow_it(
        self, run: Run, catalog: ServiceUnderTest
    ) -> None:
        ids = announce(catalog, *(f"H{n:02}" for n in range(1, 8)))
        found = lines(run("tail", "catalog", "-n", "3", "-o", "json", "--type", TYPE))
        assert found == lines(run("tail", "catalog", "-n", "3", "-o", "json", "--type", short(TYPE)))
        assert [each["event_id"] for each in found] == [str(id) for id in ids[-3:]]
        assert found[0]["data"]["code"] == "H05"  # type: ignore[index]
        assert lines(run("tail", "-o", "json", "--type", "motcua.toy.none.v1")) == []

    def test_following_tells_each_event_once_it_is_sent_in_the_order_of_the_log(
        self, run: Run, catalog: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        a, b, c = announce(catalog, "H01", "H02", "H03")
        sent(catalog, a, 1)
        turns = [lambda: sent(catalog, c, 2), lambda: sent(catalog, b, 3), lambda: None]

        def instead_of_sleeping(_seconds: float) -> None:
            if not turns:
                raise KeyboardInterrupt
            turns.pop(0)()

        monkeypatch.setattr("chassis.events.tail.time.sleep", instead_of_sleeping)
        found = lines(run("tail", "--follow", "-n", "0", "-o", "json"))
        assert [(each["event_id"], each["log_position"]) for each in found] == [(str(c), 2), (str(b), 3)]

    def test_what_is_sealed_is_not_shown(self, run: Run, catalog: ServiceUnderTest) -> None:
        code = CodeRequested(
            request=uuid4(),
            purpose="login",
            language="vi",
            phone=catalog.sealed("0912000017", "notify"),
            code=catalog.sealed("123456", "notify"),
            expires_at=catalog.clock.now,
        )
        with catalog.units() as uow:
            uow.emit(code)
            (id,) = uow.session.execute(select(outbox.c.event_id)).scalars()
        for output in (run("tail", "-o", "json").output, run("show", str(id)).output):
            assert "(sealed)" in output
            assert code.code.box not in output


class TestShow:
    def test_an_event_is_found_wherever_it_is(
        self, run: Run, catalog: ServiceUnderTest, notify: ServiceUnderTest
    ) -> None:
        (id,) = announce(catalog, "H01")
        sent(catalog, id, 7)
        with catalog.units() as uow:
            for queue, handled, filled in (("notify.events", 3, 5), ("dossier.events", 7, None)):
                row = {"queue": queue, "type": TYPE, "handled": handled, "filled": filled}
                uow.session.execute(insert(subscriptions).values(row))
        with notify.units() as uow:
            row = {"event_id": id, "handler": "name_agency", "subject": "H01", "sequence": 1, "type": TYPE}
            more = {"body": "{}", "error": "ValueError: no", "attempts": 20, "parked_at": uow.now()}
            uow.session.execute(insert(parking).values(row | more))
        shown = run("show", str(id))
        assert shown.exit_code == 0, shown.output
        for words in ("position 7 of its log", "being filled again, so far to position 5", "handled\n"):
            assert words in shown.output, words
        assert "given up after 20 tries: ValueError: no" in shown.output
        found = json.loads(run("show", str(id), "-o", "json").output)
        assert found["looked_at"] == ["catalog", "notify"]
        assert found["found"]["notify"]["parked"][0]["handler"] == "name_agency"

    def test_an_event_nobody_knows_is_exit_code_1(self, run: Run) -> None:
        result = run("show", str(new_id()))
        assert (result.exit_code, "catalog, notify knows" in result.output) == (1, True)


class TestRetry:
    def test_what_is_parked_is_listed_with_its_reason_and_what_waits_behind_it(
        self, run: Run, notify: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = park(notify, monkeypatch, "H01", "H01")
        result = run("parked")
        assert result.exit_code == 0
        assert "ValueError: the names are missing" in result.output
        assert f"waits behind {first}" in result.output
        (one, two) = json.loads(run("parked", "notify", "-o", "json").output)["parked"]
        assert (one["event_id"], two["event_id"], two["behind"]) == (str(first), str(second), str(first))

    def test_what_was_given_up_is_exit_code_1_until_it_is_retried(
        self, run: Run, notify: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (id,) = park(notify, monkeypatch, "H01")
        with notify.units() as uow:
            uow.session.execute(update(parking).values(next_try_at=None, attempts=20))
        assert notify.retry_parked() == 0
        assert run("parked").exit_code == 1
        assert run("retry", str(id)).output == f"notify name_agency {id}: due now\n"
        assert worker_tries(notify) == 1
        assert run("parked").output == "Nothing is parked.\n"

    @pytest.mark.parametrize(("mended", "word", "code"), [(True, "handled", 0), (False, "failed again", 1)])
    def test_waiting_tells_what_became_of_it(
        self,
        run: Run,
        notify: ServiceUnderTest,
        monkeypatch: pytest.MonkeyPatch,
        mended: bool,
        word: str,
        code: int,
    ) -> None:
        (id,) = park(notify, monkeypatch, "H01")

        def fail(*_: object) -> None:
            raise ValueError("again")

        if not mended:
            monkeypatch.setattr("services.notify.commands.agency_log.name_agency", fail)
        monkeypatch.setattr("chassis.events.parked.time.sleep", lambda _: worker_tries(notify))
        result = run("retry", str(id), "--wait")
        assert (result.exit_code, word in result.output) == (code, True), result.output

    def test_without_a_worker_waiting_ends_and_says_so(
        self, run: Run, notify: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        park(notify, monkeypatch, "H01")
        monkeypatch.setattr("chassis.events.parked.WAIT_SECONDS", 0)
        result = run("retry", "--all", "--wait")
        assert (result.exit_code, "is the worker running?" in result.output) == (1, True)

    def test_what_somebody_took_out_is_not_told_to_be_handled(
        self, run: Run, notify: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        park(notify, monkeypatch, "H01")

        def take_out(_seconds: float) -> None:
            with notify.units() as uow:
                uow.session.execute(delete(parking))

        monkeypatch.setattr("chassis.events.parked.time.sleep", take_out)
        result = run("retry", "--all", "--wait")
        assert (result.exit_code, "not handled" in result.output) == (1, True), result.output

    def test_only_what_was_named_is_made_due(
        self, run: Run, notify: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ids = park(notify, monkeypatch, "H01", "H02")
        later = notify.clock.now + timedelta(days=1)
        with notify.units() as uow:
            uow.session.execute(update(parking).values(next_try_at=later))
        assert run("retry", "--handler", "keep_contact").exit_code == 1
        assert run("retry", str(ids[1]), "--service", "notify").exit_code == 0
        with notify.units() as uow:
            waiting = select(parking.c.event_id).where(parking.c.next_try_at == later)
            assert list(uow.session.execute(waiting).scalars()) == [ids[0]]

    @pytest.mark.parametrize("given", [[], [str(uuid4()), "--all"]])
    def test_what_to_retry_must_be_said_and_said_once(self, run: Run, given: list[str]) -> None:
        assert run("retry", *given).exit_code == 2


class TestPrune:
    def test_months_past_their_time_go_and_what_must_stay_is_exit_code_1(
        self, run: Run, catalog: ServiceUnderTest
    ) -> None:
        (id,) = announce(catalog, "H01")
        partitions.make_ahead(catalog.units)
        assert run("prune", "--older-than", "30d").output == "Nothing is past its time.\n"
        catalog.clock.move(-timedelta(days=200))
        partitions.make_ahead(catalog.units)
        assert run("prune", "--older-than", "30d", "--dry-run").output.count("would go") >= 2
        kept = run("prune", "--older-than", "0")
        assert "gone" in kept.output
        assert kept.exit_code == 0
        assert str(id) in run("tail", "-o", "json").output

    @pytest.mark.parametrize("age", ["90h", "-1", "soon"])
    def test_an_age_is_in_days(self, run: Run, age: str) -> None:
        assert run("prune", "--older-than", age).exit_code == 2


def test_exit_codes_tell_a_database_that_is_away_from_one_that_is_not_set(run: Run) -> None:
    away = {"NOTIFY_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    for given in (["tail"], ["show", str(new_id())], ["parked"], ["retry", "--all"], ["prune"]):
        assert run(*given, **away).exit_code == 75, given
    assert run("tail", "dossier").exit_code == 2
    nowhere = {"NOTIFY_DATABASE_URL": "", "CATALOG_DATABASE_URL": ""}
    assert run("tail", **nowhere).exit_code == 2


def test_files_that_were_put_back_are_said_to_be_a_new_epoch(run: Run, notify: ServiceUnderTest) -> None:
    with notify.units() as uow:
        before = epoch.current(uow.session)
        assert epoch.to_resume(uow) is None
    said = run("new-epoch", "notify", "-o", "json")
    assert said.exit_code == 0, said.output
    with notify.units() as uow:
        now = epoch.current(uow.session)
        resumed = epoch.to_resume(uow)
    assert json.loads(said.output) == {"service": "notify", "epoch": now}
    assert now != before
    assert resumed is not None
    assert run("new-epoch", "identity").exit_code == 2
