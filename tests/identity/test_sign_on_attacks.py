"""What somebody tries who wants to be signed in as another, or learn what is not theirs."""

import base64
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.auth import AUDIENCE, Verifier
from chassis.testing import ServiceUnderTest
from services.identity.commands import keys
from services.identity.model.rules import Rules
from tests.identity.portal import Portal, claims, refused
from tests.identity.visitor import (
    BACK,
    Person,
    Visitor,
    answered,
    good,
    logged_in,
    register,
    s256,
    said,
    wrong,
)
from vocabulary.refusals import NotAuthenticated


@pytest.fixture
def an(portal: Portal) -> Person:
    portal.account()
    return logged_in(portal)


@pytest.fixture
def ministry(identity: ServiceUnderTest) -> Visitor:
    return register(identity)


def test_a_code_used_twice_ends_the_tokens_of_the_first(ministry: Visitor, an: Person) -> None:
    code = ministry.code(an)
    tokens = good(ministry.redeem(code))
    wrong(ministry.redeem(code), 400, "invalid_grant")
    assert ministry.userinfo(tokens["access_token"]).status_code == 401
    wrong(ministry.refresh(tokens["refresh_token"]), 400, "invalid_grant")


def test_a_code_used_by_many_at_once_leaves_nobody_with_a_good_token(ministry: Visitor, an: Person) -> None:
    code = ministry.code(an)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: ministry.redeem(code), range(6)))
    given = [said(answer)["access_token"] for answer in answers if answer.status_code == 200]
    assert len(given) == 1
    assert ministry.userinfo(given[0]).status_code == 401


def test_a_refresh_token_used_by_many_at_once_is_one_family(ministry: Visitor, an: Person) -> None:
    first = ministry.tokens(an)["refresh_token"]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: ministry.refresh(first), range(6)))
    assert {answer.status_code for answer in answers} == {200}
    following = [ministry.refresh(said(answer)["refresh_token"]).status_code for answer in answers]
    assert following[0] == 200
    wrong(ministry.refresh(first), 400, "invalid_grant")


def test_a_code_lives_a_minute(portal: Portal, ministry: Visitor, an: Person, rules: Rules) -> None:
    code = ministry.code(an)
    portal.wait(seconds=rules.authorization_code_lifetime.total_seconds())
    wrong(ministry.redeem(code), 400, "invalid_grant")


@pytest.mark.parametrize("verifier", [None, "", "x" * 43, "x" * 42, "the challenge"])
def test_a_code_without_its_verifier_is_worth_nothing_and_is_spent(
    ministry: Visitor, an: Person, verifier: str | None
) -> None:
    code = ministry.code(an)
    tried = s256(ministry.verifier) if verifier == "the challenge" else verifier
    assert ministry.redeem(code, code_verifier=tried).status_code == 400
    wrong(ministry.redeem(code), 400, "invalid_grant")


@pytest.mark.parametrize(
    "downgrade",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge": "short"},
        {"code_challenge": "!" * 43},
    ],
)
def test_pkce_cannot_be_left_out_or_made_weaker(ministry: Visitor, downgrade: dict[str, Any]) -> None:
    back = answered(ministry.begin(**downgrade))
    assert (back["error"], back["state"]) == ("invalid_request", ministry.state)


def test_a_code_is_worth_nothing_to_another_relying_party(
    identity: ServiceUnderTest, ministry: Visitor, an: Person
) -> None:
    thief = register(identity, "https://khac.example.vn/back")
    code = ministry.code(an)
    stolen = thief.redeem(code, redirect_uri=BACK, code_verifier=ministry.verifier)
    wrong(stolen, 400, "invalid_grant")
    tokens = good(ministry.redeem(code))
    wrong(thief.refresh(tokens["refresh_token"]), 400, "invalid_grant")
    good(ministry.refresh(tokens["refresh_token"]))


def test_a_code_is_bound_to_the_address_it_was_sent_to(identity: ServiceUnderTest, an: Person) -> None:
    two = register(identity, redirect_uris=[BACK, BACK + "2"])
    for address in (BACK + "2", None, BACK + "/"):
        wrong(two.redeem(two.code(an), redirect_uri=address), 400, "invalid_grant")


