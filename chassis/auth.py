"""Who calls, and whether this route is for them. Declared on the route with `allow(...)`, nowhere else."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar
from uuid import UUID

from flask import Flask, current_app, g, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from vocabulary.refusals import Forbidden, NotAuthenticated

AUDIENCE = "motcua"
ALGORITHMS = ["ES256"]
LEEWAY_SECONDS = 5
KINDS = frozenset({"anyone", "citizen", "business", "official", "agency", "operator", "auditor"})
EVERY_SCOPE = "agency"
"""A client with this scope may call whatever agencies' clients may."""
P = ParamSpec("P")
R = TypeVar("R")


ANY_DEED = "any"
"""Of a route that whoever acts for somebody may call, whatever the mandate is for."""


@dataclass(frozen=True)
class Mandate:
    """What `actor` may do for `account`; `procedures` None: of all procedures."""

    id: UUID
    deeds: frozenset[str]
    procedures: frozenset[str] | None


@dataclass(frozen=True)
class Principal:
    """Who calls. With a mandate, `actor` acts for `account` (RFC 8693, claim `act`), whose `kind` it is."""

    account: UUID
    kind: str
    assurance: str
    agency: str | None
    roles: frozenset[str]
    session: UUID | None
    scopes: frozenset[str] = frozenset()
    actor: UUID | None = None
    mandate: Mandate | None = None

    @property
    def person(self) -> UUID:
        """The account of whoever sits there."""
        return self.actor or self.account


@dataclass(frozen=True)
class Allowed:
    """Who may call a route: the kinds; of officials those with one of `roles`, of agencies' clients those
    with `scope`; and of those who act for somebody else, those whose mandate has one of `deeds`: without
    it nobody does."""

    kinds: frozenset[str]
    roles: frozenset[str] | None = None
    scope: str | None = None
    deeds: frozenset[str] = frozenset()

    def admits(self, who: Principal) -> bool:
        if who.kind not in self.kinds or not self._covers(who):
            return False
        if who.kind == "official":
            return self.roles is None or bool(self.roles & who.roles)
        if who.kind == "agency":
            return self.scope is None or bool({self.scope, EVERY_SCOPE} & who.scopes)
        return True

    def _covers(self, who: Principal) -> bool:
        if who.actor is None and who.mandate is None:
            return True
        deeds = who.mandate.deeds if who.mandate else frozenset()
        return ANY_DEED in self.deeds or bool(self.deeds & deeds)


class KeySource(Protocol):
    def keys(self, kid: str | None) -> KeySet: ...


class Verifier:
    """Checks access tokens (ES256, issuer, audience, times) and remembers good ones until they expire."""

    REMEMBERED = 10_000

    def __init__(self, source: KeySource, issuer: str, now: Callable[[], float] = time.time) -> None:
        self._source = source
        self._now = now
        self._known: dict[str, tuple[float, Principal]] = {}
        self._rules = jwt.JWTClaimsRegistry(
            now=lambda: int(now()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            sub={"essential": True},
        )

    def principal(self, token: str) -> Principal:
        """NotAuthenticated when the token is not ours, not for us, or no longer good."""
        expires, principal = self._known.get(token, (0.0, None))
        if principal and self._now() < expires:
            return principal
        expires, principal = self._verify(token)
        if len(self._known) >= self.REMEMBERED:
            self._known.clear()
        self._known[token] = (expires, principal)
        return principal

    def _verify(self, token: str) -> tuple[float, Principal]:
        try:
            decoded = jwt.decode(token, lambda guest: self._key(guest.headers().get("kid")), ALGORITHMS)
            self._rules.validate(decoded.claims)
            return float(decoded.claims["exp"]), _principal(decoded.claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise bad_token() from error

    def _key(self, kid: str | None) -> Any:
        for key in self._source.keys(kid).keys:
            if key.kid == kid:
                return key
        raise ValueError("signed with a key that is not known")


def _principal(claims: dict[str, Any]) -> Principal:
    return Principal(
        account=UUID(claims["sub"]),
        kind=claims["kind"],
        assurance=claims["acr"],
        agency=claims.get("agency"),
        roles=frozenset(claims.get("roles", ())),
        session=UUID(claims["sid"]) if "sid" in claims else None,
        scopes=frozenset(str(claims.get("scope", EVERY_SCOPE)).split()),
        actor=UUID(claims["act"]["sub"]) if "act" in claims else None,
        mandate=_mandate(claims["mandate"]) if "mandate" in claims else None,
    )


def _mandate(said: dict[str, Any]) -> Mandate:
    procedures = said["procedures"]
    return Mandate(
        id=UUID(said["id"]),
        deeds=frozenset(said["deeds"]),
        procedures=None if procedures is None else frozenset(procedures),
    )


def bad_token() -> NotAuthenticated:
    return NotAuthenticated(
        "not-authenticated", "Bạn cần đăng nhập để làm việc này.", "You need to log in to do this."
    )


def allow(
    *kinds: str,
    roles: Collection[str] | None = None,
    scope: str | None = None,
    deeds: Collection[str] = (),
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The only principals that may call the route; see `Allowed`."""
    if not kinds or set(kinds) - KINDS:
        raise ValueError(f"allow() knows {sorted(KINDS)}, not {kinds}")
    allowed = Allowed(frozenset(kinds), None if roles is None else frozenset(roles), scope, frozenset(deeds))

    def declare(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if "anyone" not in kinds:
                _admit(allowed)
            return view(*args, **kwargs)

        guarded.allowed = allowed  # type: ignore[attr-defined]
        return guarded

    return declare


def _admit(allowed: Allowed) -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise bad_token()
    verifier: Verifier = current_app.extensions["verifier"]
    who = verifier.principal(token.strip())
    if not allowed.admits(who):
        raise Forbidden(
            "not-allowed", "Tài khoản của bạn không được làm việc này.", "Your account may not do this."
        )
    g.principal = who


def principal() -> Principal:
    """The caller of the current request; only on routes that are not for anyone."""
    who: Principal = g.principal
    return who


def refuse_undeclared_routes(app: Flask, exempt: Collection[str]) -> None:
    """A route that does not say who may call it must not start."""
    undeclared = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in exempt and not hasattr(app.view_functions[rule.endpoint], "allowed")
    ]
    if undeclared:
        raise RuntimeError(f"routes without allow(...): {', '.join(sorted(undeclared))}")
