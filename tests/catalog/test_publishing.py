"""What is announced when, and what an operator's command says."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from chassis import relay
from chassis.testing import ServiceUnderTest, settings_environment
from contracts.catalog import AgencyPublished, CalendarPublished, ProcedurePublished
from services.catalog.adapters import files
from services.catalog.cli import catalog as commands
from services.catalog.commands import publishing

BIRTH = files.DATA / "procedures" / "1.001193.toml"
Run = Callable[..., Result]


@pytest.fixture
def run(catalog: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`motcua catalog ...` on the seeded catalogue."""
    environment = settings_environment(catalog.settings)
    environment |= {"JWKS_URL": catalog.settings.jwks_url, "PUBLIC_URL": catalog.settings.public_url}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(commands, [str(argument) for argument in arguments])


def changed(tmp_path: Path, *replacements: tuple[str, str], source: Path = BIRTH) -> Path:
    content = source.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in content
        content = content.replace(old, new, 1)
    path = tmp_path / source.name
    path.write_text(content, encoding="utf-8")
    return path


RENAMED = ('vi = "Đăng ký khai sinh", en = "Birth registration"', 'vi = "Khai sinh", en = "Register a birth"')


def procedure(catalog: ServiceUnderTest, path: str) -> Any:
    return catalog.client.get(f"/api/v1/procedures/{path}").json


def test_seeding_announces_everything_once(catalog: ServiceUnderTest) -> None:
    agencies = catalog.announced(AgencyPublished)
    procedures = catalog.announced(ProcedurePublished)
    (calendar,) = catalog.announced(CalendarPublished)
    assert {agency.code for agency in agencies} >= {"H01", "G01", "H55.24", "H55.242"}
    assert {p.code for p in procedures} == {p.code for p in files.seed_procedures()}
    assert {p.version for p in procedures} == {1}
    assert calendar.year == 2026
    with catalog.units() as uow:
        assert catalog.service.seed is not None
        catalog.service.seed(uow)
    assert catalog.announced(AgencyPublished) == agencies
    assert catalog.announced(ProcedurePublished) == procedures
    assert catalog.announced(CalendarPublished) == [calendar]


def test_an_announced_procedure_is_what_the_api_shows(catalog: ServiceUnderTest) -> None:
    for event in catalog.announced(ProcedurePublished):
        shown = procedure(catalog, event.code)
        assert shown["form"] == {"schema": event.form.schema, "layout": event.form.layout}
        assert [agency["code"] for agency in shown["agencies"]] == [agency.code for agency in event.agencies]
        assert [document["id"] for document in shown["documents"]] == [d.id for d in event.documents]
        assert (shown["event"], shown["assurance"]) == (event.event, event.assurance)


def test_the_calendar_of_2026_is_the_governments(catalog: ServiceUnderTest) -> None:
    (calendar,) = catalog.announced(CalendarPublished)
    off = [f"{day.day:%d/%m}" for day in calendar.days if not day.worked]
    assert (
        off == ("01/01 16/02 17/02 18/02 19/02 20/02 26/04 27/04 30/04 01/05 31/08 01/09 02/09 24/11").split()
    )
    assert [f"{day.day:%d/%m}" for day in calendar.days if day.worked] == ["22/08"]


def test_a_changed_procedure_is_a_new_version_and_the_old_one_stays(
    catalog: ServiceUnderTest, run: Run, tmp_path: Path
) -> None:
    before = procedure(catalog, "1.001193")
    result = run("publish", changed(tmp_path, RENAMED))
    assert (result.exit_code, result.output) == (0, "procedure/1.001193 version 2: published\n")
    assert catalog.announced(ProcedurePublished)[-1].version == 2
    assert procedure(catalog, "1.001193")["name"] == "Khai sinh"
    assert procedure(catalog, "1.001193")["version"] == 2
    assert procedure(catalog, "1.001193?version=1") == before
    listed = catalog.client.get("/api/v1/procedures?q=register+a+birth").get_json()
    assert [item["name_en"] for item in listed["items"]] == ["Register a birth"]


def test_unchanged_content_is_not_published_again(catalog: ServiceUnderTest, run: Run) -> None:
    announced = len(catalog.announced(ProcedurePublished))
    result = run("publish", BIRTH)
    assert (result.exit_code, result.output) == (0, "procedure/1.001193 version 1: unchanged\n")
    assert len(catalog.announced(ProcedurePublished)) == announced


def test_an_operator_may_go_back_to_what_was_before(
    catalog: ServiceUnderTest, run: Run, tmp_path: Path
) -> None:
    run("publish", changed(tmp_path, RENAMED))
    assert run("publish", BIRTH).output == "procedure/1.001193 version 3: published\n"
    assert procedure(catalog, "1.001193")["form"] == procedure(catalog, "1.001193?version=1")["form"]


