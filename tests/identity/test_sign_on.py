"""A ministry's portal signs a person in through this one (OpenID Connect, code flow)."""

import base64
import hashlib
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from chassis.tables import audit
from chassis.testing import ServiceUnderTest
from services.identity.model.rules import Rules
from tests.identity.portal import AN, NGOC, Portal, claims, person, refused
from tests.identity.visitor import (
    BACK,
    EVERYTHING,
    Person,
    Visitor,
    answered,
    good,
    logged_in,
    parameters,
    register,
    said,
)


@pytest.fixture
def an(portal: Portal) -> Person:
    portal.account()
    return logged_in(portal)


@pytest.fixture
def ministry(identity: ServiceUnderTest) -> Visitor:
    return register(identity)


def test_a_person_allows_it_and_the_relying_party_learns_who_it_is(
    identity: ServiceUnderTest, ministry: Visitor, an: Person, rules: Rules
) -> None:
    begun = said(ministry.begin(scope="openid profile id_number phone email"))
    assert (begun["step"], begun["relying_party"]) == ("login", "Cổng Bộ Y tế")
    asked = said(ministry.step(begun["id"], an))
    assert asked["step"] == "consent"
    assert asked["scopes"] == ["openid", "profile", "id_number", "phone", "email"]
    back = answered(ministry.step(begun["id"], an, "allow"))
    assert (back["state"], back["iss"]) == (ministry.state, identity.settings.public_url)
    tokens = good(ministry.redeem(back["code"]))
    assert (tokens["token_type"], tokens["scope"]) == ("Bearer", "openid profile id_number phone email")
    known = good(ministry.userinfo(tokens["access_token"]))
    assert known == {
        "sub": known["sub"],
        "account_type": 1,
        "acr": "medium",
        "name": person()["full_name"],
        "gender": "male",
        "birthdate": person()["date_of_birth"],
        "id_number": AN,
        "phone_number": "+84" + person()["phone"][1:],
        "phone_number_verified": True,
    } | ({"email": person()["email"], "email_verified": False} if "email" in person() else {})


def test_the_id_token_says_who_when_how_surely_and_for_whom_and_nothing_personal(
    identity: ServiceUnderTest, ministry: Visitor, an: Person, rules: Rules
) -> None:
    identity.clock.move(rules.access_lifetime / 2)
    tokens = ministry.tokens(an, scope=" ".join(EVERYTHING))
    told = ministry.id_token(tokens["id_token"])
    now = int(identity.clock.timestamp())
    digest = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert told == {
        "iss": identity.settings.public_url,
        "aud": ministry.id,
        "azp": ministry.id,
        "sub": good(ministry.userinfo(tokens["access_token"]))["sub"],
        "sid": told["sid"],
        "nonce": ministry.nonce,
        "acr": "medium",
        "auth_time": now - 300,
        "iat": now,
        "exp": now + 600,
        "at_hash": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    }


def test_only_what_was_asked_for_and_allowed_to_the_relying_party_is_told(
    identity: ServiceUnderTest, an: Person
) -> None:
    modest = register(identity, scopes=["openid"])
    tokens = modest.tokens(an, scope="openid profile id_number phone unheard-of")
    assert tokens["scope"] == "openid"
    assert good(modest.userinfo(tokens["access_token"])).keys() == {"sub", "account_type", "acr"}


def test_a_person_who_says_no_is_sent_back_without_a_code(ministry: Visitor, an: Person) -> None:
    begun = said(ministry.begin())
    back = answered(ministry.step(begun["id"], an, "deny"))
    assert (back["error"], back["state"]) == ("access_denied", ministry.state)
    assert "code" not in back
    assert said(ministry.step(said(ministry.begin())["id"], an))["step"] == "consent"


