"""What `motcua doctor` finds in databases, each on a real PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from chassis import migrate
from chassis.doctor import databases
from tests.chassis.installed import Doctor, command, make_database


def fresh(postgres_url: str, encoding: str = "UTF8") -> str:
    return make_database(postgres_url, f"doctor_{uuid4().hex[:8]}", encoding)


@contextmanager
def changed(postgres_url: str, there: str, back: str) -> Iterator[None]:
    command(postgres_url, there)
    try:
        yield
    finally:
        command(postgres_url, back)


def test_a_database_that_was_never_migrated_says_with_which_command_to_do_so(
    doctor: Doctor, postgres_url: str
) -> None:
    seen = doctor.examine(DOSSIER_DATABASE_URL=fresh(postgres_url))
    assert (seen.code, seen.found("wrong")) == (1, {"dossier": "its database was never migrated"})
    assert seen.mend("dossier") == "motcua migrate dossier --seed"


def test_an_older_database_is_migrated_and_a_newer_one_needs_a_newer_program(
    doctor: Doctor, postgres_url: str
) -> None:
    url = fresh(postgres_url)
    migrate.upgrade("dossier", url)
    newest, older, *_ = migrate.revisions("dossier")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", [older])
        old = doctor.examine(DOSSIER_DATABASE_URL=url)
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        new = doctor.examine(DOSSIER_DATABASE_URL=url)
    assert old.found("wrong")["dossier"] == f"its database is at {older}, older than this program ({newest})"
    assert old.mend("dossier") == "motcua migrate dossier"
    assert new.found("wrong")["dossier"] == f"its database is at 9999, newer than this program ({newest})"


def test_two_services_on_one_database_are_told_of_each_other(doctor: Doctor) -> None:
    seen = doctor.examine(CATALOG_DATABASE_URL=doctor.settings["FEEDBACK_DATABASE_URL"])
    whats = [each["what"] for each in seen.groups["Databases"] if each["where"] in {"catalog", "feedback"}]
    database = doctor.database("feedback")
    assert f"its database {database} is feedback's, too" in whats
    assert f"its database {database} is catalog's, too" in whats


def test_a_role_that_can_connect_to_anothers_database_is_found(doctor: Doctor, postgres_url: str) -> None:
    mine, theirs = doctor.database("catalog"), doctor.database("notify")
    grant = f"GRANT CONNECT ON DATABASE {theirs} TO {mine}"
    with changed(postgres_url, grant, f"REVOKE CONNECT ON DATABASE {theirs} FROM {mine}"):
        seen = doctor.examine()
    assert seen.found("wrong") == {"catalog": f"its role {mine} can connect to {theirs}"}
    command(postgres_url, seen.mend("catalog"))
    assert doctor.examine().found("wrong") == {}


def test_a_database_left_open_to_everybody_is_found_from_each_other_service(
    doctor: Doctor, postgres_url: str
) -> None:
    theirs = doctor.database("identity")
    grant = f"GRANT CONNECT ON DATABASE {theirs} TO PUBLIC"
    with changed(postgres_url, grant, f"REVOKE CONNECT ON DATABASE {theirs} FROM PUBLIC"):
        assert doctor.examine().found("wrong").keys() == {"catalog", "dossier", "feedback", "notify"}


def test_a_superuser_is_no_role_for_a_service(doctor: Doctor, postgres_url: str) -> None:
    role = doctor.database("feedback")
    with changed(postgres_url, f"ALTER ROLE {role} SUPERUSER", f"ALTER ROLE {role} NOSUPERUSER"):
        seen = doctor.examine()
    assert seen.found("wrong") == {"feedback": f"its role {role} is a superuser, who reads every database"}


def test_a_database_must_be_encoded_in_utf8(doctor: Doctor, postgres_url: str) -> None:
    url = fresh(postgres_url, encoding="LATIN1")
    migrate.upgrade("feedback", url)
    seen = doctor.examine(FEEDBACK_DATABASE_URL=url)
    assert seen.found("wrong") == {"feedback": "its database is encoded in LATIN1, not UTF8"}


def test_a_role_or_database_that_is_not_there_is_wrong_and_not_away(doctor: Doctor) -> None:
    url = make_url(doctor.settings["NOTIFY_DATABASE_URL"])
    for other in (url.set(database="nowhere"), url.set(username="nobody")):
        seen = doctor.examine(NOTIFY_DATABASE_URL=other.render_as_string(hide_password=False))
        assert (seen.code, "refuses us" in seen.found("wrong")["notify"]) == (1, True)
        assert "NOTIFY_DATABASE_URL" in seen.mend("notify")


def test_a_database_that_takes_no_more_connections_is_away_and_not_wrong(
    doctor: Doctor, postgres_url: str
) -> None:
    database = doctor.database("catalog")
    none, back = (f"ALTER ROLE {database} CONNECTION LIMIT {limit}" for limit in (0, -1))
    with changed(postgres_url, none, back):
        seen = doctor.examine()
    assert (seen.code, "too many connections" in seen.found("away")["catalog"]) == (75, True)


def test_an_old_server_is_wrong(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "OLDEST", 999999)
    assert "its server is PostgreSQL" in doctor.examine().found("wrong")["dossier"]


def test_looking_changes_nothing_and_leaves_no_connection(doctor: Doctor, postgres_url: str) -> None:
    doctor.examine()
    with psycopg.connect(postgres_url) as connection:
        left = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'motcua-doctor'"
        ).fetchone()
    assert left == (0,)