def test_operators_who_publish_at_once_get_one_version_each(
    catalog: ServiceUnderTest, tmp_path: Path
) -> None:
    items = []
    for number in range(8):
        name = f'vi = "Khai sinh {number}", en = "Birth {number}"'
        items.append(files.read_any(changed(tmp_path, (RENAMED[0], name))))

    def publish(item: list[files.Publication]) -> None:
        with catalog.units() as uow:
            publishing.publish(uow, item)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(publish, items))
    versions = [event.version for event in catalog.announced(ProcedurePublished) if event.code == "1.001193"]
    assert versions == list(range(1, 10))


def test_an_operator_publishes_while_the_worker_runs(
    catalog: ServiceUnderTest, run: Run, tmp_path: Path
) -> None:
    with catalog.units.engine.connect() as worker:
        worker.execute(select(func.pg_advisory_lock(relay.LEADER_LOCK)))
        result = run("publish", changed(tmp_path, RENAMED))
    assert (result.exit_code, result.output) == (0, "procedure/1.001193 version 2: published\n")


def test_seeding_again_leaves_what_an_operator_has_published(
    catalog: ServiceUnderTest, run: Run, tmp_path: Path
) -> None:
    run("publish", changed(tmp_path, RENAMED))
    result = run("seed")
    assert (result.exit_code, result.output) == (0, "nothing new\n")
    assert procedure(catalog, "1.001193")["name"] == "Khai sinh"


def test_a_newer_product_publishes_what_it_has_changed(
    catalog: ServiceUnderTest, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (newer,) = files.read_any(changed(tmp_path, RENAMED))
    monkeypatch.setattr(files, "seed_procedures", lambda: [newer])
    assert run("seed").output == "procedure/1.001193 version 2: published\n"
    assert run("seed").output == "nothing new\n"


def test_a_published_version_can_not_be_changed_even_in_the_database(catalog: ServiceUnderTest) -> None:
    for statement in ("UPDATE procedure_versions SET version = 7", "DELETE FROM procedure_versions"):
        with pytest.raises(DBAPIError, match="never changes"), catalog.units() as uow:
            uow.session.execute(text(statement))


def test_agencies_and_a_years_calendar_are_published_from_files_too(
    catalog: ServiceUnderTest, run: Run, tmp_path: Path
) -> None:
    agencies = tmp_path / "new.toml"
    agencies.write_text(
        '[[agencies]]\ncode = "H26.9"\nlevel = "province"\nname = {vi = "Sở Tư pháp", en = "Justice"}\n'
        '[[agencies]]\ncode = "H01"\nlevel = "commune"\nname = { vi = "UBND phường mới", en = "New ward" }\n'
    )
    assert run("publish", agencies).output == "agency/H26.9: published\nagency/H01: published\n"
    assert run("publish", agencies).output == "agency/H26.9: unchanged\nagency/H01: unchanged\n"
    assert procedure(catalog, "1.001193")["agencies"][0]["name"] == "UBND phường mới"
    year = tmp_path / "2027.toml"
    year.write_text(
        'year = 2027\n[[days]]\nday = 2027-01-01\nworked = false\nreason = {vi = "Tết", en = "New Year"}\n'
    )
    assert run("publish", year).output == "calendar/2027: published\n"
    year.write_text("year = 2027\ndays = []\n")
    assert run("publish", year).output == "calendar/2027: published\n"
    assert run("publish", year).output == "calendar/2027: unchanged\n"
    assert [(c.year, len(c.days)) for c in catalog.announced(CalendarPublished)] == [
        (2026, 15),
        (2027, 1),
        (2027, 0),
    ]


def test_a_file_with_a_fault_publishes_nothing_and_names_the_place(
    catalog: ServiceUnderTest, run: Run, tmp_path: Path
) -> None:
    announced = len(catalog.announced(ProcedurePublished))
    result = run("publish", changed(tmp_path, RENAMED, ('widget = "text"', 'widget = "txt"')))
    assert result.exit_code == 1
    assert "1.001193.toml: Invalid enum value 'txt' - at `$.steps[0].fields[0].widget`" in result.output
    assert len(catalog.announced(ProcedurePublished)) == announced


def test_a_procedure_of_an_agency_nobody_knows_is_refused(
    catalog: ServiceUnderTest, run: Run, tmp_path: Path
) -> None:
    result = run("publish", changed(tmp_path, ('agencies = ["H01"', 'agencies = ["Z99"')))
    assert result.exit_code == 1
    assert "agency Z99 is not published yet" in result.output
    assert procedure(catalog, "1.001193")["version"] == 1


def test_checking_a_file_publishes_nothing(catalog: ServiceUnderTest, run: Run, tmp_path: Path) -> None:
    result = run("publish", "--check", changed(tmp_path, RENAMED))
    assert (result.exit_code, result.output) == (0, "1.001193.toml: right, nothing published\n")
    assert procedure(catalog, "1.001193")["version"] == 1


def test_a_file_that_is_not_there_is_wrong_use(run: Run) -> None:
    assert run("publish", "nowhere.toml").exit_code == 2


def test_an_empty_catalogue_answers_with_empty_lists(empty_catalog: ServiceUnderTest) -> None:
    answer = empty_catalog.client.get("/api/v1/procedures")
    assert answer.json == {"items": [], "next_cursor": None}
