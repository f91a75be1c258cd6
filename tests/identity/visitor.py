"""A relying party and its person, as both meet identity: the page's calls, then the server's."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from services.identity.commands import relying_parties
from services.identity.commands.relying_parties import Wanted
from tests.identity.portal import Portal, claims

BACK = "https://yte.example.vn/back"
EVERYTHING = ("openid", "profile", "id_number", "phone", "email", "business")
Person = dict[str, str]
"""The headers of somebody logged in."""


@dataclass
class Visitor:
    """One relying party. `id` and `secret` are its own; `verifier` and `nonce` of its newest request."""

    sut: ServiceUnderTest
    id: str
    secret: str | None
    redirect_uri: str = BACK
    verifier: str = ""
    nonce: str = ""
    state: str = ""
    sent: dict[str, str] = field(default_factory=dict)

    def query(self, **changes: Any) -> str:
        """Of a right authorization request, but for the changes; None leaves a parameter out."""
        self.verifier, self.nonce, self.state = (secrets.token_urlsafe(32) for _ in range(3))
        self.sent = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": s256(self.verifier),
            "code_challenge_method": "S256",
        }
        whole = self.sent | changes
        return urlencode({name: value for name, value in whole.items() if value is not None})

    def begin(self, query: str | None = None, signed_in: bool = True, **changes: Any) -> TestResponse:
        body = {"query": query or self.query(**changes), "signed_in": signed_in}
        return self._post("/oauth2/requests", json=body)

    def step(self, id: str, person: Person, decision: str | None = None) -> TestResponse:
        return self._post(f"/oauth2/requests/{id}/steps", json={"decision": decision}, headers=person)

    def allowed(self, person: Person, **changes: Any) -> dict[str, str]:
        """What comes back to the relying party after the person said yes."""
        begun = self.begin(**changes)
        assert begun.status_code == 201, begun.text
        return answered(self.step(said(begun)["id"], person, "allow"))

    def code(self, person: Person, **changes: Any) -> str:
        return self.allowed(person, **changes)["code"]

    def redeem(self, code: str, secret: str | None = None, **changes: Any) -> TestResponse:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        }
        whole = {name: value for name, value in (form | changes).items() if value is not None}
        return self.form("/oauth2/token", whole, secret)

    def tokens(self, person: Person, **changes: Any) -> dict[str, Any]:
        return good(self.redeem(self.code(person, **changes)))

    def refresh(self, token: str, **changes: str) -> TestResponse:
        return self.form("/oauth2/token", {"grant_type": "refresh_token", "refresh_token": token} | changes)

    def userinfo(self, token: str) -> TestResponse:
        return self.sut.client.get("/api/v1/oauth2/userinfo", headers={"Authorization": f"Bearer {token}"})

    def introspect(self, token: str) -> dict[str, Any]:
        return good(self.form("/oauth2/introspect", {"token": token}))

    def form(self, path: str, form: dict[str, str], secret: str | None = None) -> TestResponse:
        headers = {}
        if "client_assertion" not in form:
            pair = f"{self.id}:{secret or self.secret}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return self._post(path, data=form, headers=headers)

    def id_token(self, token: str) -> dict[str, Any]:
        """Its claims, verified with the published keys."""
        keys = KeySet.import_key_set(self.sut.client.get("/api/v1/jwks").get_json())
        return dict(jwt.decode(token, keys, ["ES256"]).claims)

    def _post(self, path: str, **given: Any) -> TestResponse:
        with self.sut.app.test_client() as caller:
            return caller.post(f"/api/v1{path}", **given)


def register(sut: ServiceUnderTest, redirect_uri: str = BACK, **changes: Any) -> Visitor:
    wanted = {"name": "Cổng Bộ Y tế", "redirect_uris": [redirect_uri], "scopes": EVERYTHING} | changes
    with sut.units() as uow:
        made, secret = relying_parties.create(uow, Wanted(**wanted))
    return Visitor(sut, str(made.id), secret, redirect_uri)


def logged_in(portal: Portal, assurance: str = "medium", **kwargs: Any) -> Person:
    """A new session of the portal's person, as the pages send it."""
    token = claims(portal.session(**kwargs)["access_token"])
    return portal.sut.headers("citizen", UUID(token["sub"]), sid=token["sid"], acr=assurance)


def s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def said(answer: TestResponse) -> dict[str, Any]:
    body: dict[str, Any] = answer.get_json()
    return body


def good(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return said(answer)


def answered(step: TestResponse) -> dict[str, str]:
    """The parameters with which the browser is sent back."""
    assert step.status_code == 201, step.text
    assert said(step)["step"] == "redirect", step.text
    return parameters(said(step)["location"])


def parameters(location: str) -> dict[str, str]:
    found = parse_qs(urlsplit(location).query, keep_blank_values=True)
    assert all(len(values) == 1 for values in found.values()), location
    return {name: value for name, (value,) in found.items()}


def wrong(answer: TestResponse, status: int, error: str) -> None:
    assert (answer.status_code, said(answer)["error"]) == (status, error), answer.text
    assert answer.headers["Cache-Control"] == "no-store"
