"""What an installation needs before anything runs: its secrets, its certificates, its databases."""

import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg import sql

from chassis import service as services
from chassis import settings as configuration
from chassis.cli import main
from chassis.exits import AWAY, REFUSED, USAGE


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environment)


def test_a_new_installation_has_every_secret_a_service_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("secrets", str(tmp_path)).exit_code == 0
    monkeypatch.setenv("PUBLIC_URL", "https://cong.example")
    monkeypatch.setenv("JWKS_URL", "http://identity-api:8000/api/v1/jwks")
    for file in tmp_path.iterdir():
        monkeypatch.setenv(f"{file.name.upper()}_FILE", str(file))
    for name in services.names():
        settings = configuration.load(name)
        assert len(settings.index) == 32
        assert [len(key) for key in settings.master.keys.values()] == [32]
        assert urlsplit(settings.database_url).hostname == "postgres"


def test_secrets_that_are_there_stay_and_what_is_lacking_is_made(tmp_path: Path) -> None:
    run("secrets", str(tmp_path))
    before = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert "Nothing to do" in run("secrets", str(tmp_path)).output
    (tmp_path / "seal_keys").unlink()
    assert "made 1 secrets" in run("secrets", str(tmp_path)).output
    after = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert {name for name in before if after[name] != before[name]} == {"seal_keys"}


def test_nobody_else_enters_the_folder_and_every_container_can_read_its_files(tmp_path: Path) -> None:
    into = tmp_path / "secrets"
    run("secrets", str(into))
    assert into.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in into.iterdir()} == {0o644}


def test_no_two_secrets_are_the_same(tmp_path: Path) -> None:
    run("secrets", str(tmp_path))
    own = {"postgres_password", "gateway_secret_key", "seal_keys"}
    own |= {file.name for file in tmp_path.iterdir() if file.name.endswith(("_keys", "_key", "_url"))}
    own -= {"postgres_admin_url", "amqp_url"}
    contents = [(tmp_path / name).read_text() for name in own]
    assert len(set(contents)) == len(own)


def test_the_accounts_on_the_broker_are_those_its_services_log_in_with(tmp_path: Path) -> None:
    run("secrets", str(tmp_path))
    accounts = json.loads((tmp_path / "broker_accounts").read_text())
    assert accounts.keys() == set(services.names())
    for name, password in accounts.items():
        url = urlsplit((tmp_path / f"{name}_amqp_url").read_text())
        assert (url.username, url.password) == (f"motcua-{name}", password)


@pytest.mark.parametrize("name", ["portal", "broker"])
def test_a_certificate_is_for_the_hosts_that_were_named_and_goes_with_its_key(
    tmp_path: Path, name: str
) -> None:
    run("secrets", str(tmp_path), "--host", "cong.example", "--host", "127.0.0.1")
    context = ssl.create_default_context(cafile=str(tmp_path / f"{name}_authority.crt"))
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # as Python 3.13 does by itself
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / f"{name}.crt", tmp_path / f"{name}.key")
    for host in ("cong.example", "127.0.0.1"):
        shake_hands(context, server, host)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(context, server, "other.example")


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, host: str) -> None:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(to_client, to_server, server_hostname=host)
    there = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(3):
        for side in (here, there):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    here.do_handshake()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run("secrets", str(tmp_path / "file" / "secrets"))
    assert result.exit_code == REFUSED
    assert "cannot be written" in result.output


@pytest.fixture
def wanted(postgres_url: str) -> Iterator[dict[str, str]]:
    """Settings under which every service's database and role are new on the server."""
    server, run_id = urlsplit(postgres_url), uuid4().hex[:8]
    names = {name: f"{name}_{run_id}" for name in services.names()}
    urls = {
        f"{name.upper()}_DATABASE_URL": f"postgresql://{new}:pass-{new}@127.0.0.1:{server.port}/{new}"
        for name, new in names.items()
    }
    yield urls | {"POSTGRES_ADMIN_URL": postgres_url}
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for new in map(sql.Identifier, names.values()):
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(new))
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(new))


def test_each_service_has_a_database_of_its_own_and_can_be_migrated_into_it(wanted: dict[str, str]) -> None:
    assert run("databases", **wanted).exit_code == 0
    with psycopg.connect(wanted["DOSSIER_DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE proof (id int)")
        rights = connection.execute("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user")
        assert rights.fetchone() == (False, False)


def test_no_role_can_connect_to_the_database_of_another(wanted: dict[str, str]) -> None:
    run("databases", **wanted)
    urls = {name: urlsplit(wanted[f"{name.upper()}_DATABASE_URL"]) for name in services.names()}
    refused = 0
    for one, own in urls.items():
        for other, theirs in urls.items():
            if one != other:
                with pytest.raises(psycopg.OperationalError, match="permission denied"):
                    psycopg.connect(own._replace(path=theirs.path).geturl())
                refused += 1
    print(f"{refused} refused of {refused}")
    assert refused == len(urls) * (len(urls) - 1)


def test_made_again_nothing_changes_but_a_password_that_was_changed(wanted: dict[str, str]) -> None:
    run("databases", **wanted)
    with psycopg.connect(wanted["DOSSIER_DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE proof (id int)")
    again = run("databases", **wanted)
    assert again.output == "5 databases are there.\n"
    with psycopg.connect(wanted["DOSSIER_DATABASE_URL"]) as connection:
        connection.execute("SELECT * FROM proof")


def test_an_address_without_a_password_is_refused_and_not_repeated(wanted: dict[str, str]) -> None:
    result = run("databases", **wanted | {"DOSSIER_DATABASE_URL": "postgresql://hidden@host/dossier"})
    assert result.exit_code == USAGE
    assert "DOSSIER_DATABASE_URL" in result.output
    assert "hidden" not in result.output


def test_a_server_that_is_away_can_be_tried_again(wanted: dict[str, str]) -> None:
    result = run("databases", **wanted | {"POSTGRES_ADMIN_URL": "postgresql://p:secret@127.0.0.1:1/postgres"})
    assert result.exit_code == AWAY
    assert "secret" not in result.output