def test_what_was_allowed_once_is_not_asked_again_but_more_is(ministry: Visitor, an: Person) -> None:
    ministry.allowed(an)
    assert "code" in answered(ministry.step(said(ministry.begin())["id"], an))
    more = said(ministry.step(said(ministry.begin(scope="openid id_number"))["id"], an))
    assert (more["step"], more["scopes"]) == ("consent", ["openid", "id_number"])
    again = said(ministry.step(said(ministry.begin(prompt="consent"))["id"], an))
    assert again["step"] == "consent"


def test_a_consent_taken_back_ends_the_tokens_and_is_asked_for_again(
    identity: ServiceUnderTest, ministry: Visitor, an: Person
) -> None:
    tokens = ministry.tokens(an)
    kept = good(identity.client.get("/api/v1/account/consents", headers=an))["items"]
    assert [(each["relying_party"], each["name"], each["scopes"]) for each in kept] == [
        (ministry.id, "Cổng Bộ Y tế", ["openid", "profile"])
    ]
    for _ in range(2):
        gone = identity.client.delete(f"/api/v1/account/consents/{ministry.id}", headers=an)
        assert gone.status_code == 204
    assert good(identity.client.get("/api/v1/account/consents", headers=an)) == {"items": []}
    assert ministry.userinfo(tokens["access_token"]).status_code == 401
    assert said(ministry.refresh(tokens["refresh_token"]))["error"] == "invalid_grant"
    assert said(ministry.step(said(ministry.begin())["id"], an))["step"] == "consent"


def test_nobody_sees_or_takes_back_the_consents_of_another(
    identity: ServiceUnderTest, portal: Portal, ministry: Visitor, an: Person
) -> None:
    tokens = ministry.tokens(an)
    portal.account(person(NGOC))
    ngoc = logged_in(portal, login=NGOC)
    assert good(identity.client.get("/api/v1/account/consents", headers=ngoc)) == {"items": []}
    identity.client.delete(f"/api/v1/account/consents/{ministry.id}", headers=ngoc)
    assert ministry.userinfo(tokens["access_token"]).status_code == 200


def test_an_id_is_the_same_within_a_sector_and_never_between_two(
    identity: ServiceUnderTest, portal: Portal, an: Person
) -> None:
    health = [
        register(identity, f"https://{host}/back", sector="yte.example.vn") for host in ("a.vn", "b.vn")
    ]
    schools = register(identity, "https://c.vn/back", sector="giaoduc.example.vn")
    subjects = [said(rp.userinfo(rp.tokens(an)["access_token"]))["sub"] for rp in (*health, schools)]
    assert subjects[0] == subjects[1] != subjects[2]
    later = logged_in(portal)
    assert said(schools.userinfo(schools.tokens(later)["access_token"]))["sub"] == subjects[2]
    account = claims(an["Authorization"].split()[1])["sub"]
    assert account not in subjects
    portal.account(person(NGOC))
    ngoc = logged_in(portal, login=NGOC)
    assert said(schools.userinfo(schools.tokens(ngoc)["access_token"]))["sub"] not in subjects


def test_a_silent_request_is_answered_without_a_page(ministry: Visitor, an: Person) -> None:
    nobody = answered(ministry.begin(prompt="none", signed_in=False))
    assert (nobody["error"], nobody["state"]) == ("login_required", ministry.state)
    unasked = answered(ministry.step(said(ministry.begin(prompt="none"))["id"], an))
    assert unasked["error"] == "consent_required"
    ministry.allowed(an)
    assert "code" in answered(ministry.step(said(ministry.begin(prompt="none"))["id"], an))
    assert answered(ministry.begin(prompt="none login"))["error"] == "invalid_request"


