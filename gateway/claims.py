import base64
import json

from gateway.backend import Json


def claims(token: str) -> Json:
    """What the token says, unverified: for display only. {} when it cannot be read."""
    try:
        part = token.split(".")[1]
        said = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
