"""How any command ends that lacks a setting or cannot reach its database."""

import pytest
from click.testing import CliRunner

from chassis import service as services
from chassis.cli import main
from tests.servers.kinds import free_port

COMMANDS = (
    ("client", "list"),
    ("migrate", "identity"),
    ("operator", "create", "--login", "admin", "--name", "Trần Văn Vận Hành", "--phone", "0912345678"),
    ("events", "parked"),
    ("events", "replay", "--to", "H01"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_a_missing_setting_is_named_and_is_wrong_use(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in map(str.upper, services.names()):
        monkeypatch.delenv(f"{name}_DATABASE_URL", raising=False)
    ended = CliRunner().invoke(main, command)
    assert ended.exit_code == 2, ended.output
    assert "_DATABASE_URL" in ended.output


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_a_database_that_is_away_is_told_from_a_refusal(
    command: tuple[str, ...], settings_of_all: dict[str, str]
) -> None:
    nobody = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    away = {f"{name.upper()}_DATABASE_URL": nobody for name in services.names()}
    ended = CliRunner().invoke(main, command, env=settings_of_all | away)
    assert ended.exit_code == 75, ended.output
    assert "away" in ended.output


@pytest.fixture
def settings_of_all() -> dict[str, str]:
    key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    keys = {f"{name}_INDEX_KEY": key for name in map(str.upper, services.names())}
    rings = {f"{name}_MASTER_KEYS": f'{{"1": "{key}"}}' for name in map(str.upper, services.names())}
    seals = {"SEAL_KEYS": f'{{"notify": {{"1": "{key}"}}, "dossier": {{"1": "{key}"}}}}'}
    portal = "http://127.0.0.1:8000"
    return keys | rings | seals | {"JWKS_URL": f"{portal}/jwks", "PUBLIC_URL": portal}
