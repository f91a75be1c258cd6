"""Whom a provider above us (VNeID; here the sandbox) has signed in logs in, or goes on to register."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import urllib3
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from chassis.http import Away
from chassis.testing import ServiceUnderTest
from contracts.identity import AccountNotice
from sandbox.upstream import provider as sandbox
from services.identity import queries
from services.identity.adapters.ports import IdentityPorts
from services.identity.adapters.upstream import OidcUpstream
from services.identity.commands import accounts
from services.identity.model.methods import upstream_method
from services.identity.model.upstream import Flow, person_of
from tests.identity.portal import AN, PASSWORD, Portal, claims, person, refused
from vocabulary.refusals import Invalid

BACK = "http://127.0.0.1:8000/dang-nhap/tu-noi-khac"


@pytest.fixture
def above(identity: ServiceUnderTest, register_url: str) -> OidcUpstream:
    """The sandbox, which signs with its own clock: the portal's stands where it began."""
    made = OidcUpstream(
        register_url + sandbox.HOME, sandbox.CLIENT_ID, sandbox.CLIENT_SECRET, upstream_method("medium")
    )
    assert isinstance(identity.units.ports, IdentityPorts)
    identity.units.ports = replace(identity.units.ports, upstream=made)
    return made


def begun(portal: Portal) -> tuple[str, str]:
    """The login's id, and where the browser goes."""
    answer = portal.post("/upstream-logins")
    assert answer.status_code == 201, answer.text
    said = answer.get_json()
    return said["id"], said["location"]


def chosen(location: str, who: str = AN) -> dict[str, str]:
    """What the provider sends back with the browser of who chose to be that person."""
    went = urllib3.request("GET", f"{location}&person={who}", redirect=False)
    assert went.status == 302, went.data
    assert went.headers["Location"].startswith(BACK + "?")
    found = parse_qs(urlsplit(went.headers["Location"]).query)
    return {name: value for name, (value,) in found.items()}


def come_back(portal: Portal, id: str, told: Mapping[str, Any], device: str | None = None) -> TestResponse:
    body = {"code": told["code"], "state": told["state"], "issuer": told.get("iss"), "device": device}
    return portal.post(f"/upstream-logins/{id}", body)


def log_in(portal: Portal, device: str | None = None) -> TestResponse:
    id, location = begun(portal)
    return come_back(portal, id, chosen(location), device)


def test_somebody_with_an_account_is_logged_into_it(portal: Portal, above: OidcUpstream) -> None:
    account = portal.account()
    answer = log_in(portal)
    assert answer.status_code == 201, answer.text
    tokens = answer.get_json()
    assert claims(tokens["access_token"])["sub"] == account["account_id"]
    assert portal.refresh(tokens["refresh_token"]).status_code == 201


def test_the_owner_is_told_of_a_new_device_once(
    identity: ServiceUnderTest, portal: Portal, above: OidcUpstream
) -> None:
    portal.account()
    device = log_in(portal).get_json()["device"]
    assert log_in(portal, device).get_json()["device"] == device
    assert [told.notice for told in identity.announced(AccountNotice)] == ["new-login"]


def test_somebody_without_one_goes_on_with_what_the_provider_told(
    identity: ServiceUnderTest, portal: Portal, above: OidcUpstream
) -> None:
    answer = log_in(portal)
    assert answer.status_code == 202, answer.text
    waiting = answer.get_json()
    assert waiting["state"] == "awaiting-code"
    assert waiting["phone"].endswith(person()["phone"][-2:])
    assert person()["phone"] not in answer.text
    assert portal.confirm(waiting["id"], portal.code()).status_code == 200
    made = portal.post(f"/registrations/{waiting['id']}/account", {"password": PASSWORD}).get_json()
    assert (made["login"], made["assurance"]) == (AN, "medium")
    assert portal.session()["access_token"]


