"""A token's signature over a portal's challenge, as a detached CMS (RFC 5652)."""

from motcua_sign.cms import detached
from motcua_sign.token import Refused, Token, tokens

__all__ = ["Refused", "Token", "detached", "tokens"]
