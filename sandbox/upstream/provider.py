"""Its OpenID Connect: one client, the portal; code flow with PKCE, ES256."""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from sandbox import people
from sandbox.people import Person

HOME = "/vi-du-cap-tren"
CLIENT_ID, CLIENT_SECRET = "motcua", "only-for-trying"
NAME = "VNeID (thử)"
MINUTE = 60.0


@dataclass(frozen=True)
class Asked:
    redirect_uri: str
    nonce: str
    challenge: str
    person: Person
    until: float


class Provider:
    """Codes and tokens are kept in memory: they live a minute."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        self._codes: dict[str, Asked] = {}
        self._tokens: dict[str, Person] = {}

    def let_in(self, asked: Asked) -> str:
        code = secrets.token_urlsafe(24)
        self._codes[code] = asked
        return code

    def redeem(self, form: dict[str, str], issuer: str) -> dict[str, Any] | None:
        """None for a code that is not good, or not proved to be its asker's."""
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proved = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or time.monotonic() > asked.until:
            return None
        if (asked.challenge, asked.redirect_uri) != (proved, form.get("redirect_uri")):
            return None
        token = secrets.token_urlsafe(24)
        self._tokens[token] = asked.person
        return {"access_token": token, "token_type": "Bearer", "id_token": self._id_token(asked, issuer)}

    def claims(self, token: str) -> dict[str, Any] | None:
        person = self._tokens.get(token)
        if person is None:
            return None
        return {
            "sub": subject(person),
            "name": person.full_name,
            "birthdate": person.date_of_birth.isoformat(),
            "id_number": person.id_number,
            "phone_number": person.phone,
        } | ({"email": person.email} if person.email else {})

    def _id_token(self, asked: Asked, issuer: str) -> str:
        now = int(time.time())
        claims = {"iss": issuer, "aud": CLIENT_ID, "sub": subject(asked.person), "nonce": asked.nonce}
        header = {"alg": "ES256", "kid": self.key.kid}
        return jwt.encode(header, claims | {"iat": now, "exp": now + 60}, self.key)


def subject(person: Person) -> str:
    return hashlib.sha256(f"upstream {person.id_number}".encode()).hexdigest()[:32]


def register(app: Flask) -> None:
    provider = Provider()
    app.add_url_rule(f"{HOME}/.well-known/openid-configuration", "upstream_configuration", _configuration)
    app.add_url_rule(f"{HOME}/keys", "upstream_keys", lambda: KeySet([provider.key]).as_dict(private=False))
    app.add_url_rule(f"{HOME}/authorize", "upstream_authorize", lambda: _authorize(provider))
    app.add_url_rule(f"{HOME}/token", "upstream_token", lambda: _token(provider), methods=["POST"])
    app.add_url_rule(f"{HOME}/userinfo", "upstream_userinfo", lambda: _userinfo(provider))


def _issuer() -> str:
    return request.host_url.rstrip("/") + HOME


def _configuration() -> ResponseReturnValue:
    issuer = _issuer()
    names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
    paths = ("authorize", "token", "userinfo", "keys")
    return {"issuer": issuer, **{n: f"{issuer}/{p}" for n, p in zip(names, paths, strict=True)}}


def _authorize(provider: Provider) -> ResponseReturnValue:
    """Shows the people to be, as links; the one who is chosen is sent back."""
    asked = request.args.to_dict()
    chosen = people.named().get(asked.pop("person", ""))
    wanted = asked.get("client_id") == CLIENT_ID and asked.get("code_challenge_method") == "S256"
    if not wanted or not asked.get("redirect_uri", "").startswith(
        ("http://127.0.0.1", "http://localhost", "https://")
    ):
        return jsonify({"error": "invalid_request"}), 400
    if chosen is None:
        links = [
            (person, urlencode({**asked, "person": person.id_number})) for person in people.named().values()
        ]
        return render_template("upstream.html", name=NAME, links=links)
    until = time.monotonic() + MINUTE
    given = Asked(
        asked["redirect_uri"], asked.get("nonce", ""), asked.get("code_challenge", ""), chosen, until
    )
    answer = {"code": provider.let_in(given), "state": asked.get("state", ""), "iss": _issuer()}
    return redirect(f"{asked['redirect_uri']}?{urlencode(answer)}")


def _token(provider: Provider) -> ResponseReturnValue:
    pair = request.authorization
    if not pair or (pair.username, pair.password) != (CLIENT_ID, CLIENT_SECRET):
        return jsonify({"error": "invalid_client"}), 401
    given = provider.redeem(request.form.to_dict(), _issuer())
    return given or (jsonify({"error": "invalid_grant"}), 400)


def _userinfo(provider: Provider) -> ResponseReturnValue:
    claims = provider.claims(request.headers.get("Authorization", "").removeprefix("Bearer "))
    return claims or (jsonify({"error": "invalid_token"}), 401)