def test_how_surely_the_provider_knows_people_is_the_installations_to_say(
    identity: ServiceUnderTest, portal: Portal, above: OidcUpstream
) -> None:
    portal.account()
    sure = replace(above, method=upstream_method("high"))
    assert isinstance(identity.units.ports, IdentityPorts)
    identity.units.ports = replace(identity.units.ports, upstream=sure)
    for _ in range(2):
        assert claims(log_in(portal).get_json()["access_token"])["acr"] == "high"
    with identity.units() as uow:
        account = queries.account_by_login(uow, accounts.login_index(uow, AN))
        assert account is not None
        assert [proof.method for proof in queries.proofs_of(uow, account.id)] == ["phone", "upstream-high"]


def test_no_form_may_say_that_a_provider_proved_it(portal: Portal) -> None:
    refused(portal.register(method="upstream-high"), 422, "invalid")


def test_an_answer_works_once_and_only_for_the_login_it_is_of(portal: Portal, above: OidcUpstream) -> None:
    portal.account()
    id, location = begun(portal)
    told = chosen(location)
    assert come_back(portal, id, told).status_code == 201
    refused(come_back(portal, id, told), 404, "upstream-login-not-found")
    other, there = begun(portal)
    refused(come_back(portal, other, told), 422, "upstream-refused")
    assert come_back(portal, other, chosen(there)).status_code == 201
    refused(come_back(portal, str(uuid4()), told), 404, "upstream-login-not-found")


def test_a_code_of_another_login_is_worth_nothing(portal: Portal, above: OidcUpstream) -> None:
    """Somebody puts a code of theirs into another's browser: its challenge and nonce are not that login's."""
    portal.account()
    _, theirs = begun(portal)
    id, ours = begun(portal)
    mixed = chosen(ours) | {"code": chosen(theirs)["code"]}
    refused(come_back(portal, id, mixed), 422, "upstream-refused")


def test_a_login_is_forgotten_in_time(portal: Portal, above: OidcUpstream) -> None:
    id, location = begun(portal)
    told = chosen(location)
    portal.wait(minutes=10)
    refused(come_back(portal, id, told), 404, "upstream-login-not-found")
    assert portal.sut.tick("sweep") >= 1


def test_an_answer_of_another_issuer_is_not_believed(portal: Portal, above: OidcUpstream) -> None:
    id, location = begun(portal)
    told = chosen(location) | {"iss": "https://another.example"}
    refused(come_back(portal, id, told), 422, "upstream-refused")


def test_nothing_secret_of_a_login_is_stored(
    identity: ServiceUnderTest, portal: Portal, above: OidcUpstream
) -> None:
    _, location = begun(portal)
    asked = parse_qs(urlsplit(location).query)
    stored = identity.everything_stored()
    assert asked["state"][0] not in stored
    assert asked["nonce"][0] not in stored


def test_a_provider_that_is_away_costs_the_others_nothing(
    identity: ServiceUnderTest, portal: Portal, above: OidcUpstream
) -> None:
    assert isinstance(identity.units.ports, IdentityPorts)
    gone = replace(above, issuer="http://127.0.0.1:9")
    identity.units.ports = replace(identity.units.ports, upstream=gone)
    away = refused(portal.post("/upstream-logins"), 503, "upstream-away")
    assert away["detail"]
    portal.account()
    assert portal.session()["access_token"]


def test_without_a_provider_there_is_no_such_login(portal: Portal) -> None:
    refused(portal.post("/upstream-logins"), 404, "no-upstream")


FLOW = Flow("state", "nonce", "v" * 43)
Forge = Callable[[dict[str, Any], ECKey], str]


