"""A portal of a ministry or province that signs people in through us (OpenID Connect's relying party)."""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from services.identity.model.claims import SCOPES
from services.identity.model.client import digest_of
from vocabulary.refusals import Invalid

AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
ASSERTION_ALGORITHMS = ("ES256", "PS256", "EdDSA")
GRANTS = ("authorization_code", "refresh_token")
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
SECTOR = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?")


@dataclass(eq=False)
class RelyingParty:
    """It proves itself by a secret (`digest`: its plain SHA-256, as for an agency's client) or by the
    private part of `jwk`. People have one stable id within a `sector`, and none that two sectors share.

    The methods without docstrings are those by which Authlib asks about a client.
    """

    id: UUID
    name: str
    sector: str
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    scopes: list[str]
    created_at: datetime
    digest: bytes | None = None
    jwk: Mapping[str, Any] | None = None
    backchannel_logout_uri: str | None = None
    revoked_at: datetime | None = None

    def admits(self, secret: str) -> bool:
        """False without a secret of its own, and for a revoked one; compared in constant time."""
        right = hmac.compare_digest(self.digest or b"", digest_of(secret))
        return right and self.revoked_at is None

    def get_client_id(self) -> str:
        return str(self.id)

    def get_default_redirect_uri(self) -> None:
        """None: the request must name it, or a request changed on its way would not show."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What is not allowed is left out (OpenID Connect Core §3.1.2.1); None without `openid`."""
        asked = (scope or "").split()
        return " ".join(s for s in SCOPES if s in asked and s in self.scopes) if "openid" in asked else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Letter by letter (RFC 9700 §4.1.3)."""
        return redirect_uri in self.redirect_uris

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in GRANTS

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002
        return (method == "private_key_jwt") == (self.jwk is not None)


def check_address(uri: str) -> str:
    """Of a relying party: https, or http on this machine for trying. Invalid `relying-party-address`."""
    try:
        parts = urlsplit(uri)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)
        parts.port  # noqa: B018 - raises ValueError for what is no port
    except ValueError:
        safe = False
    odd = not uri.isascii() or not uri.isprintable() or any(letter in uri for letter in " #\\*\"'<>")
    if not safe or odd or not parts.hostname or "@" in parts.netloc or len(uri) > 500:
        raise Invalid(
            "relying-party-address",
            f"Địa chỉ {uri} phải là https, đầy đủ, không có ký tự đại diện hay dấu #.",
            f"The address {uri} must be https (http only for 127.0.0.1), whole, without * or #.",
        )
    return uri


def sector_of(given: str | None, redirect_uris: Sequence[str]) -> str:
    """The host that all addresses share, unless given. Invalid `relying-party-sector`."""
    hosts = {urlsplit(uri).hostname or "" for uri in redirect_uris}
    sector = given or (hosts.pop() if len(hosts) == 1 else "")
    if not SECTOR.fullmatch(sector):
        raise Invalid(
            "relying-party-sector",
            "Hãy cho biết lĩnh vực (như moh.gov.vn): các địa chỉ không cùng một máy chủ.",
            "Name the sector (such as moh.gov.vn), in small letters: the addresses do not share one host.",
        )
    return sector