@pytest.mark.parametrize("demand", [{"prompt": "login"}, {"max_age": "0"}, {"max_age": "60"}])
def test_a_person_proves_again_who_they_are_when_that_is_asked(
    portal: Portal, ministry: Visitor, an: Person, demand: dict[str, Any]
) -> None:
    ministry.allowed(an)
    portal.wait(minutes=2)
    begun = said(ministry.begin(**demand))
    again = said(ministry.step(begun["id"], an))
    assert (again["step"], again["id"]) == ("login", begun["id"])
    assert said(ministry.step(begun["id"], an, "allow"))["step"] == "login"
    back = answered(ministry.step(begun["id"], logged_in(portal)))
    assert ministry.id_token(good(ministry.redeem(back["code"]))["id_token"])["auth_time"] >= int(
        ministry.sut.clock.timestamp()
    )


def test_a_login_young_enough_is_not_asked_for_again(portal: Portal, ministry: Visitor, an: Person) -> None:
    ministry.allowed(an)
    portal.wait(minutes=5)
    assert "code" in answered(ministry.step(said(ministry.begin(max_age="3600"))["id"], an))


def test_a_person_who_is_not_surely_enough_known_is_refused_in_the_standards_words(
    portal: Portal, ministry: Visitor, an: Person
) -> None:
    begun = said(ministry.begin(acr_values="high"))["id"]
    for decision in (None, "allow"):
        assert said(ministry.step(begun, an, decision))["step"] == "step-up"
    silent = said(ministry.begin(acr_values="high", prompt="none"))["id"]
    assert answered(ministry.step(silent, an))["error"] == "unmet_authentication_requirements"
    too_low = answered(ministry.step(begun, an, "deny"))
    assert too_low["error"] == "unmet_authentication_requirements"
    for enough in ("medium", "high medium", "urn:other medium"):
        assert "code" in ministry.allowed(an, acr_values=enough)
    surely = logged_in(portal, "high")
    tokens = ministry.tokens(surely, acr_values="high")
    assert ministry.id_token(tokens["id_token"])["acr"] == "high"
    assert good(ministry.userinfo(tokens["access_token"]))["acr"] == "high"
    assert answered(ministry.begin(acr_values="urn:other"))["error"] == "invalid_request"


def test_a_refresh_gives_new_tokens_and_the_old_one_ends_the_family(
    portal: Portal, ministry: Visitor, an: Person, rules: Rules
) -> None:
    first = ministry.tokens(an)
    second = good(ministry.refresh(first["refresh_token"]))
    assert second["refresh_token"] != first["refresh_token"]
    assert "id_token" not in second
    assert ministry.userinfo(second["access_token"]).status_code == 200
    portal.wait(seconds=rules.refresh_grace.total_seconds() + 1)
    assert said(ministry.refresh(first["refresh_token"]))["error"] == "invalid_grant"
    assert said(ministry.refresh(second["refresh_token"]))["error"] == "invalid_grant"
    assert ministry.userinfo(second["access_token"]).status_code == 401


def test_a_refresh_whose_answer_was_lost_may_be_tried_again_at_once(
    portal: Portal, ministry: Visitor, an: Person, rules: Rules
) -> None:
    first = ministry.tokens(an)["refresh_token"]
    lost = good(ministry.refresh(first))
    portal.wait(seconds=rules.refresh_grace.total_seconds())
    again = good(ministry.refresh(first))
    good(ministry.refresh(again["refresh_token"]))
    assert said(ministry.refresh(first))["error"] == "invalid_grant"
    assert said(ministry.refresh(lost["refresh_token"]))["error"] == "invalid_grant"


def test_a_refresh_may_ask_for_less_but_never_for_more(ministry: Visitor, an: Person) -> None:
    first = ministry.tokens(an, scope="openid profile")
    less = good(ministry.refresh(first["refresh_token"], scope="openid"))
    assert "name" not in good(ministry.userinfo(less["access_token"]))
    assert said(ministry.refresh(less["refresh_token"], scope="openid phone"))["error"] == "invalid_scope"
    whole = good(ministry.refresh(less["refresh_token"]))
    assert "name" in good(ministry.userinfo(whole["access_token"]))


