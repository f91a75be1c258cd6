"""How many connections all processes together may open, as `motcua doctor` counts them."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
from sqlalchemy.exc import TimeoutError as PoolIsEmpty

from chassis import service as services
from chassis import worker
from chassis.doctor import budget
from chassis.testing import test_settings
from tests.chassis.installed import Doctor, command
from tests.chassis.toys import eventually

EACH = 11
"""Connections of one process: a pool of ten, and one beside it."""


@contextmanager
def held(url: str, application: str, number: int) -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(number):
            stack.enter_context(psycopg.connect(url, application_name=application))
        yield


def of_server(found: dict[str, str]) -> str:
    (what,) = (what for where, what in found.items() if where.startswith("server "))
    return what


def test_one_process_opens_as_many_as_it_is_counted_for_and_no_more(doctor: Doctor) -> None:
    url = doctor.settings["FEEDBACK_DATABASE_URL"]
    units = worker.open_units(services.load("feedback"), test_settings("feedback", url), "api")
    units.engine.pool._timeout = 0.1  # type: ignore[attr-defined]
    pool = units.settings.pool_size

    def are_open() -> bool:
        with psycopg.connect(url) as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE application_name IN ('feedback-api', 'motcua-wake') AND datname = current_database()"
            ).fetchone()
        return row == (pool + budget.BESIDE,)

    with ExitStack() as stack:
        stack.callback(units.engine.dispose)
        for _ in range(pool):
            stack.enter_context(units.engine.connect())
        units._after_commit()
        with pytest.raises(PoolIsEmpty):
            units.engine.connect()
        eventually(are_open)


def test_the_sum_is_over_all_services_of_a_server_and_what_is_open_now_is_shown(doctor: Doctor) -> None:
    with held(doctor.settings["DOSSIER_DATABASE_URL"], "dossier-worker", 3):
        seen = doctor.examine()
    assert re.match(
        rf"{5 * 2 * EACH} connections may be opened at once, it has 297;", of_server(seen.found("well"))
    )
    said = {each["where"]: each["what"] for each in seen.groups["Connections"]}
    assert said["dossier"] == f"api 1 × {EACH}, worker 1 × {EACH}; open now: worker 3"
    assert said["catalog"].endswith("open now: none")


def test_web_workers_multiply_the_api_only(doctor: Doctor) -> None:
    seen = doctor.examine(WEB_WORKERS="3")
    assert of_server(seen.found("well")).startswith(f"{5 * (3 + 1) * EACH} connections ")


def test_more_replicas_than_the_server_has_connections_for_are_wrong(doctor: Doctor) -> None:
    seen = doctor.examine("--replicas", "dossier-api=500", "--replicas", "dossier-worker=3")
    most = (500 + 3 + 8) * EACH
    assert seen.code == 1
    assert of_server(seen.found("wrong")).startswith(f"{most} connections may be opened at once, it has 297:")


def test_what_is_said_to_mend_it_mends_it(doctor: Doctor) -> None:
    many = ("--replicas", "dossier-api=20")
    seen = doctor.examine(*many)
    (where,) = (each for each in seen.found("wrong") if each.startswith("server"))
    pool, threads = re.findall(r"DATABASE_POOL_SIZE to (\d+) and WEB_THREADS to (\d+)", seen.mend(where))[0]
    mended = doctor.examine(*many, DATABASE_POOL_SIZE=pool, WEB_THREADS=threads)
    assert (mended.code, mended.found("warning")) == (0, {})
    more = int(re.findall(r"max_connections by (\d+)", seen.mend(where))[0])
    most = (20 + 9) * EACH
    assert most <= (297 + more) * budget.ROOM


def test_what_leaves_no_room_for_commands_is_a_warning(doctor: Doctor) -> None:
    seen = doctor.examine("--replicas", "dossier-api=16")
    assert seen.code == 0
    assert "little is left" in of_server(seen.found("warning"))


def test_replicas_may_be_a_setting_and_options_come_first(doctor: Doctor) -> None:
    by_setting = doctor.examine(MOTCUA_REPLICAS="dossier-api=2, notify-worker=3")
    assert of_server(by_setting.found("well")).startswith(f"{(10 + 1 + 2) * EACH} connections ")
    by_option = doctor.examine("--replicas", "dossier-api=3", MOTCUA_REPLICAS="dossier-api=500")
    assert of_server(by_option.found("well")).startswith(f"{(10 + 2) * EACH} connections ")


@pytest.mark.parametrize("wrong", ["dossier=3", "dossier-api", "dossier-api=many", "shop-api=2"])
def test_replicas_of_what_does_not_run_are_wrong_use(doctor: Doctor, wrong: str) -> None:
    result = doctor.run("--replicas", wrong)
    assert (result.exit_code, wrong.partition("=")[0] in result.output) == (2, True)


def test_a_role_that_may_open_fewer_than_its_processes_want_is_wrong(
    doctor: Doctor, postgres_url: str
) -> None:
    role = doctor.database("notify")
    command(postgres_url, f"ALTER ROLE {role} CONNECTION LIMIT 15")
    try:
        seen = doctor.examine()
        assert seen.found("wrong")["notify"] == f"may open 22 connections, and ROLE {role} is limited to 15"
        command(postgres_url, seen.mend("notify"))
        assert doctor.examine().found("wrong") == {}
    finally:
        command(postgres_url, f"ALTER ROLE {role} CONNECTION LIMIT -1")


def test_more_processes_than_were_told_of_show_in_what_is_open(doctor: Doctor) -> None:
    with held(doctor.settings["DOSSIER_DATABASE_URL"], "dossier-api", 12):
        seen = doctor.examine()
        told = doctor.examine("--replicas", "dossier-api=2")
    assert "has 12 open, more than the 10" in seen.found("warning")["dossier"]
    assert "dossier" not in told.found("warning")


def test_services_whose_databases_did_not_answer_are_not_counted_and_it_is_said(doctor: Doctor) -> None:
    seen = doctor.examine(CATALOG_DATABASE_URL="postgresql://x@127.0.0.1:9/x")
    assert "are not counted" in seen.found("unseen")["catalog"]
    assert of_server(seen.found("well")).startswith(f"{4 * 2 * EACH} connections ")


def test_a_pool_smaller_than_the_threads_that_share_it_is_a_warning(doctor: Doctor) -> None:
    assert "for 8 threads" in doctor.examine(DATABASE_POOL_SIZE="8").found("warning")["DATABASE_POOL_SIZE"]
