"""OpenID Connect from the other side: ask, take the code back, change it for tokens, and believe nothing
that is not proved (OpenID Connect Core §3.1.3.7, RFC 9700)."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import urllib3
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

SCOPE = "openid profile id_number phone email business"
FILE = "relying-party.json"
CLOCKS_DIFFER = 10
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class Untrusted(Exception):
    """What came back is not what was asked for, or not from whom. Nobody is signed in."""


@dataclass(frozen=True)
class Registered:
    """What the portal's operator gave us, and our own two addresses."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    home: str

    @classmethod
    def read(cls, folder: Path | None) -> "Registered | None":
        """None while nobody has registered us."""
        try:
            return cls(**json.loads(((folder or Path()) / FILE).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None


@dataclass(frozen=True)
class Flow:
    """Of one sign-in, kept in the browser's session until the answer comes."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Flow":
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


@dataclass(frozen=True)
class SignedIn:
    id_token: str
    sid: str
    claims: dict[str, Any]


class Client:
    def __init__(self, us: Registered) -> None:
        self._us = us
        self._http = urllib3.PoolManager(timeout=urllib3.Timeout(10.0), retries=False)
        self._known = self._json("GET", us.issuer + "/.well-known/openid-configuration")
        if self._known.get("issuer") != us.issuer:
            raise Untrusted("the configuration is another issuer's")

    def ask(self, flow: Flow, **more: str) -> str:
        """Where the browser goes to sign in."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(flow.verifier.encode()).digest()).rstrip(b"=")
        query = {
            "response_type": "code",
            "client_id": self._us.client_id,
            "redirect_uri": self._us.redirect_uri,
            "scope": SCOPE,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        }
        return f"{self._known['authorization_endpoint']}?{urlencode(query | more)}"

    def take(self, flow: Flow, answer: dict[str, str]) -> SignedIn:
        """Who came back. Untrusted for an answer to another question, or of another issuer."""
        if not hmac.compare_digest(answer.get("state", "").encode(), flow.state.encode()):
            raise Untrusted("the answer is to another request")
        if answer.get("iss") != self._us.issuer:
            raise Untrusted("the answer is another issuer's")
        if "error" in answer:
            raise Untrusted(answer["error"])
        tokens = self._redeem(answer.get("code", ""), flow)
        claims = self.check(tokens["id_token"], flow, tokens["access_token"])
        known = self._json(
            "GET",
            self._known["userinfo_endpoint"],
            headers={"Authorization": f"Bearer {tokens['access_token']}"},
        )
        if known.get("sub") != claims["sub"]:
            raise Untrusted("the claims are another person's")
        return SignedIn(tokens["id_token"], str(claims.get("sid", "")), known)

    def check(self, id_token: str, flow: Flow, access_token: str) -> dict[str, Any]:
        """Its claims; only ES256, so that no header chooses the algorithm."""
        keys: Any = self._json("GET", self._known["jwks_uri"])
        rules = jwt.JWTClaimsRegistry(
            leeway=CLOCKS_DIFFER,
            iss={"essential": True, "value": self._us.issuer},
            aud={"essential": True, "value": self._us.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": flow.nonce},
            at_hash={"essential": True, "value": half_hash(access_token)},
        )
        try:
            claims = jwt.decode(id_token, KeySet.import_key_set(keys), ["ES256"]).claims
            rules.validate(claims)
        except (JoseError, ValueError, KeyError) as error:
            raise Untrusted(f"the ID token does not hold: {type(error).__name__}") from error
        return claims

    def ended(self, logout_token: str) -> str:
        """The `sid` of the session that is over (Back-Channel Logout 1.0 §2.6). Untrusted: it is none."""
        keys: Any = self._json("GET", self._known["jwks_uri"])
        rules = jwt.JWTClaimsRegistry(
            leeway=CLOCKS_DIFFER,
            iss={"essential": True, "value": self._us.issuer},
            aud={"essential": True, "value": self._us.client_id},
            exp={"essential": True},
            iat={"essential": True},
            jti={"essential": True},
            sid={"essential": True},
        )
        try:
            token = jwt.decode(logout_token, KeySet.import_key_set(keys), ["ES256"])
            rules.validate(token.claims)
            right = token.header["typ"] == "logout+jwt" and LOGOUT in token.claims["events"]
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Untrusted(f"the logout token does not hold: {type(error).__name__}") from error
        if not right or "nonce" in token.claims:
            raise Untrusted("it is no logout token")
        return str(token.claims["sid"])

    def leave(self, id_token: str) -> str:
        """Where the browser goes to log out of the portal too."""
        query = {"id_token_hint": id_token, "post_logout_redirect_uri": self._us.home}
        return f"{self._known['end_session_endpoint']}?{urlencode(query)}"

    def _redeem(self, code: str, flow: Flow) -> dict[str, Any]:
        pair = f"{quote(self._us.client_id)}:{quote(self._us.client_secret)}"
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._us.redirect_uri,
            "code_verifier": flow.verifier,
        }
        headers = {
            "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self._json("POST", self._known["token_endpoint"], body=urlencode(form), headers=headers)

    def _json(self, method: str, url: str, **given: Any) -> dict[str, Any]:
        try:
            got = self._http.request(method, url, redirect=False, **given)
            found = json.loads(got.data)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise Untrusted("the portal does not answer") from error
        if got.status != 200 or not isinstance(found, dict):
            raise Untrusted(f"the portal answered {got.status}")
        return found


def half_hash(token: str) -> str:
    """Of an access token, as the ID token names it (OpenID Connect Core §3.1.3.6)."""
    left = hashlib.sha256(token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(left).rstrip(b"=").decode()
