"""The sandbox's relying party believes nothing that is not proved, as a portal that signs in here must."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from werkzeug.serving import make_server

from sandbox.app import create_app
from sandbox.relying_party.client import FILE, LOGOUT, Client, Flow, Registered, Untrusted, half_hash
from sandbox.relying_party.pages import ENDED
from sandbox.store import Store

FLOW = Flow("state", "nonce", "verifier-" + "v" * 40)
TOKEN = "access-token"


@dataclass
class Provider:
    """A portal that says what it is told to say."""

    issuer: str = ""
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", auto_kid=True))
    said: dict[str, Any] = field(default_factory=dict)
    signed_by: ECKey | None = None
    unsigned: bool = False
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "an", "name": "Nguyễn Văn An"})
    forms: list[dict[str, str]] = field(default_factory=list)

    def id_token(self) -> str:
        now = int(time.time())
        right = {
            "iss": self.issuer,
            "aud": "ministry",
            "sub": "an",
            "iat": now,
            "exp": now + 60,
            "nonce": FLOW.nonce,
            "at_hash": half_hash(TOKEN),
        }
        whole = {name: value for name, value in (right | self.said).items() if value is not None}
        made = jwt.encode({"alg": "ES256", "kid": self.key.kid}, whole, self.signed_by or self.key)
        return "eyJhbGciOiJub25lIn0." + made.split(".")[1] + "." if self.unsigned else made

    def app(self) -> Flask:
        app = Flask("provider")

        @app.get("/.well-known/openid-configuration")
        def configuration() -> dict[str, str]:
            names = ("authorization", "token", "userinfo", "end_session")
            found = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in names}
            return found | {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}

        @app.get("/keys")
        def keys() -> Any:
            return KeySet([self.key]).as_dict(private=False)

        @app.post("/token")
        def token() -> dict[str, str]:
            self.forms.append(request.form.to_dict())
            return {"access_token": TOKEN, "id_token": self.id_token()}

        @app.get("/userinfo")
        def userinfo() -> dict[str, Any]:
            assert request.headers["Authorization"] == f"Bearer {TOKEN}"
            return self.claims

        return app


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    server = make_server("127.0.0.1", 0, made.app(), threaded=True)
    made.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def us(provider: Provider) -> Registered:
    home = "http://127.0.0.1:9/vi-du-dang-nhap"
    return Registered(provider.issuer, "ministry", "secret", home + "/ve", home)


def answer(provider: Provider, **changes: str) -> dict[str, str]:
    return {"code": "code", "state": FLOW.state, "iss": provider.issuer} | changes


def test_a_right_answer_signs_the_person_in(provider: Provider, us: Registered) -> None:
    found = Client(us).take(FLOW, answer(provider))
    assert found.claims == provider.claims
    (form,) = provider.forms
    assert (form["code"], form["code_verifier"], form["redirect_uri"]) == (
        "code",
        FLOW.verifier,
        us.redirect_uri,
    )


@pytest.mark.parametrize(
    "said",
    [
        {"iss": "https://another.example"},
        {"aud": "another"},
        {"aud": None},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"at_hash": "of another token"},
        {"at_hash": None},
        {"iat": 99_999_999_999},
    ],
    ids=str,
)
def test_an_id_token_that_is_not_for_this_sign_in_is_not_believed(
    provider: Provider, us: Registered, said: dict[str, Any]
) -> None:
    provider.said = said
    with pytest.raises(Untrusted, match="ID token"):
        Client(us).take(FLOW, answer(provider))


def test_an_id_token_that_the_portal_did_not_sign_is_not_believed(provider: Provider, us: Registered) -> None:
    provider.signed_by = ECKey.generate_key("P-256")
    with pytest.raises(Untrusted, match="ID token"):
        Client(us).take(FLOW, answer(provider))
    provider.signed_by, provider.unsigned = None, True
    with pytest.raises(Untrusted, match="ID token"):
        Client(us).take(FLOW, answer(provider))


@pytest.mark.parametrize(
    "changes",
    [{"state": "of another browser"}, {"state": ""}, {"iss": "https://another.example"}, {"iss": ""}],
)
def test_an_answer_to_another_request_or_of_another_portal_is_dropped_unread(
    provider: Provider, us: Registered, changes: dict[str, str]
) -> None:
    with pytest.raises(Untrusted):
        Client(us).take(FLOW, answer(provider, **changes))
    assert provider.forms == []


def test_claims_of_another_person_are_not_believed(provider: Provider, us: Registered) -> None:
    provider.claims = {"sub": "binh", "name": "Trần Thị Bình"}
    with pytest.raises(Untrusted, match="another person"):
        Client(us).take(FLOW, answer(provider))


def test_a_configuration_of_another_issuer_is_not_believed(provider: Provider, us: Registered) -> None:
    with pytest.raises(Untrusted, match="another issuer"):
        Client(replace(us, issuer=us.issuer.replace("127.0.0.1", "localhost")))


@pytest.fixture
def browser(us: Registered, tmp_path: Path) -> Iterator[FlaskClient]:
    (tmp_path / FILE).write_text(json.dumps(asdict(us)))
    store = Store()
    yield create_app(store, folder=tmp_path).test_client()
    store.close()


def test_every_sign_in_has_a_state_a_nonce_and_a_challenge_of_its_own(browser: FlaskClient) -> None:
    seen: set[str] = set()
    for _ in range(3):
        query = parse_qs(urlsplit(browser.get("/vi-du-dang-nhap/vao").location).query)
        assert query["code_challenge_method"] == ["S256"]
        seen |= {query[name][0] for name in ("state", "nonce", "code_challenge")}
    assert len(seen) == 9


def test_an_answer_nobody_asked_for_or_that_comes_twice_signs_nobody_in(
    provider: Provider, browser: FlaskClient
) -> None:
    assert browser.get("/vi-du-dang-nhap/ve?code=x&state=y").location == "/vi-du-dang-nhap"
    state = parse_qs(urlsplit(browser.get("/vi-du-dang-nhap/vao").location).query)["state"][0]
    assert browser.get("/vi-du-dang-nhap/ve?code=x&state=wrong").status_code == 403
    again = browser.get(f"/vi-du-dang-nhap/ve?code=x&state={state}&iss={provider.issuer}")
    assert again.location == "/vi-du-dang-nhap"
    assert provider.forms == []


def test_it_says_so_while_nobody_has_registered_it(tmp_path: Path) -> None:
    store = Store()
    page = create_app(store, folder=tmp_path).test_client().get("/vi-du-dang-nhap?lang=en")
    assert "not registered" in page.text
    store.close()


def logout_token(provider: Provider, header: Any = None, **changes: Any) -> str:
    now = int(time.time())
    right = {
        "iss": provider.issuer,
        "aud": "ministry",
        "sid": "a session",
        "iat": now,
        "exp": now + 60,
        "jti": "1",
        "events": {LOGOUT: {}},
    }
    whole = {name: value for name, value in (right | changes).items() if value is not None}
    typed = {"alg": "ES256", "typ": "logout+jwt", "kid": provider.key.kid} | (header or {})
    return jwt.encode(typed, whole, provider.signed_by or provider.key)


def test_a_right_logout_token_ends_the_session(provider: Provider, browser: FlaskClient) -> None:
    heard = browser.post("/vi-du-dang-nhap/het", data={"logout_token": logout_token(provider)})
    assert heard.status_code == 204
    assert "a session" in ENDED


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://another.example"},
        {"aud": "another"},
        {"exp": 1},
        {"sid": None},
        {"jti": None},
        {"events": {}},
        {"events": None},
        {"nonce": "n"},
        {"header": {"typ": "JWT"}},
    ],
    ids=str,
)
def test_a_wrong_logout_token_ends_nothing(
    provider: Provider, browser: FlaskClient, changes: dict[str, Any]
) -> None:
    token = logout_token(provider, **({"sid": "another session"} | changes))
    assert browser.post("/vi-du-dang-nhap/het", data={"logout_token": token}).status_code == 400
    provider.signed_by = ECKey.generate_key("P-256")
    forged = logout_token(provider, sid="another session")
    assert browser.post("/vi-du-dang-nhap/het", data={"logout_token": forged}).status_code == 400
    assert "another session" not in ENDED
