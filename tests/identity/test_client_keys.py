"""Clients that sign who they are (RFC 7523, `private_key_jwt`): no secret leaves the agency."""

import json
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, RSAKey
from werkzeug.test import TestResponse

from chassis.cli import main
from chassis.testing import ServiceUnderTest, settings_environment
from services.identity.adapters.passwords import Passwords
from services.identity.commands import clients
from services.identity.model.assertion import TYPE
from tests.identity.portal import Portal, claims
from tests.identity.portal import refused as problem
from tests.identity.test_clients import ask, refused
from tests.identity.test_officials import B, Office

HERE = "http://127.0.0.1:8000/api/v1/oauth2/token"
EC = ECKey.generate_key("P-256", {"kid": "now"})
OTHER = ECKey.generate_key("P-256", {"kid": "now"})
RSA = RSAKey.generate_key(2048)


def public(key: Any) -> dict[str, Any]:
    return dict(key.as_dict(private=False))


@dataclass
class Signer:
    """A back office with a key of its own."""

    sut: ServiceUnderTest
    id: str
    key: Any = field(default_factory=lambda: EC)
    alg: str = "ES256"

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(self.sut.clock.timestamp())
        said = {"iss": self.id, "sub": self.id, "aud": HERE, "exp": now + 60, "jti": str(uuid4())}
        return {name: value for name, value in (said | changes).items() if value is not None}

    def signed(self, said: dict[str, Any], key: Any = None, **header: Any) -> str:
        return jwt.encode({"alg": self.alg, **header}, said, key or self.key, algorithms=[self.alg])

    def ask(self, assertion: str, **form: str) -> TestResponse:
        body = {"grant_type": "client_credentials", "client_assertion_type": TYPE}
        return ask(self.sut, body | {"client_assertion": assertion} | form)

    def says(self, **changes: Any) -> TestResponse:
        return self.ask(self.signed(self.claims(**changes)))


@pytest.fixture
def signer(identity: ServiceUnderTest) -> Signer:
    with identity.units() as uow:
        made = clients.create_with_keys(uow, "H55.242", "back office", [public(EC)])
    return Signer(identity, str(made.id))


def test_a_signature_gets_a_token_of_the_agency(signer: Signer) -> None:
    answer = signer.says()
    assert answer.status_code == 200, answer.text
    said = claims(answer.get_json()["access_token"])
    assert (said["sub"], said["kind"], said["agency"]) == (signer.id, "agency", "H55.242")
    assert (said["scope"], answer.get_json()["scope"]) == ("agency", "agency")


@pytest.mark.parametrize("alg", ["RS256", "PS256"])
def test_an_rsa_key_signs_too(signer: Signer, alg: str) -> None:
    with signer.sut.units() as uow:
        made = clients.create_with_keys(uow, "H01", "", [public(RSA)])
    assert Signer(signer.sut, str(made.id), RSA, alg).says().status_code == 200


def test_an_assertion_is_good_once(signer: Signer) -> None:
    assertion = signer.signed(signer.claims())
    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(lambda _: signer.ask(assertion).status_code, range(4)))
    assert answers == [200, 401, 401, 401]
    again = signer.ask(assertion)
    refused(again, 401, "invalid_client")
    assert "jti was used" in again.get_json()["error_description"]


def test_a_jti_is_used_up_for_its_client_alone(signer: Signer) -> None:
    with signer.sut.units() as uow:
        other = Signer(signer.sut, str(clients.create_with_keys(uow, "H01", "", [public(EC)]).id))
    assert signer.says(jti="1").status_code == other.says(jti="1").status_code == 200