def test_logging_out_of_the_portal_ends_the_tokens_everywhere(
    identity: ServiceUnderTest, ministry: Visitor, an: Person
) -> None:
    tokens, code = ministry.tokens(an), ministry.code(an)
    assert identity.client.delete("/api/v1/sessions/current", headers=an).status_code == 204
    assert ministry.userinfo(tokens["access_token"]).status_code == 401
    assert ministry.introspect(tokens["access_token"]) == {"active": False}
    assert said(ministry.refresh(tokens["refresh_token"]))["error"] == "invalid_grant"
    assert said(ministry.redeem(code))["error"] == "invalid_grant"
    refused(ministry.step(said(ministry.begin())["id"], an), 401, "session-ended")


def test_tokens_are_introspected_and_revoked_by_their_relying_party(
    identity: ServiceUnderTest, ministry: Visitor, an: Person
) -> None:
    tokens = ministry.tokens(an)
    about = ministry.introspect(tokens["access_token"])
    assert (about["active"], about["client_id"], about["scope"]) == (True, ministry.id, "openid profile")
    assert about["exp"] - about["iat"] == 600
    other = register(identity, "https://khac.example.vn/back")
    assert other.introspect(tokens["access_token"]) == {"active": False}
    good(other.form("/oauth2/revoke", {"token": tokens["refresh_token"]}))
    assert ministry.introspect(tokens["refresh_token"])["active"]
    good(ministry.form("/oauth2/revoke", {"token": tokens["access_token"]}))
    assert not ministry.introspect(tokens["access_token"])["active"]
    assert ministry.introspect(tokens["refresh_token"])["active"]
    newer = good(ministry.refresh(tokens["refresh_token"]))
    for _ in range(2):
        good(ministry.form("/oauth2/revoke", {"token": newer["refresh_token"]}))
    assert not ministry.introspect(newer["access_token"])["active"]
    assert ministry.introspect("unheard-of") == {"active": False}


def test_an_answer_sent_twice_gives_a_code_twice_to_the_same_person_only(
    portal: Portal, ministry: Visitor, an: Person
) -> None:
    begun = said(ministry.begin())["id"]
    codes = {answered(ministry.step(begun, an, "allow"))["code"] for _ in range(2)}
    assert len(codes) == 2
    portal.account(person(NGOC))
    refused(ministry.step(begun, logged_in(portal, login=NGOC)), 404, "sign-on-not-found")


def test_a_request_is_forgotten_when_nobody_answers_it(portal: Portal, ministry: Visitor, an: Person) -> None:
    begun = said(ministry.begin())["id"]
    portal.wait(minutes=30)
    later = logged_in(portal)
    refused(ministry.step(begun, later, "allow"), 404, "sign-on-not-found")
    refused(ministry.step(str(uuid4()), later), 404, "sign-on-not-found")


def test_what_is_over_is_swept(
    identity: ServiceUnderTest, ministry: Visitor, an: Person, rules: Rules
) -> None:
    ministry.tokens(an)
    identity.clock.move(rules.session_lifetime)
    while identity.tick("sweep"):
        pass
    stored = identity.everything_stored()
    assert ministry.nonce not in stored
    assert ministry.id in stored


def test_neither_codes_nor_tokens_nor_secrets_are_stored(
    identity: ServiceUnderTest, ministry: Visitor, an: Person
) -> None:
    code = ministry.code(an)
    tokens = good(ministry.redeem(code))
    stored = identity.everything_stored()
    for secret in (code, tokens["access_token"], tokens["refresh_token"], ministry.secret):
        assert secret
        assert secret not in stored


def test_discovery_says_where_everything_is(identity: ServiceUnderTest) -> None:
    found = good(identity.client.get("/api/v1/oauth2/configuration"))
    issuer = identity.settings.public_url
    assert found["issuer"] == issuer
    assert found["authorization_endpoint"] == f"{issuer}/oauth2/authorize"
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert "none" not in found["id_token_signing_alg_values_supported"]
    for name in ("token", "userinfo", "introspection", "revocation"):
        path = found[f"{name}_endpoint"].removeprefix(issuer)
        assert identity.client.post(path).status_code != 404, name
    assert identity.client.get(found["jwks_uri"].removeprefix(issuer)).status_code == 200


