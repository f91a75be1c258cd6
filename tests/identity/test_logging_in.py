import time
import unicodedata
from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import update

from chassis.auth import Verifier
from chassis.testing import PUBLIC_URL, ServiceUnderTest
from services.identity.adapters.passwords import Passwords
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import login
from services.identity.model.rules import Rules
from services.identity.tables import accounts
from tests.identity.portal import AN, NGOC, PASSWORD, Portal, person, refused


@pytest.fixture
def an(portal: Portal) -> Portal:
    """Mr An has an account."""
    portal.account()
    return portal


def test_a_new_device_needs_a_code_and_is_known_from_then_on(an: Portal) -> None:
    waiting = an.log_in()
    said = waiting.get_json()
    assert (waiting.status_code, said["state"], said["resend_after"]) == (202, "awaiting-code", 60)
    assert an.requested()[-1].purpose == "login"
    tokens = an.post(f"/sessions/{said['id']}/confirmation", {"code": an.code()})
    assert tokens.status_code == 201
    assert tokens.get_json().keys() == {"access_token", "refresh_token", "expires_in", "device"}
    sent = len(an.requested())
    again = an.log_in(device=tokens.get_json()["device"])
    assert (again.status_code, len(an.requested())) == (201, sent)


def test_the_device_of_another_account_is_a_new_device(an: Portal) -> None:
    device = an.session()["device"]
    an.account(person(NGOC))
    assert an.log_in(NGOC, device=device).status_code == 202
    assert an.log_in(device="made up").status_code == 202


def test_a_device_is_forgotten_after_its_time(an: Portal) -> None:
    device = an.session()["device"]
    an.wait(days=180)
    assert an.log_in(device=device).status_code == 202


def test_the_login_may_be_typed_in_groups_and_the_password_on_any_keyboard(an: Portal) -> None:
    decomposed = unicodedata.normalize("NFD", PASSWORD)
    assert decomposed != PASSWORD
    assert an.log_in("001 099 000 017", decomposed).status_code == 202


def test_an_unknown_login_and_a_wrong_password_get_the_same_answer(an: Portal) -> None:
    wrong = refused(an.log_in(password="không phải nó"), 401, "login-failed")
    unknown = refused(an.log_in("001099000999"), 401, "login-failed")
    assert wrong | {"request_id": ""} == unknown | {"request_id": ""}


def test_an_unknown_login_costs_as_much_work_as_a_wrong_password() -> None:
    passwords = Passwords(time_cost=2, memory_kib=8192)
    stored = passwords.hash("đúng mật khẩu")
    # Turn by turn, so that what else the machine does meets both; the least is what the work itself takes.
    times = [(timed(passwords, stored), timed(passwords, None)) for _ in range(15)]
    known, unknown = map(min, zip(*times, strict=True))
    assert 0.5 < known / unknown < 2


def timed(passwords: Passwords, stored: str | None) -> float:
    before = time.perf_counter()
    assert not passwords.match(stored, "sai mật khẩu")
    return time.perf_counter() - before


def test_guessing_is_slowed_down_but_never_for_ever(an: Portal) -> None:
    for _ in range(5):
        refused(an.log_in(password="đoán mò thôi"), 401, "login-failed")
    answer = an.log_in()
    refused(answer, 429, "login-paused")
    assert answer.headers["Retry-After"] == "30"
    an.wait(seconds=30)
    assert an.log_in().status_code == 202
    assert an.log_in(password="đoán mò thôi").status_code == 401, "the right password starts the count anew"


def test_the_pause_grows_to_a_quarter_of_an_hour(an: Portal) -> None:
    pauses = []
    for _ in range(14):
        an.log_in(password="đoán mò thôi")
        blocked = an.log_in(password="đoán mò thôi")
        pauses.append(int(blocked.headers.get("Retry-After", 0)))
        an.wait(seconds=pauses[-1])
    assert [p for p in pauses if p][:4] == [30, 60, 120, 240]
    assert max(pauses) == 900


def test_an_unknown_login_is_slowed_down_in_the_same_way(portal: Portal) -> None:
    for _ in range(5):
        portal.log_in("nobody-here")
    refused(portal.log_in("nobody-here"), 429, "login-paused")


def test_a_stranger_who_guesses_does_not_lock_the_owner_out_of_a_known_device(an: Portal) -> None:
    device = an.session()["device"]
    for _ in range(6):
        an.log_in(password="đoán mò thôi")
    assert an.log_in().status_code == 429
    assert an.log_in(device=device).status_code == 201


