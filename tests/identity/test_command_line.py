"""`motcua operator create` and `motcua official create`, as a shell runs them."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chassis.testing import ServiceUnderTest, settings_environment
from services.identity import cli
from tests.identity.portal import Portal, claims
from vocabulary.codes import parse_agency_code
from vocabulary.refusals import Invalid

OPERATOR = ["--login", "vanhanh", "--name", "Đặng Thị Vân", "--phone", "0912345678"]
CLERK = ["--login", "giaodich.hn", "--name", "Hồ Thị Tâm", "--phone", "0936000103"]
OFFICIAL = ["--agency", "H01", "--login", "canbo.h01", "--name", "Bùi Văn Cán", "--phone", "0987654321"]


@pytest.fixture
def shell(identity: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    environment = settings_environment(identity.settings)
    environment |= {"JWKS_URL": "http://127.0.0.1:9", "PUBLIC_URL": "http://127.0.0.1:8000"}
    environment |= {"ARGON2_TIME_COST": "1", "ARGON2_MEMORY_KIB": "64"}
    monkeypatch.delenv("MOTCUA_PASSWORD", raising=False)
    return CliRunner(env=environment)


def password_in(result: Result) -> str:
    found = re.search(r"^Password .*: (\S+)$", result.output, re.MULTILINE)
    assert found, result.output
    return found[1]


def test_the_first_operator_gets_a_password_that_works(shell: CliRunner, portal: Portal) -> None:
    result = shell.invoke(cli.operator, ["create", *OPERATOR, "--email", "van@example.test"])
    assert result.exit_code == 0, result.output
    tokens = portal.session("VanHanh", password_in(result))
    assert portal.refresh(tokens["refresh_token"]).status_code == 201


def test_an_official_decides_for_one_agency(shell: CliRunner, portal: Portal) -> None:
    result = shell.invoke(cli.official, ["create", *OFFICIAL, "--role", "receiver", "--role", "handler"])
    assert result.exit_code == 0, result.output
    said = claims(portal.session("canbo.h01", password_in(result))["access_token"])
    assert (said["kind"], said["agency"], said["roles"]) == ("official", "H01", ["receiver", "handler"])


def test_a_clerk_stands_at_the_counter_of_a_post_office_and_belongs_to_no_agency(
    shell: CliRunner, portal: Portal
) -> None:
    result = shell.invoke(cli.clerk, ["create", "--office", "10000", *CLERK])
    assert result.exit_code == 0, result.output
    said = claims(portal.session("giaodich.hn", password_in(result))["access_token"])
    assert (said["kind"], said["agency"], said["roles"]) == ("official", "POST-10000", ["clerk"])
    with pytest.raises(Invalid):
        parse_agency_code(said["agency"])


@pytest.mark.parametrize("office", ["H01", "1000", "10000x", "１００００"])
def test_an_office_is_a_postal_code(shell: CliRunner, office: str) -> None:
    assert shell.invoke(cli.clerk, ["create", "--office", office, *CLERK]).exit_code == 2


def test_an_official_has_every_role_unless_told_otherwise(shell: CliRunner, portal: Portal) -> None:
    result = shell.invoke(cli.official, ["create", *OFFICIAL])
    said = claims(portal.session("canbo.h01", password_in(result))["access_token"])
    assert said["roles"] == ["receiver", "handler", "approver", "administrator"]


def test_an_auditor_reads_what_operators_read_and_changes_nothing(
    shell: CliRunner, portal: Portal, identity: ServiceUnderTest
) -> None:
    result = shell.invoke(cli.auditor, ["create", *OPERATOR])
    assert (result.exit_code, result.output.splitlines()[0]) == (0, "auditor vanhanh can log in")
    said = claims(portal.session("vanhanh", password_in(result))["access_token"])
    me = identity.headers(said["kind"], said["sub"])
    assert portal.get("/account", me).get_json()["kind"] == "auditor"
    assert portal.get("/identity-operations/events", me).status_code == 200
    assert portal.get("/identity-operations/parked-events", me).status_code == 200
    assert portal.post("/identity-operations/retries", {}, me).status_code == 403
    assert portal.get("/agency/officials", me).status_code == 403


def test_an_official_sees_their_agency_on_the_account(
    shell: CliRunner, portal: Portal, identity: ServiceUnderTest
) -> None:
    result = shell.invoke(cli.official, ["create", *OFFICIAL])
    said = claims(portal.session("canbo.h01", password_in(result))["access_token"])
    account = portal.get("/account", identity.as_official("H01", said["sub"])).get_json()
    assert (account["kind"], account["agency"], account["full_name"]) == ("official", "H01", "Bùi Văn Cán")
    assert account["date_of_birth"] is None


def test_a_login_that_is_taken_is_refused_with_its_own_exit_code(shell: CliRunner) -> None:
    assert shell.invoke(cli.operator, ["create", *OPERATOR]).exit_code == 0
    again = shell.invoke(cli.operator, ["create", *OPERATOR])
    assert (again.exit_code, again.output) == (3, "The login vanhanh is taken.\n")


def test_a_script_may_give_the_password(shell: CliRunner, portal: Portal, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("con đường xưa em đi\n", encoding="utf-8")
    result = shell.invoke(cli.operator, ["create", *OPERATOR, "--password-file", str(secret)])
    assert (result.exit_code, "Password" in result.output) == (0, False)
    result = shell.invoke(cli.official, ["create", *OFFICIAL], env={"MOTCUA_PASSWORD": "bến nước đò ngang"})
    assert (result.exit_code, "Password" in result.output) == (0, False)
    assert portal.log_in("vanhanh", "con đường xưa em đi").status_code == 202
    assert portal.log_in("canbo.h01", "bến nước đò ngang").status_code == 202


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--login", "ab", "3 to 40"),
        ("--login", "001099000017", "3 to 40"),
        ("--phone", "0112000017", "prefix"),
        ("--name", "9", "full name"),
        ("--agency", "Hà Nội", "agency"),
        ("--email", "nobody", "e-mail"),
    ],
)
def test_a_wrong_option_is_explained(shell: CliRunner, option: str, value: str, says: str) -> None:
    result = shell.invoke(cli.official, ["create", *OFFICIAL, option, value])
    assert result.exit_code == 2
    assert says in result.output


def test_a_weak_password_is_refused(shell: CliRunner) -> None:
    result = shell.invoke(cli.operator, ["create", *OPERATOR], env={"MOTCUA_PASSWORD": "12345678"})
    assert result.exit_code == 2
    assert "easy to guess" in result.output


def test_nothing_typed_is_stored_in_clear(shell: CliRunner, identity: ServiceUnderTest) -> None:
    result = shell.invoke(cli.official, ["create", *OFFICIAL])
    stored = identity.everything_stored()
    for canary in ("canbo.h01", "Bùi Văn Cán", "0987654321", password_in(result)):
        assert canary not in stored
