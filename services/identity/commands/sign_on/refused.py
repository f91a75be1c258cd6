"""Refusals that Authlib does not know."""

from collections.abc import Mapping, Sequence
from typing import Any

from authlib.oauth2 import OAuth2Error

ONCE = frozenset(
    """client_id response_type redirect_uri scope state nonce prompt max_age acr_values code_challenge
    code_challenge_method response_mode request request_uri""".split()
)
LONGEST = {"state": 1000, "nonce": 200}


class UnmetAuthenticationRequirements(OAuth2Error):
    """The person is not as surely known as was asked for (OpenID Connect Core Error Code
    unmet_authentication_requirements 1.0)."""

    error = "unmet_authentication_requirements"


class NotSupported(OAuth2Error):
    """Well known, but wrong or not taken here. `error` says what."""

    error = "invalid_request"


def check_supported(lists: Mapping[str, Sequence[str]], to: Mapping[str, Any]) -> None:
    """`to`: where the refusal goes. NotSupported for a parameter that came twice, is too long, or is of
    a way we do not offer."""
    for name, values in lists.items():
        if name in ONCE and len(values) > 1:
            raise NotSupported(f"{name} came more than once.", **to)
        if len(values[0]) > LONGEST.get(name, len(values[0])):
            raise NotSupported(f"{name} is too long.", **to)
    if "request" in lists:
        raise NotSupported(error="request_not_supported", **to)
    if "request_uri" in lists:
        raise NotSupported(error="request_uri_not_supported", **to)
    if lists.get("response_mode", ["query"])[0] != "query":
        raise NotSupported("response_mode is query.", **to)
