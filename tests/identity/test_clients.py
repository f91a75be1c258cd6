"""An agency's back office gets tokens for its client's secret (RFC 6749, client credentials)."""

import base64
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from chassis.auth import Verifier
from chassis.cli import main
from chassis.testing import ServiceUnderTest, settings_environment
from services.identity.commands import clients
from services.identity.model.client import Client
from tests.identity.portal import claims

GRANT = {"grant_type": "client_credentials"}


class Shell:
    def __init__(self, identity: ServiceUnderTest, **changes: str) -> None:
        environment = settings_environment(identity.settings)
        environment |= {"JWKS_URL": "http://127.0.0.1:9", "PUBLIC_URL": "http://127.0.0.1:8000"}
        self.runner = CliRunner(env=environment | changes)

    def __call__(self, *words: str) -> Result:
        return self.runner.invoke(main, ["client", *words])


@pytest.fixture
def shell(identity: ServiceUnderTest) -> Shell:
    return Shell(identity)


@pytest.fixture
def client(identity: ServiceUnderTest) -> tuple[str, str]:
    """Id and secret of a client of H55.242."""
    with identity.units() as uow:
        made, secret = clients.create(uow, "H55.242", "back office")
    return str(made.id), secret


def ask(
    sut: ServiceUnderTest, form: Any = None, basic: tuple[str, str] | None = None, **headers: str
) -> TestResponse:
    if basic:
        given = base64.b64encode(":".join(basic).encode()).decode()
        headers["Authorization"] = f"Basic {given}"
    with sut.app.test_client() as caller:
        return caller.post("/api/v1/oauth2/token", data=GRANT if form is None else form, headers=headers)


def refused(answer: TestResponse, status: int, error: str) -> None:
    assert (answer.status_code, answer.json and answer.json["error"]) == (status, error), answer.text
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json or {}) == {"error", "error_description"}


def test_the_secret_gets_a_token_of_the_agency(identity: ServiceUnderTest, client: tuple[str, str]) -> None:
    id, secret = client
    by_form = {**GRANT, "client_id": id, "client_secret": secret}
    for answer in (
        ask(identity, basic=client),
        ask(identity, by_form),
        ask(identity, by_form | {"scope": "agency"}),
    ):
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        said: Any = answer.json
        assert (said["token_type"], said["expires_in"], said["scope"]) == ("Bearer", 600, "agency")
        token = claims(said["access_token"])
        assert (token["sub"], token["kind"], token["agency"]) == (id, "agency", "H55.242")
        assert token["exp"] - token["iat"] == 600


def test_every_service_knows_the_token(identity: ServiceUnderTest, client: tuple[str, str]) -> None:
    """With identity's published keys, as chassis.jwks reads them."""
    published: Any = identity.client.get("/api/v1/jwks").json

    class Published:
        def keys(self, _: str | None) -> KeySet:
            return KeySet.import_key_set(published)

    token: Any = ask(identity, basic=client).json
    verifier = Verifier(Published(), identity.settings.public_url, now=identity.clock.timestamp)
    who = verifier.principal(token["access_token"])
    assert (who.kind, who.agency, who.account, who.session) == ("agency", "H55.242", UUID(client[0]), None)


@pytest.mark.parametrize("wrong", ["secret", "id", "no id", "not an id", "empty", "nul"])
def test_a_wrong_secret_and_an_unknown_client_are_the_same_401(
    identity: ServiceUnderTest, client: tuple[str, str], wrong: str
) -> None:
    id, secret = client
    pair = {
        "secret": (id, secret + "x"),
        "id": (str(uuid4()), secret),
        "no id": ("", secret),
        "not an id": ("motcua", secret),
        "empty": (id, ""),
        "nul": (id, "\x00"),
    }[wrong]
    by_basic = ask(identity, basic=pair)
    refused(by_basic, 401, "invalid_client")
    assert by_basic.headers["WWW-Authenticate"] == 'Basic realm="motcua"'
    by_form = ask(identity, {**GRANT, "client_id": pair[0], "client_secret": pair[1]})
    refused(by_form, 401, "invalid_client")
    assert by_basic.json == by_form.json


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Bearer abc", "Basic /w=="])
def test_a_header_that_holds_no_credentials_is_401(identity: ServiceUnderTest, header: str) -> None:
    answer = ask(identity, Authorization=header)
    refused(answer, 401, "invalid_client")
    assert "WWW-Authenticate" in answer.headers