def test_a_login_code_works_once(an: Portal) -> None:
    id = an.log_in().get_json()["id"]
    refused(an.post(f"/sessions/{id}/confirmation", {"code": an.wrong_code()}), 422, "code-wrong", "/code")
    assert an.post(f"/sessions/{id}/confirmation", {"code": an.code()}).status_code == 201
    refused(an.post(f"/sessions/{id}/confirmation", {"code": an.code()}), 404, "login-not-found")


def test_a_login_code_has_five_tries_and_expires(an: Portal) -> None:
    id = an.log_in().get_json()["id"]
    for _ in range(5):
        refused(an.post(f"/sessions/{id}/confirmation", {"code": an.wrong_code()}), 422, "code-wrong")
    refused(an.post(f"/sessions/{id}/confirmation", {"code": an.code()}), 429, "code-tries")
    an.wait(minutes=1)
    id = an.log_in().get_json()["id"]
    an.wait(minutes=5)
    refused(an.post(f"/sessions/{id}/confirmation", {"code": an.code()}), 422, "code-expired")
    an.wait(minutes=5)
    refused(an.post(f"/sessions/{id}/confirmation", {"code": an.code()}), 404, "login-not-found")


def test_a_second_code_within_a_minute_is_refused(an: Portal) -> None:
    an.log_in()
    refused(an.log_in(), 429, "code-too-soon")


def test_a_password_hash_of_older_settings_is_renewed_at_login(
    an: Portal, identity: ServiceUnderTest, register_url: str, rules: Rules
) -> None:
    stronger = Passwords(time_cost=2, memory_kib=128)
    old: IdentityPorts = identity.units.ports  # type: ignore[assignment]
    identity.units.ports = replace(old, passwords=stronger)
    assert an.log_in().status_code == 202
    assert "m=128,t=2" in identity.everything_stored()


def test_the_access_token_says_who_for_ten_minutes_and_nothing_personal(
    an: Portal, identity: ServiceUnderTest
) -> None:
    tokens = an.session()
    keys = KeySet.import_key_set(an.get("/jwks").get_json())
    token = jwt.decode(tokens["access_token"], keys, ["ES256"])
    now = int(identity.clock.now.timestamp())
    assert token.header["kid"] in {key.kid for key in keys.keys}
    assert token.claims.keys() == {"iss", "aud", "sub", "kind", "acr", "sid", "iat", "exp"}
    assert (token.claims["iss"], token.claims["aud"]) == (PUBLIC_URL, "motcua")
    assert (token.claims["kind"], token.claims["acr"]) == ("citizen", "medium")
    assert (token.claims["iat"], token.claims["exp"], tokens["expires_in"]) == (now, now + 600, 600)


def test_every_service_accepts_the_token_by_the_published_keys(
    an: Portal, identity: ServiceUnderTest
) -> None:
    class Published:
        def keys(self, kid: str | None) -> KeySet:  # noqa: ARG002
            return KeySet.import_key_set(an.get("/jwks").get_json())

    verifier = Verifier(Published(), PUBLIC_URL, now=identity.clock.now.timestamp)
    who = verifier.principal(an.session()["access_token"])
    assert (who.kind, who.assurance, who.agency) == ("citizen", "medium", None)


def test_the_published_keys_are_public_only(portal: Portal) -> None:
    answer = portal.get("/jwks")
    (key,) = answer.get_json()["keys"]
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
    assert "d" not in key
    assert portal.get("/jwks").get_json() == answer.get_json()


def test_a_login_needs_its_fields(portal: Portal) -> None:
    problem = refused(portal.post("/sessions", {}), 422, "invalid")
    assert {fault["pointer"] for fault in problem["errors"]} == {"/login", "/password", "/captcha"}
    assert AN not in str(problem)


def test_a_password_changed_while_the_old_one_was_looked_at_stays_changed(an: Portal) -> None:
    ports = an.sut.units.ports
    assert isinstance(ports, IdentityPorts)
    device = an.session()["device"]
    with an.sut.units() as uow:
        tried = login.attempt(uow, ports.rules, AN, device)
    changed = ports.passwords.hash("một mật khẩu mới")
    with an.sut.units() as uow:
        uow.session.execute(update(accounts).values(password_hash=changed))
    with an.sut.units() as uow:
        login.finish(uow, ports.rules, ports.passwords, tried, PASSWORD, "vi")
    assert an.log_in(password=PASSWORD).status_code == 401
    assert an.log_in(password="một mật khẩu mới").status_code == 202
