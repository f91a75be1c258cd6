"""An OpenID Connect provider above us, such as VNeID: code flow with PKCE, every claim proved."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.http import Answer, Away, Client
from chassis.needs import WEB, WORDS, Form, Need, Unfit
from chassis.settings import env, text
from services.identity.model.methods import Method, upstream_method
from services.identity.model.upstream import Flow, not_believed
from vocabulary.refusals import NotFound

SCOPE = "openid profile id_number phone email"
ALGORITHMS = ("ES256", "PS256", "RS256", "EdDSA")
LEEWAY_SECONDS = 30


def _assurance(name: str) -> None:
    if env.str(name, "medium") not in ("medium", "high"):
        raise Unfit("is medium or high")


NEEDS = (
    Need("UPSTREAM_OIDC_ISSUER", WEB),
    Need("UPSTREAM_OIDC_CLIENT_ID", WORDS),
    Need("UPSTREAM_OIDC_CLIENT_SECRET", WORDS),
    Need("UPSTREAM_OIDC_SCOPE", WORDS),
    Need("UPSTREAM_OIDC_ID_CLAIM", WORDS),
    Need("UPSTREAM_OIDC_ASSURANCE", Form("medium or high", _assurance)),
)


class Upstream(Protocol):
    @property
    def method(self) -> Method:
        """What it proves of a person, and how surely."""
        ...

    @property
    def id_claim(self) -> str:
        """The claim that holds the ID number."""
        ...

    def address(self, flow: Flow, back: str) -> str:
        """Where the browser goes. `chassis.http.Away`; NotFound when this installation has no upstream."""
        ...

    def claims(self, flow: Flow, code: str, issuer: str | None, back: str) -> Mapping[str, Any]:
        """Of whoever came back with the code. Invalid `upstream-refused`; `chassis.http.Away`."""
        ...


@dataclass(frozen=True)
class OidcUpstream:
    issuer: str
    client_id: str
    client_secret: str
    method: Method
    scope: str = SCOPE
    id_claim: str = "id_number"
    http: Client = field(default_factory=partial(Client, ""))

    def address(self, flow: Flow, back: str) -> str:
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": back,
            "scope": self.scope,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": create_s256_code_challenge(flow.verifier),
            "code_challenge_method": "S256",
        }
        return f"{self._known()['authorization_endpoint']}?{urlencode(asked)}"

    def claims(self, flow: Flow, code: str, issuer: str | None, back: str) -> Mapping[str, Any]:
        if issuer not in {None, self.issuer}:
            raise not_believed()
        known = self._known()
        tokens = self._redeem(known, flow, code, back)
        sure = self._checked(known, tokens.get("id_token"), flow)
        bearer = {"Authorization": f"Bearer {tokens.get('access_token')}"}
        told = _object(self.http.get(known["userinfo_endpoint"], bearer))
        if told.get("sub") != sure["sub"]:
            raise not_believed()
        return {**told, **{name: sure[name] for name in ("iss", "sub")}}

    def _known(self) -> dict[str, Any]:
        known = _object(self.http.get(self.issuer + "/.well-known/openid-configuration"))
        if known.get("issuer") != self.issuer:
            raise not_believed()
        return known

    def _redeem(self, known: Mapping[str, Any], flow: Flow, code: str, back: str) -> dict[str, Any]:
        pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": flow.verifier,
        }
        basic = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        return _object(self.http.post_form(known["token_endpoint"], form, basic))

    def _checked(self, known: Mapping[str, Any], id_token: Any, flow: Flow) -> dict[str, Any]:
        """Signed by a published key, by an algorithm that we name; for us, and for this login."""
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": flow.nonce},
        )
        keys: Any = _object(self.http.get(known["jwks_uri"]))
        try:
            claims = jwt.decode(str(id_token), KeySet.import_key_set(keys), list(ALGORITHMS)).claims
            rules.validate(claims)
        except (JoseError, ValueError, KeyError) as error:
            raise not_believed() from error
        if claims.get("azp", self.client_id) != self.client_id:
            raise not_believed()
        return claims


class NoUpstream:
    """An installation without one."""

    method = upstream_method("medium")
    id_claim = ""

    def address(self, flow: Flow, back: str) -> str:  # noqa: ARG002
        raise none_here()

    def claims(self, flow: Flow, code: str, issuer: str | None, back: str) -> Mapping[str, Any]:  # noqa: ARG002
        raise none_here()


def none_here() -> NotFound:
    return NotFound("no-upstream", "Cổng này không có cách đăng nhập đó.", "This portal has no such login.")


def upstream() -> Upstream:
    """As the settings say."""
    issuer = text("UPSTREAM_OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return NoUpstream()
    return OidcUpstream(
        issuer=issuer,
        client_id=text("UPSTREAM_OIDC_CLIENT_ID"),
        client_secret=text("UPSTREAM_OIDC_CLIENT_SECRET"),
        method=upstream_method("high" if text("UPSTREAM_OIDC_ASSURANCE", "medium") == "high" else "medium"),
        scope=text("UPSTREAM_OIDC_SCOPE", SCOPE),
        id_claim=text("UPSTREAM_OIDC_ID_CLAIM", "id_number"),
    )


def _object(answer: Answer) -> dict[str, Any]:
    """What was answered, when it was answered well. Invalid when it was refused, Away when it is no JSON."""
    if answer.status != 200:
        raise not_believed()
    found = answer.json()
    if not isinstance(found, dict):
        raise Away("answered with what is no object")
    return found