def test_what_the_standard_calls_wrong_is_refused_in_its_words(
    identity: ServiceUnderTest, client: tuple[str, str]
) -> None:
    id, secret = client
    refused(ask(identity, {"scope": "agency"}, client), 400, "invalid_request")
    refused(ask(identity, {"grant_type": "password"}, client), 400, "unsupported_grant_type")
    refused(ask(identity, {**GRANT, "scope": "agency admin"}, client), 400, "invalid_scope")
    refused(ask(identity, {"grant_type": ["client_credentials"] * 2}, client), 400, "invalid_request")
    both = {**GRANT, "client_id": id, "client_secret": secret}
    refused(ask(identity, both, client), 400, "invalid_request")
    as_json = identity.client.post("/api/v1/oauth2/token", json=both)
    refused(as_json, 400, "invalid_request")


def test_a_revoked_client_gets_no_token(
    identity: ServiceUnderTest, client: tuple[str, str], shell: Shell
) -> None:
    for _ in range(2):
        result = shell("revoke", client[0])
        assert (result.exit_code, result.output) == (0, f"{client[0]} of H55.242 is revoked\n")
    refused(ask(identity, basic=client), 401, "invalid_client")


def test_many_tokens_at_once_are_all_given(identity: ServiceUnderTest, client: tuple[str, str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(identity, basic=client).status_code, range(16)))
    assert answers == [200] * 16


def test_an_operator_makes_a_client_and_sees_the_secret_once(
    identity: ServiceUnderTest, shell: Shell
) -> None:
    result = shell("create", "--agency", "h01", "--name", "Phần mềm một cửa")
    assert result.exit_code == 0, result.output
    said = re.fullmatch(r"client_id: (\S{36})\nclient_secret: (\S{43})\n", result.output)
    assert said, result.output
    assert ask(identity, basic=(said[1], said[2])).status_code == 200
    assert said[2] not in identity.everything_stored()
    assert said[2] not in shell("list").output


def test_the_list_says_whose_and_whether_used(
    identity: ServiceUnderTest, client: tuple[str, str], shell: Shell
) -> None:
    other = shell("create", "--agency", "H01").output.split()[1]
    ask(identity, basic=client)
    identity.clock.move(timedelta(hours=1))
    shell("revoke", other)
    lines = shell("list").output.splitlines()
    assert lines[0].startswith(f"{client[0]}  H55.242  used 20")
    assert lines[1].startswith(f"{other}  H01  revoked 20")
    found = json.loads(shell("list", "-o", "json", "--agency", "H01").output)
    assert [each["client_id"] for each in found] == [other]
    assert found[0]["last_used_at"] is None


def test_the_exit_code_says_what_went_wrong(identity: ServiceUnderTest, shell: Shell) -> None:
    assert shell("revoke", str(uuid4())).exit_code == 1
    assert shell("revoke", "x").exit_code == 2
    wrong = shell("create", "--agency", "../x")
    assert (wrong.exit_code, "not the form of an agency code" in wrong.output) == (2, True)
    assert shell("create", "--agency", "H01", "--name", "x" * 101).exit_code == 2
    away = Shell(identity, IDENTITY_DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")("list")
    assert (away.exit_code, "is away" in away.output) == (75, True)


def test_secrets_are_compared_by_digest_only(identity: ServiceUnderTest, client: tuple[str, str]) -> None:
    with identity.units() as uow:
        kept = uow.session.get_one(Client, UUID(client[0]))
    assert kept.admits(client[1])
    assert not kept.admits(client[1][:-1])
    assert not kept.admits("\udc80")
