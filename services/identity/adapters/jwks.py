"""Public keys of clients, as JWKs (RFC 7517), and signatures made with their other halves."""

from collections.abc import Mapping, Sequence
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from vocabulary.refusals import Fault, Invalid
from vocabulary.text import Text

ALGORITHMS = {"EC": ["ES256"], "RSA": ["RS256", "PS256"]}
MOST = 3
"""Of one client: the one in use, its successor, and one to spare."""
SMALLEST_RSA = 2048
LARGEST_RSA = 8192
KEPT = {"EC": ("kty", "crv", "x", "y"), "RSA": ("kty", "n", "e")}
LONGEST_KID = 200


def parse_keys(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Only what is public and needed. Invalid `keys`: none, too many, private, weak, or of another kind."""
    if not 1 <= len(given) <= MOST:
        raise _unfit(f"Từ 1 đến {MOST} khoá.", f"From 1 to {MOST} keys.")
    return [_parse(each) for each in given]


def verified(token: str, keys: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The claims, if one of these keys signed them (the one that `kid` names, when it names one)."""
    for each in keys:
        try:
            decoded = jwt.decode(token, import_key(dict(each)), ALGORITHMS[each["kty"]])
        except (JoseError, ValueError, TypeError):
            continue
        kid = decoded.header.get("kid")
        if kid is None or kid == each.get("kid", kid):
            return dict(decoded.claims)
    return None


def _parse(given: Mapping[str, Any]) -> dict[str, Any]:
    kind = given.get("kty")
    if kind not in ("EC", "RSA"):
        raise _unfit("Khoá phải là EC P-256 hoặc RSA.", "A key is EC P-256 or RSA.")
    if "d" in given or "p" in given:
        raise _unfit(
            "Đây là khoá bí mật: chỉ gửi khoá công khai, và hãy tạo cặp khoá mới.",
            "This is a private key: send the public one only, of a new pair.",
        )
    kept = {name: given.get(name) for name in KEPT[kind]}
    _check_strength(kept)
    kid = given.get("kid")
    if kid is not None and not (isinstance(kid, str) and 0 < len(kid) <= LONGEST_KID):
        raise _unfit("kid là chữ, không quá dài.", f"kid is a text of at most {LONGEST_KID} letters.")
    return kept | ({"kid": kid} if kid else {})


def _check_strength(kept: dict[str, Any]) -> None:
    try:
        key = import_key(kept)
        fits = (isinstance(key, ECKey) and key.curve_name == "P-256") or (
            isinstance(key, RSAKey) and SMALLEST_RSA <= key.public_key.key_size <= LARGEST_RSA
        )
    except (JoseError, ValueError, TypeError, AttributeError):
        fits = False
    if not fits:
        raise _unfit(
            "Khoá không đọc được, hoặc không phải EC P-256 hay RSA từ 2048 bit.",
            "The key cannot be read, or is neither EC P-256 nor RSA of at least 2048 bits.",
        )


def _unfit(vi: str, en: str) -> Invalid:
    return Invalid("keys", vi, en, [Fault("/keys", "keys", Text(vi, en))])
