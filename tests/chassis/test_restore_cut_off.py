"""`motcua restore` cut off anywhere: taken for whole by nobody, and done when run again."""

from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from chassis import health, migrate, worker
from chassis import service as services
from chassis.backup import facts, mark, programs
from chassis.exits import REFUSED
from chassis.testing import test_settings
from tests.chassis.saved import Installation, is_whole


def cut_off_after(number: int, module: ModuleType, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command ends as if killed, once that step of the module was done so many times."""
    do, left = getattr(module, step), [number]

    def some(*arguments: Any) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        do(*arguments)

    monkeypatch.setattr(module, step, some)


def test_cut_off_it_is_taken_for_whole_by_nobody_and_is_done_when_run_again(
    there: Installation, fresh: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        cut_off_after(2, programs, "run", cut)
        assert fresh.run("restore", str(folder)).exit_code != 0
    for name in services.names():
        for role in (["api", name], ["worker", name], ["migrate", name]):
            refused = fresh.run(*role, AMQP_URL="amqp://127.0.0.1:9")
            assert refused.exit_code == REFUSED, (role, refused.output)
            assert "run `motcua restore` again" in refused.output
    backed_up = fresh.run("backup", str(folder.with_name("another")))
    assert backed_up.exit_code == REFUSED
    assert fresh.run("restore", str(folder)).exit_code == 0
    assert is_whole(fresh, there)


def test_a_process_that_lives_on_is_served_nothing_half_put_back(
    fresh: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no session when others are looked for: its database was dropped under it."""
    settings = test_settings("dossier", fresh.url("dossier"))
    units = worker.open_units(services.load("dossier"), settings, "api")
    app, answered = Flask("api"), []
    health.add(app, units.engine)
    move = mark.move

    def ask(connection: Any, state: str) -> None:
        answered.append(app.test_client().get("/readyz").status_code)
        move(connection, state)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(mark, "move", ask)
        assert fresh.run("restore", str(folder)).exit_code == 0
    assert set(answered) == {503}
    assert app.test_client().get("/readyz").status_code == 200
    units.engine.dispose()


def test_who_connected_before_the_mark_was_there_is_found(
    fresh: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, came = mark.begin, []

    def late(connection: Any, backup: UUID) -> None:
        came.append(psycopg.connect(fresh.url("notify"), application_name="notify-api"))
        begin(connection, backup)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(mark, "begin", late)
        done = fresh.run("restore", str(folder))
    for connection in came:
        connection.close()
    assert done.exit_code == REFUSED
    assert "sessions of notify-api are connected" in done.output
    assert fresh.tables("notify") == {facts.MARK}


def test_cut_off_while_the_last_marks_go_it_is_done_when_run_again(
    there: Installation, fresh: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        cut_off_after(2, mark, "remove", cut)
        assert fresh.run("restore", str(folder)).exit_code != 0
    assert not is_whole(fresh, there)
    assert fresh.run("restore", str(folder)).exit_code == 0
    assert is_whole(fresh, there)


@pytest.mark.parametrize(("gone", "number"), [("dossier", 0), (services.names()[0], 1)])
def test_a_database_made_anew_while_the_last_marks_go_is_put_back_again(
    there: Installation,
    fresh: Installation,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    gone: str,
    number: int,
) -> None:
    with monkeypatch.context() as cut:
        cut_off_after(number, mark, "remove", cut)
        assert fresh.run("restore", str(folder)).exit_code != 0
    make_anew(fresh, gone)
    with monkeypatch.context() as cut:
        cut.setattr(migrate, "apply", interrupted)
        assert fresh.run("restore", str(folder)).exit_code != 0
    assert fresh.rows(gone, "SELECT state FROM being_restored") == [(mark.READ_IN,)]
    assert fresh.run("restore", str(folder)).exit_code == 0
    assert is_whole(fresh, there)
    assert len(fresh.rows(gone, "SELECT epoch FROM epochs")) == 1


def test_a_database_made_anew_beside_ones_that_may_be_in_use_is_refused(
    fresh: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        cut_off_after(2, mark, "remove", cut)
        assert fresh.run("restore", str(folder)).exit_code != 0
    last = services.names()[-1]
    make_anew(fresh, last)
    done = fresh.run("restore", str(folder))
    assert done.exit_code == REFUSED
    assert f"{services.names()[0]}: its database holds tables" in done.output
    assert fresh.tables(last) == set()


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def make_anew(fresh: Installation, service: str) -> None:
    server, _, database = fresh.url(service).rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)'.encode())
        connection.execute(f'CREATE DATABASE "{database}"'.encode())


def test_one_that_was_begun_is_not_mixed_with_another(
    there: Installation, fresh: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = folder.with_name("other")
    assert there.run("backup", str(other)).exit_code == 0
    with monkeypatch.context() as cut:
        cut_off_after(2, programs, "run", cut)
        fresh.run("restore", str(folder))
    done = fresh.run("restore", str(other))
    assert done.exit_code == REFUSED
    assert "the restore of another backup" in done.output