@pytest.mark.parametrize(
    "address",
    [
        BACK + "/",
        BACK + "/../evil",
        BACK + "?next=https://evil.example",
        BACK + "#fragment",
        BACK.upper(),
        "http://yte.example.vn/back",
        "https://yte.example.vn:443/back",
        "https://yte.example.vn.evil.example/back",
        "https://yte.example.vn@evil.example/back",
        "https://evil.example/back",
        "//evil.example",
        "javascript:alert(1)",
        "data:text/html,hello",
        BACK + "\r\nLocation: https://evil.example",
        BACK + '"',
        "https://ýtế.example.vn/back",
        "",
        None,
    ],
)
def test_nobody_is_sent_to_an_address_that_was_not_registered(ministry: Visitor, address: str | None) -> None:
    """Neither with a code nor with an error: that would be an open redirect."""
    others: list[dict[str, Any]] = [{}, {"response_type": "token"}, {"scope": "profile"}, {"prompt": "none"}]
    for more in others:
        answer = ministry.begin(redirect_uri=address, **more)
        refused(answer, 400, "sign-on-refused")
        assert "evil" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("client", ["", None, "motcua", "00000000-0000-4000-8000-000000000000", "\x00", "é"])
def test_a_relying_party_that_is_not_known_gets_nobody(ministry: Visitor, client: str | None) -> None:
    refused(ministry.begin(client_id=client), 400, "sign-on-refused")


def test_a_revoked_relying_party_gets_nobody_and_its_tokens_end(
    identity: ServiceUnderTest, ministry: Visitor, an: Person
) -> None:
    from services.identity.commands import relying_parties

    waiting, code = said(ministry.begin())["id"], ministry.code(an)
    tokens = ministry.tokens(an)
    with identity.units() as uow:
        relying_parties.revoke(uow, UUID(ministry.id))
    refused(ministry.begin(), 400, "sign-on-refused")
    refused(ministry.step(waiting, an, "allow"), 400, "sign-on-refused")
    wrong(ministry.redeem(code), 401, "invalid_client")
    wrong(ministry.refresh(tokens["refresh_token"]), 401, "invalid_client")
    assert ministry.userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "https://evil.example/request"}, "request_uri_not_supported"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"prompt": "whatever"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"max_age": "9" * 30}, "invalid_request"),
        ({"nonce": "n" * 201}, "invalid_request"),
    ],
)
def test_a_way_that_is_not_offered_is_refused_at_the_relying_party(
    ministry: Visitor, changes: dict[str, Any], error: str
) -> None:
    back = answered(ministry.begin(**changes))
    assert (back["error"], back["state"]) == (error, ministry.state)
    assert back["iss"] == ministry.sut.settings.public_url