MINUTES = 60
WRONG: dict[str, dict[str, Any]] = {
    "no exp": {"exp": None},
    "exp is a word": {"exp": "soon"},
    "exp is true": {"exp": True},
    "exp is beyond time": {"exp": 10**30},
    "another issuer": {"iss": str(uuid4())},
    "no issuer": {"iss": None},
    "no audience": {"aud": None},
    "the issuer as audience": {"aud": "http://127.0.0.1:8000"},
    "a longer audience": {"aud": HERE + "/"},
    "another's too": {"aud": [HERE, "https://elsewhere.example"]},
    "no jti": {"jti": None},
    "an empty jti": {"jti": ""},
    "a long jti": {"jti": "x" * 201},
    "a number as jti": {"jti": 7},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_claims_that_are_not_for_us_are_refused(signer: Signer, change: dict[str, Any]) -> None:
    refused(signer.says(**change), 401, "invalid_client")


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_an_assertion_is_good_now_and_for_five_minutes_at_most(signer: Signer, name: str) -> None:
    now = int(signer.sut.clock.timestamp())
    late = {"exp": now + 5 * MINUTES + 6}.get(name, now + 6)
    refused(signer.says(**{name: late}), 401, "invalid_client")
    assert signer.says(**{name: late - 2}).status_code == 200
    refused(signer.says(exp=now - 5), 401, "invalid_client")


def test_what_somebody_else_signed_says_nothing_of_why(signer: Signer) -> None:
    said = signer.claims(aud="wrong", exp=None)
    symmetric = OctKey.import_key(json.dumps(public(EC)))
    head, body, _ = signer.signed(signer.claims()).split(".")
    unsigned = f"eyJhbGciOiJub25lIn0.{body}."
    for forged in (
        signer.signed(said, OTHER),
        jwt.encode({"alg": "HS256"}, said, symmetric, algorithms=["HS256"]),
        unsigned,
        f"{head}.{body}.AAAA",
        f"{head}.{body}",
        "",
        "...",
        "x" * 9000,
        signer.signed(signer.claims(sub=str(uuid4()))),
        signer.signed(signer.claims(sub="motcua")),
        signer.signed(signer.claims(sub=None)),
    ):
        answer = signer.ask(forged)
        refused(answer, 401, "invalid_client")
        assert answer.get_json()["error_description"] == "No such client that signed this."


def test_the_client_id_sent_beside_must_be_the_signers(signer: Signer) -> None:
    assert signer.ask(signer.signed(signer.claims()), client_id=signer.id).status_code == 200
    refused(signer.ask(signer.signed(signer.claims()), client_id=str(uuid4())), 401, "invalid_client")


def test_a_secret_beside_the_assertion_is_refused(signer: Signer) -> None:
    assertion = signer.signed(signer.claims())
    refused(signer.ask(assertion, client_secret="x"), 400, "invalid_request")
    refused(signer.ask(assertion, client_assertion_type="jwt"), 400, "invalid_request")


def test_a_client_with_keys_has_no_secret(signer: Signer) -> None:
    for secret in ("", "None", "\x00"):
        refused(ask(signer.sut, basic=(signer.id, secret)), 401, "invalid_client")


def test_keys_change_without_a_gap(signer: Signer) -> None:
    following = Signer(signer.sut, signer.id, ECKey.generate_key("P-256", {"kid": "next"}))
    change(signer, EC, following.key)
    assert signer.says().status_code == following.says().status_code == 200
    named = signer.signed(signer.claims(), kid="next")
    refused(signer.ask(named), 401, "invalid_client")
    change(signer, following.key)
    refused(signer.says(), 401, "invalid_client")
    assert following.says().status_code == 200


def change(signer: Signer, *keys: Any) -> None:
    with signer.sut.units() as uow:
        clients.change_keys(uow, UUID(signer.id), [public(key) for key in keys])


def test_a_revoked_client_signs_in_vain(signer: Signer) -> None:
    with signer.sut.units() as uow:
        clients.revoke(uow, UUID(signer.id))
    refused(signer.says(), 401, "invalid_client")


@pytest.fixture
def office(portal: Portal, passwords: Passwords) -> Office:
    return Office(portal, passwords)


def at_clients(office: Office, method: str, path: str = "", body: Any = None) -> TestResponse:
    with office.portal.sut.app.test_client() as browser:
        return browser.open(f"/api/v1/agency/clients{path}", method=method, json=body, headers=office.me)


def test_an_administrator_registers_a_key_and_takes_it_back(office: Office) -> None:
    made = at_clients(office, "POST", body={"name": "Một cửa", "keys": [public(EC)], "scopes": ["desk"]})
    assert made.status_code == 201, made.text
    shown = made.get_json()
    assert (shown["signs"], shown["scopes"], "client_secret" in shown) == (True, ["desk"], False)
    signer = Signer(office.portal.sut, shown["client_id"])
    said = claims(signer.says().get_json()["access_token"])
    assert (said["agency"], said["scope"]) == ("H01", "desk")
    assert at_clients(office, "DELETE", f"/{signer.id}").status_code == 204
    refused(signer.says(), 401, "invalid_client")
    (listed,) = at_clients(office, "GET").get_json()["items"]
    assert listed["revoked_at"]
    problem(at_clients(office, "PUT", f"/{signer.id}/keys", {"keys": [public(EC)]}), 409, "client-revoked")


def test_without_a_key_there_is_a_secret_until_there_is_a_key(office: Office) -> None:
    made = at_clients(office, "POST", body={"name": "Một cửa"}).get_json()
    pair = (made["client_id"], made["client_secret"])
    assert ask(office.portal.sut, basic=pair).status_code == 200
    assert at_clients(office, "PUT", f"/{pair[0]}/keys", {"keys": [public(RSA)]}).status_code == 200
    refused(ask(office.portal.sut, basic=pair), 401, "invalid_client")
    assert "client_secret" not in at_clients(office, "GET").get_json()["items"][0]


def test_another_agencys_clients_are_not_there(office: Office, passwords: Passwords) -> None:
    made = at_clients(office, "POST", body={"name": "", "keys": [public(EC)]}).get_json()["client_id"]
    elsewhere = Office(office.portal, passwords, B)
    assert at_clients(elsewhere, "GET").get_json()["items"] == []
    problem(at_clients(elsewhere, "DELETE", f"/{made}"), 404, "no-such-client")
    problem(at_clients(elsewhere, "PUT", f"/{made}/keys", {"keys": [public(EC)]}), 404, "no-such-client")


def short_key() -> dict[str, Any]:
    with warnings.catch_warnings(action="ignore", category=SecurityWarning):
        return public(RSAKey.generate_key(1024))


BAD_KEYS: dict[str, list[Any]] = {
    "none": [],
    "four": [public(EC)] * 4,
    "private": [dict(EC.as_dict(private=True))],
    "short": [short_key()],
    "symmetric": [{"kty": "oct", "k": "AAAA"}],
    "another curve": [public(ECKey.generate_key("P-384"))],
    "no curve's point": [public(EC) | {"y": "AAAA"}],
    "half": [{"kty": "EC", "crv": "P-256"}],
    "numbers": [{"kty": "RSA", "n": 3, "e": 3}],
    "nothing": [{}],
    "a long name": [public(EC) | {"kid": "x" * 201}],
}


@pytest.mark.parametrize("keys", BAD_KEYS.values(), ids=BAD_KEYS.keys())
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_key_that_is_no_public_key_of_strength_is_refused(office: Office, keys: list[Any]) -> None:
    problem(at_clients(office, "POST", body={"name": "", "keys": keys}), 422, "keys", "/keys")


def test_a_token_holds_no_more_than_the_client_may_and_asks_for(
    identity: ServiceUnderTest,
) -> None:
    with identity.units() as uow:
        made, secret = clients.create(uow, "H01", "", ["desk"])
        every, other = clients.create(uow, "H01", "")
    grant = {"grant_type": "client_credentials"}
    pair = (str(made.id), secret)
    assert ask(identity, grant, pair).get_json()["scope"] == "desk"
    refused(ask(identity, grant | {"scope": "events"}, pair), 400, "invalid_scope")
    refused(ask(identity, grant | {"scope": "agency"}, pair), 400, "invalid_scope")
    narrow = ask(identity, grant | {"scope": "events"}, (str(every.id), other)).get_json()
    assert claims(narrow["access_token"])["scope"] == "events"


def test_an_operator_registers_a_key_from_a_file(identity: ServiceUnderTest, tmp_path: Path) -> None:
    environment = settings_environment(identity.settings)
    environment |= {"JWKS_URL": "http://127.0.0.1:9", "PUBLIC_URL": "http://127.0.0.1:8000"}
    shell = CliRunner(env=environment)
    one, two, bad = (tmp_path / name for name in ("one.json", "set.json", "bad.json"))
    one.write_text(json.dumps(public(EC)))
    two.write_text(json.dumps({"keys": [public(EC), public(RSA)]}))
    bad.write_text("[]")
    made = shell.invoke(main, ["client", "create", "--agency", "H01", "--keys", str(one)])
    assert (made.exit_code, "secret" in made.output) == (0, False), made.output
    id = made.output.split()[1]
    assert Signer(identity, id).says().status_code == 200
    changed = shell.invoke(main, ["client", "keys", id, str(two)])
    assert changed.output == f"{id} of H01 signs with 2 key(s)\n"
    assert Signer(identity, id, RSA, "PS256").says().status_code == 200
    assert "signs" in shell.invoke(main, ["client", "list"]).output
    assert shell.invoke(main, ["client", "keys", id, str(bad)]).exit_code == 2
    assert shell.invoke(main, ["client", "keys", str(uuid4()), str(one)]).exit_code == 1