def test_officials_and_operators_have_nothing_to_sign_in_with(
    identity: ServiceUnderTest, ministry: Visitor
) -> None:
    begun = said(ministry.begin())["id"]
    for headers in (identity.as_official("H01"), identity.as_operator(), identity.as_agency("H01")):
        refused(ministry.step(begun, headers), 403, "not-allowed")


def test_where_the_browser_is_sent_keeps_what_the_address_had(identity: ServiceUnderTest, an: Person) -> None:
    party = register(identity, BACK + "?portal=1")
    begun = said(party.begin())["id"]
    location = said(party.step(begun, an, "allow"))["location"]
    assert location.startswith(BACK + "?")
    assert parameters(location)["portal"] == "1"
    assert UUID(begun)


HOME = "https://yte.example.vn/"


def leaving(sut: ServiceUnderTest, **asked: str) -> dict[str, Any]:
    answer = sut.client.post("/api/v1/oauth2/logouts", json={"query": urlencode(asked)})
    assert answer.status_code == 201, answer.text
    return said(answer)


def test_a_person_who_logs_out_goes_back_only_to_where_the_relying_party_registered(
    identity: ServiceUnderTest, an: Person
) -> None:
    party = register(identity, post_logout_redirect_uris=[HOME])
    hint = party.tokens(an)["id_token"]
    for named in (
        {"client_id": party.id},
        {"id_token_hint": hint},
        {"client_id": party.id, "id_token_hint": hint},
    ):
        back = leaving(identity, post_logout_redirect_uri=HOME, state="a b", **named)
        assert back == {"relying_party": "Cổng Bộ Y tế", "location": HOME + "?state=a+b"}
    for address in (HOME + "x", "https://evil.example/", "//evil.example", BACK):
        assert leaving(identity, post_logout_redirect_uri=address, client_id=party.id)["location"] is None
    other = register(identity, "https://khac.example.vn/back")
    for named in (
        {},
        {"client_id": other.id},
        {"client_id": other.id, "id_token_hint": hint},
        {"id_token_hint": hint[:-4] + "AAAA"},
        {"id_token_hint": "x"},
        {"client_id": "x"},
    ):
        assert leaving(identity, post_logout_redirect_uri=HOME, **named)["location"] is None


def test_an_id_token_whose_time_is_over_still_says_whose_relying_party_it_is(
    identity: ServiceUnderTest, portal: Portal, an: Person
) -> None:
    party = register(identity, post_logout_redirect_uris=[HOME])
    hint = party.tokens(an)["id_token"]
    portal.wait(hours=5)
    assert leaving(identity, post_logout_redirect_uri=HOME, id_token_hint=hint)["location"] == HOME


def test_it_is_on_record_who_was_allowed_what_and_who_looked(
    identity: ServiceUnderTest, ministry: Visitor, an: Person
) -> None:
    ministry.userinfo(ministry.tokens(an)["access_token"])
    identity.client.delete(f"/api/v1/account/consents/{ministry.id}", headers=an)
    account = claims(an["Authorization"].split()[1])["sub"]
    with identity.units() as uow:
        rows = uow.session.execute(select(audit).where(audit.c.about == ministry.id)).all()
    deeds = {"consent-given", "signed-on", "look-account", "consent-taken-back"}
    assert {row.deed for row in rows if str(row.whose) == account} == deeds
    assert {row.deed for row in rows if row.kind == "console"} == {"relying-party-created"}
    (look,) = [row for row in rows if row.deed == "look-account"]
    assert (look.kind, str(look.actor)) == ("relying-party", ministry.id)