@pytest.mark.parametrize(
    "name", ["client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "prompt"]
)
def test_a_parameter_that_comes_twice_is_refused(ministry: Visitor, name: str) -> None:
    query = ministry.query(prompt="consent")
    answer = ministry.begin(f"{query}&{name}=another")
    refusal = said(answer)
    assert refusal.get("code") == "sign-on-refused" or "error=invalid_request" in refusal["location"]


@pytest.mark.parametrize("query", ["", "%", "%ff%fe", "a=1&" * 40, "client_id", "=", "&&&", "x" * 5000])
def test_what_cannot_be_read_is_no_request(ministry: Visitor, query: str) -> None:
    assert ministry.begin(query or "&").status_code in (400, 422)


def test_a_nonce_gets_one_code(ministry: Visitor, an: Person) -> None:
    query = ministry.query()
    answered(ministry.step(said(ministry.begin(query))["id"], an, "allow"))
    back = answered(ministry.begin(query))
    assert back["error"] == "invalid_request"


def test_the_tokens_of_a_relying_party_open_no_api_of_ours(
    identity: ServiceUnderTest, portal: Portal, ministry: Visitor, an: Person
) -> None:
    """Neither the opaque one, nor the ID token, signed with the same keys; nor one like ours for another."""
    tokens = ministry.tokens(an)
    published: Any = identity.client.get("/api/v1/jwks").json

    class Published:
        def keys(self, _: str | None) -> Any:
            from joserfc.jwk import KeySet

            return KeySet.import_key_set(published)

    verifier = Verifier(Published(), identity.settings.public_url, now=identity.clock.timestamp)
    for token in (tokens["access_token"], tokens["id_token"], tokens["refresh_token"]):
        with pytest.raises(NotAuthenticated):
            verifier.principal(token)
    assert ministry.id_token(tokens["id_token"])["aud"] == ministry.id != AUDIENCE
    own = claims(portal.session()["access_token"])
    with identity.units() as uow:
        key = keys.signing_key(uow)
    head = {"alg": "ES256", "kid": key.kid}
    assert verifier.principal(jwt.encode(head, own, key)).kind == "citizen"
    with pytest.raises(NotAuthenticated):
        verifier.principal(jwt.encode(head, own | {"aud": ministry.id}, key))


def test_our_own_tokens_open_nothing_of_a_relying_party(
    portal: Portal, ministry: Visitor, an: Person
) -> None:
    own = portal.session()
    tokens = ministry.tokens(an)
    for token in (
        own["access_token"],
        own["refresh_token"],
        tokens["id_token"],
        tokens["refresh_token"],
        "",
        "é",
    ):
        answer = ministry.userinfo(token)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    for token in (own["access_token"], own["refresh_token"], tokens["id_token"]):
        assert ministry.introspect(token) == {"active": False}
    wrong(ministry.refresh(own["refresh_token"]), 400, "invalid_grant")
    wrong(ministry.refresh(tokens["access_token"]), 400, "invalid_grant")
    refused(portal.refresh(tokens["refresh_token"]), 401, "session-ended")


def test_agencies_and_relying_parties_do_not_get_each_others_tokens(
    identity: ServiceUnderTest, ministry: Visitor, an: Person
) -> None:
    from services.identity.commands import clients

    with identity.units() as uow:
        agency, secret = clients.create(uow, "H01", "back office")
    code = ministry.code(an)
    wrong(ministry.form("/oauth2/token", {"grant_type": "client_credentials"}), 401, "invalid_client")
    office = Visitor(identity, str(agency.id), secret)
    wrong(office.redeem(code, code_verifier=ministry.verifier), 401, "invalid_client")
    wrong(office.form("/oauth2/introspect", {"token": code}), 401, "invalid_client")
    wrong(office.form("/oauth2/revoke", {"token": code}), 401, "invalid_client")
    good(ministry.redeem(code))


@pytest.mark.parametrize("path", ["token", "introspect", "revoke"])
def test_a_wrong_secret_and_an_unknown_relying_party_are_the_same_401(
    identity: ServiceUnderTest, ministry: Visitor, path: str
) -> None:
    form = {"grant_type": "authorization_code", "code": "x", "token": "x"}
    bad = ministry.form(f"/oauth2/{path}", form, secret="x")
    unknown = Visitor(identity, str(UUID(int=4)), "x").form(f"/oauth2/{path}", form)
    wrong(bad, 401, "invalid_client")
    assert (bad.json, bad.status_code) == (unknown.json, unknown.status_code)
    assert bad.headers["WWW-Authenticate"] == unknown.headers["WWW-Authenticate"]
    bare = {**form, "client_id": ministry.id}
    with identity.app.test_client() as caller:
        wrong(caller.post(f"/api/v1/oauth2/{path}", data=bare), 401, "invalid_client")


def test_a_person_cannot_answer_for_another_session(
    identity: ServiceUnderTest, portal: Portal, ministry: Visitor, an: Person
) -> None:
    """A token without a session of ours gets no code."""
    begun = said(ministry.begin())["id"]
    account = UUID(claims(an["Authorization"].split()[1])["sub"])
    for headers in (identity.as_citizen(account), identity.headers("citizen", account, sid=str(UUID(int=1)))):
        refused(ministry.step(begun, headers, "allow"), 401, "session-ended")


Forge = Callable[[dict[str, Any], ECKey], str]


def es256(claims: dict[str, Any], key: ECKey) -> str:
    return jwt.encode({"alg": "ES256"}, claims, key)


def compact(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None = None) -> str:
    signed = ".".join(text(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}." + (text(hmac.digest(secret, signed.encode(), "sha256")) if secret else "")


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(claims: dict[str, Any], _: ECKey) -> str:
    return compact({"alg": "none"}, claims)


def by_another(claims: dict[str, Any], _: ECKey) -> str:
    return es256(claims, ECKey.generate_key("P-256"))


def by_public_key_as_secret(claims: dict[str, Any], key: ECKey) -> str:
    """The old confusion: the public key, which everybody has, taken for a shared secret."""
    return compact({"alg": "HS256"}, claims, key.as_pem(private=False))


@pytest.fixture
def keyed(identity: ServiceUnderTest) -> tuple[Visitor, ECKey]:
    key = ECKey.generate_key("P-256")
    return register(identity, jwk=json.dumps(key.as_dict(private=False))), key


def assertion(visitor: Visitor, **changes: Any) -> dict[str, Any]:
    now = int(visitor.sut.clock.timestamp())
    audience = f"{visitor.sut.settings.public_url}/api/v1/oauth2/token"
    said = {"iss": visitor.id, "sub": visitor.id, "aud": audience, "iat": now, "exp": now + 60, "jti": "1"}
    whole = said | changes
    return {name: value for name, value in whole.items() if value is not None}


def proved(proof: str) -> dict[str, str]:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return {"client_assertion_type": kind, "client_assertion": proof}


def test_a_relying_party_proves_itself_by_its_key_once_per_proof(
    keyed: tuple[Visitor, ECKey], an: Person
) -> None:
    party, key = keyed
    assert party.secret is None
    proof = proved(es256(assertion(party), key))
    good(party.redeem(party.code(an), **proof))
    wrong(party.redeem(party.code(an), **proof), 401, "invalid_client")
    other = proved(es256(assertion(party, jti="2", aud=party.sut.settings.public_url), key))
    good(party.redeem(party.code(an), **other))


@pytest.mark.parametrize("forge", [unsigned, by_another, by_public_key_as_secret])
def test_a_forged_proof_is_refused(keyed: tuple[Visitor, ECKey], an: Person, forge: Forge) -> None:
    party, key = keyed
    wrong(party.redeem(party.code(an), **proved(forge(assertion(party), key))), 401, "invalid_client")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://another.example"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 99_999_999_999},
        {"jti": None},
        {"iss": "another"},
        {"sub": "another"},
        {"sub": 7},
        {"nbf": 99_999_999_999},
    ],
)
def test_a_proof_that_is_not_for_here_and_now_is_refused(
    keyed: tuple[Visitor, ECKey], an: Person, changes: dict[str, Any]
) -> None:
    party, key = keyed
    proof = proved(es256(assertion(party, **changes), key))
    wrong(party.redeem(party.code(an), **proof), 401, "invalid_client")


@pytest.mark.parametrize("proof", ["", "x", "a.b.c", "é", "e30.e30.e30", "." * 3])
def test_what_is_no_proof_is_refused(keyed: tuple[Visitor, ECKey], an: Person, proof: str) -> None:
    party, _ = keyed
    wrong(party.redeem(party.code(an), **proved(proof)), 401, "invalid_client")


def test_a_relying_party_with_a_key_has_no_secret_and_the_other_way_round(
    keyed: tuple[Visitor, ECKey], ministry: Visitor, an: Person
) -> None:
    party, key = keyed
    for guess in ("x", "%00", " "):
        wrong(party.redeem(party.code(an), secret=guess), 401, "invalid_client")
    posing = proved(es256(assertion(ministry), key))
    wrong(ministry.redeem(ministry.code(an), **posing), 401, "invalid_client")


def test_a_state_comes_back_as_it_was(ministry: Visitor, an: Person) -> None:
    for state in ("a b&c=d", "ế", "'\"<script>", quote("%")):
        assert ministry.allowed(an, state=state)["state"] == state