class Answers:
    """A provider over no wire: what it answers, by the end of the path."""

    def __init__(self, key: ECKey, id_token: str) -> None:
        at = "https://above.example"
        names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
        self.said: dict[str, Any] = {
            "configuration": {"issuer": at, **{name: f"{at}/{name}" for name in names}},
            "jwks_uri": {"keys": [key.as_dict(private=False)]},
            "token_endpoint": {"access_token": "a", "id_token": id_token},
            "userinfo_endpoint": {"sub": "an"},
        }

    def get(self, path: str, *_headers: object) -> Any:
        import msgspec

        from chassis.http import Answer

        (found,) = [body for end, body in self.said.items() if path.endswith(end)]
        return Answer(200, msgspec.json.encode(found))

    def post_form(self, path: str, form: Mapping[str, str], *_headers: object) -> Any:
        assert form["code_verifier"] == FLOW.verifier
        return self.get(path)


def right(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    said = {"iss": "https://above.example", "aud": "motcua", "sub": "an", "nonce": "nonce"}
    whole = said | {"iat": now, "exp": now + 60} | changes
    return {name: value for name, value in whole.items() if value is not None}


def told_by(key: ECKey, id_token: str, **said: Any) -> Mapping[str, Any]:
    answers = Answers(key, id_token)
    answers.said |= said
    made: Any = OidcUpstream("https://above.example", "motcua", "s", upstream_method("medium"))
    return dict(replace(made, http=answers).claims(FLOW, "code", None, BACK))


KEY = ECKey.generate_key("P-256", auto_kid=True)


def signed(claims: dict[str, Any], key: ECKey = KEY) -> str:
    return jwt.encode({"alg": "ES256", "kid": KEY.kid}, claims, key)


def test_a_right_id_token_is_believed() -> None:
    assert told_by(KEY, signed(right()))["sub"] == "an"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://another.example"},
        {"aud": "another"},
        {"aud": ["motcua", "another"], "azp": "another"},
        {"nonce": "of another login"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"iat": 99_999_999_999},
    ],
    ids=str,
)
def test_an_id_token_that_is_not_for_this_login_is_not_believed(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="upstream-refused"):
        told_by(KEY, signed(right(**changes)))


@pytest.mark.parametrize("forged", ["by another key", "unsigned", "missing", "no token"])
def test_an_id_token_that_the_provider_did_not_sign_is_not_believed(forged: str) -> None:
    made = signed(right())
    token: Any = {
        "by another key": signed(right(), ECKey.generate_key("P-256")),
        "unsigned": "eyJhbGciOiJub25lIn0." + made.split(".")[1] + ".",
        "missing": None,
        "no token": "x",
    }[forged]
    with pytest.raises(Invalid, match="upstream-refused"):
        told_by(KEY, token)


def test_what_is_said_of_another_person_or_by_another_issuer_is_not_believed() -> None:
    with pytest.raises(Invalid, match="upstream-refused"):
        told_by(KEY, signed(right()), userinfo_endpoint={"sub": "binh"})
    with pytest.raises(Invalid, match="upstream-refused"):
        told_by(KEY, signed(right()), configuration={"issuer": "https://another.example"})
    with pytest.raises(Away):
        told_by(KEY, signed(right()), jwks_uri=[])


WHOLE = {
    "id_number": AN,
    "name": "Nguyễn Văn An",
    "birthdate": person()["date_of_birth"],
    "phone_number": "+84912000017",
}


@pytest.mark.parametrize(
    "changes",
    [
        {"id_number": None},
        {"id_number": "1"},
        {"name": None},
        {"name": "<b>"},
        {"birthdate": "1880-01-01"},
        {"birthdate": "yesterday"},
        {"phone_number": None},
        {"phone_number": "+1 202 555 0100"},
    ],
    ids=str,
)
def test_a_person_half_known_is_sent_to_the_form(changes: dict[str, Any]) -> None:
    assert person_of(WHOLE, "id_number").phone == "0912000017"
    given = {name: value for name, value in (WHOLE | changes).items() if value is not None}
    with pytest.raises(Invalid, match="upstream-incomplete"):
        person_of(given, "id_number")
