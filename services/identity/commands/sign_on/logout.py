"""A relying party sends a person here to log out (OpenID Connect RP-Initiated Logout 1.0)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from authlib.common.urls import add_params_to_uri
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.model.relying_party import RelyingParty
from services.identity.model.sign_on import LONGEST_QUERY


@dataclass(frozen=True)
class Leaving:
    """`location`: where the person goes afterwards; None: they stay here."""

    relying_party: str | None = None
    location: str | None = None


def leaving(uow: UnitOfWork, query: str) -> Leaving:
    """Nobody is sent to an address that this relying party did not register, whatever else is right."""
    try:
        lists = parse_qs(query[:LONGEST_QUERY], max_num_fields=30, errors="strict")
    except ValueError:
        return Leaving()
    if any(len(values) > 1 for values in lists.values()):
        return Leaving()
    asked = {name: values[0] for name, values in lists.items()}
    party = _party(uow, asked)
    back = asked.get("post_logout_redirect_uri")
    if party is None or back is None or back not in party.post_logout_redirect_uris:
        return Leaving(party.name if party else None)
    state = asked.get("state")
    return Leaving(party.name, add_params_to_uri(back, [("state", state)]) if state else back)


def _party(uow: UnitOfWork, asked: dict[str, str]) -> RelyingParty | None:
    """Named by itself or by an ID token of ours, whose time may be over; when by both, they agree."""
    named = {asked["client_id"]} if "client_id" in asked else set()
    if "id_token_hint" in asked:
        named.add(str(_claims(uow, asked["id_token_hint"]).get("aud")))
    return queries.relying_party(uow, named.pop()) if len(named) == 1 else None


def _claims(uow: UnitOfWork, id_token: str) -> dict[str, Any]:
    """{} when we did not sign it, or with a key that is no longer published."""
    keys: Any = {"keys": queries.public_keys(uow)}
    try:
        claims = jwt.decode(id_token, KeySet.import_key_set(keys), ["ES256"]).claims
    except (JoseError, ValueError, KeyError):
        return {}
    return claims if claims.get("iss") == uow.settings.public_url else {}
