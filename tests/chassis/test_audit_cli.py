"""`motcua audit`, on the databases of two real services."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import structlog
from click.testing import CliRunner, Result
from sqlalchemy import text

from chassis import audit
from chassis import service as services
from chassis.audit import anchoring
from chassis.cli import main
from chassis.testing import ServiceUnderTest, settings_environment

Run = Callable[..., Result]
WHOSE, WHO = uuid4(), audit.Actor("official", uuid4(), "H01", acted_for=uuid4())


@pytest.fixture
def catalog(postgres_url: str) -> Iterator[ServiceUnderTest]:
    with ServiceUnderTest.started("catalog", postgres_url) as sut:
        yield sut


@pytest.fixture
def feedback(postgres_url: str) -> Iterator[ServiceUnderTest]:
    with ServiceUnderTest.started("feedback", postgres_url) as sut:
        yield sut


@pytest.fixture
def run(catalog: ServiceUnderTest, feedback: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in services.names():
        monkeypatch.delenv(f"{name.upper()}_DATABASE_URL", raising=False)
    known = settings_environment(catalog.settings) | settings_environment(feedback.settings)
    return lambda *given, **more: CliRunner().invoke(main, ["audit", *given], env=known, **more)


def record(service: ServiceUnderTest, deed: str, whose: UUID | None = WHOSE, about: str = "") -> None:
    with service.units() as uow:
        audit.record(uow, WHO, deed, whose, about, {"n": 1})


def tamper(service: ServiceUnderTest, statement: str) -> None:
    with service.units.engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        connection.execute(text(statement))
        connection.execute(text("ALTER TABLE audit ENABLE TRIGGER USER"))


def test_a_log_that_is_whole_is_said_to_be(run: Run, catalog: ServiceUnderTest) -> None:
    record(catalog, "tested")
    done = run("verify")
    assert done.exit_code == 0, done.output
    assert "catalog whole, entries: 1, no heads to compare with" in done.output
    assert "feedback whole, entries: 0" in done.output


def test_what_was_changed_ends_with_1_and_says_where(
    run: Run, catalog: ServiceUnderTest, feedback: ServiceUnderTest
) -> None:
    record(catalog, "tested")
    record(feedback, "tested")
    tamper(feedback, "UPDATE audit SET whose = NULL")
    done = run("verify", "-o", "json")
    assert done.exit_code == 1
    found = json.loads(done.output)["services"]
    assert found["catalog"]["faults"] == []
    (fault,) = found["feedback"]["faults"]
    assert (fault["what"], fault["position"]) == ("changed", 1)
    assert "feedback changed: chain" in run("verify", "feedback").output
    assert run("verify", "catalog").exit_code == 0


def test_a_cut_tail_is_found_by_the_heads_that_were_kept(
    run: Run, catalog: ServiceUnderTest, tmp_path: Path
) -> None:
    record(catalog, "tested")
    kept = tmp_path / "heads"
    kept.write_text(run("heads").output)
    record(catalog, "tested later")
    assert "compared with 1 heads" in run("verify", "--heads", str(kept)).output
    tamper(catalog, "TRUNCATE audit")
    assert run("verify").exit_code == 0, "nothing in the database shows it"
    found = run("verify", "catalog", "--heads", str(kept))
    assert found.exit_code == 1
    assert "catalog cut: chain" in found.output
    assert "entry 1: the log ends at 0, but went on to 1: a log of 2" in found.output
    assert run("verify", "--heads", "-", input=kept.read_text()).exit_code == 1


def test_workers_tell_their_log_the_heads_once_for_each_change(run: Run, catalog: ServiceUnderTest) -> None:
    with structlog.testing.capture_logs() as lines:
        anchoring.tell(catalog.units)
        assert lines == [], "nothing was ever written"
        record(catalog, "tested")
        anchoring.tell(catalog.units)
        anchoring.tell(catalog.units)
        record(catalog, "tested")
        anchoring.tell(catalog.units)
    assert [line["event"] for line in lines] == [anchoring.TOLD] * 2
    written = json.dumps(dict(lines[-1]) | {"timestamp": "2026-11-27"})
    tamper(catalog, "DELETE FROM audit")
    assert run("verify", "--heads", "-", input=f"catalog-1 | {written}\nnot {{ json\n").exit_code == 1


def test_what_is_no_log_of_heads_is_passed_over(run: Run, catalog: ServiceUnderTest) -> None:
    record(catalog, "tested")
    given = 'audit heads {"event": "audit heads"}\n{"event": "audit heads", "heads": 3}\n\x00\n[]\n'
    assert run("verify", "--heads", "-", input=given).exit_code == 0


def test_a_table_that_was_altered_is_said_to_be(run: Run, postgres_url: str) -> None:
    with ServiceUnderTest.started("catalog", postgres_url, apart=True) as apart:
        record(apart, "tested")
        with apart.units.engine.begin() as connection:
            connection.execute(text("ALTER TABLE audit DROP COLUMN whose"))
        url = {"CATALOG_DATABASE_URL": apart.settings.database_url}
        known = settings_environment(apart.settings) | url
        done = CliRunner().invoke(main, ["audit", "verify", "catalog"], env=known)
    assert done.exit_code == 1
    assert "catalog unreadable" in done.output


def test_what_was_done_can_be_asked_for(
    run: Run, catalog: ServiceUnderTest, feedback: ServiceUnderTest
) -> None:
    record(catalog, "look-dossier", about="H01-1")
    catalog.clock.move(timedelta(seconds=5))
    feedback.clock.move(timedelta(seconds=9))
    record(feedback, "closed", whose=None)
    record(catalog, "look-file", whose=uuid4(), about="H01-2")

    def deeds(*given: str) -> list[str]:
        done = run("show", "-o", "json", *given)
        assert done.exit_code == 0, done.output
        return [entry["deed"] for entry in json.loads(done.output)["entries"]]

    assert deeds() == ["look-dossier", "look-file", "closed"]
    assert deeds("feedback") == ["closed"]
    assert deeds("--whose", str(WHOSE)) == ["look-dossier"]
    assert deeds("--deed", "look-") == ["look-dossier", "look-file"]
    assert deeds("--about", "H01-2") == ["look-file"]
    assert deeds("--by", str(uuid4())) == []
    assert deeds("--limit", "1") == ["closed"]
    assert deeds("--after", "2999-01-01") == []
    assert f"of {WHOSE}" in run("show").output


def test_without_the_index_key_nothing_is_verified(run: Run) -> None:
    done = CliRunner().invoke(main, ["audit", "verify", "notify"], env={"NOTIFY_DATABASE_URL": ""})
    assert done.exit_code == 2
