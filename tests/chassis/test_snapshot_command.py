"""`motcua events snapshot`, as a shell runs it."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result

from chassis import snapshots
from chassis.cli import main
from chassis.testing import ServiceUnderTest, settings_environment
from contracts.catalog import AgencySnapshot, CalendarSnapshot, ProcedureSnapshot

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def catalog(postgres_url: str) -> Iterator[ServiceUnderTest]:
    with ServiceUnderTest.started("catalog", postgres_url, at=MONDAY, seeded=True) as sut:
        yield sut


@pytest.fixture
def environment(catalog: ServiceUnderTest) -> dict[str, str]:
    """Without AMQP_URL: that the broker is away does not matter."""
    more = {"JWKS_URL": "http://127.0.0.1:9", "PUBLIC_URL": "http://127.0.0.1:8000"}
    return settings_environment(catalog.settings) | more


def run(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(main, ["events", "snapshot", *arguments], env=environment)


def told(catalog: ServiceUnderTest) -> dict[str, int]:
    kinds: Any = (AgencySnapshot, CalendarSnapshot, ProcedureSnapshot)
    return {kind.__name__: len(catalog.announced(kind)) for kind in kinds}


def test_everything_is_recorded_and_counted(catalog: ServiceUnderTest, environment: dict[str, str]) -> None:
    result = run(environment, "catalog", "-o", "json")
    assert result.exit_code == 0, result.output
    counts = told(catalog)
    assert counts["ProcedureSnapshot"] == 19
    assert all(counts.values())
    total = sum(counts.values())
    assert json.loads(result.stdout) == {"service": "catalog", "seen": total, "recorded": total}


def test_a_part_can_be_asked_for(catalog: ServiceUnderTest, environment: dict[str, str]) -> None:
    result = run(environment, "catalog", "--only", "procedure/1.001193")
    assert result.exit_code == 0, result.output
    assert told(catalog) == {"AgencySnapshot": 0, "CalendarSnapshot": 0, "ProcedureSnapshot": 1}
    assert "1 snapshots recorded" in result.stdout


def test_no_more_are_recorded_in_a_second_than_wanted(environment: dict[str, str]) -> None:
    begun = time.monotonic()
    result = run(environment, "catalog", "--only", "procedure/", "--rate", "19", "-o", "json")
    assert json.loads(result.stdout)["recorded"] == 19
    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize(
    "arguments",
    [["catalog", "--rate", "0"], ["notify"], ["nobody"], [], ["catalog", "--after", "elsewhere:1"]],
    ids=str,
)
def test_wrong_use_is_told_apart(environment: dict[str, str], arguments: list[str]) -> None:
    assert run(environment, *arguments).exit_code == 2


def test_a_database_that_is_away_is_told_apart(environment: dict[str, str]) -> None:
    gone = {"CATALOG_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    result = run(environment | gone, "catalog")
    assert result.exit_code == 75
    assert "Go on: motcua events snapshot catalog" in result.stderr


def test_broken_off_it_says_where_to_go_on_and_from_there_the_rest_is_told(
    catalog: ServiceUnderTest, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = snapshots.walk

    def cut(*arguments: Any) -> Iterator[snapshots.Step]:
        yield next(whole(*arguments))
        raise KeyboardInterrupt

    monkeypatch.setattr(snapshots, "walk", cut)
    result = run(environment, "catalog")
    assert result.exit_code == 1
    _, _, place = result.stderr.partition("--after ")
    agencies = told(catalog)["AgencySnapshot"]
    assert place.startswith("agency:")
    monkeypatch.setattr(snapshots, "walk", whole)
    assert run(environment, "catalog", "--after", place.split()[0]).exit_code == 0
    assert told(catalog)["AgencySnapshot"] == agencies
    assert told(catalog)["ProcedureSnapshot"] == 19
