"""OAuth's own manner over HTTP: a form comes in, and refusals are `{"error", "error_description"}`
(RFC 6749 §5.2): the libraries that call read nothing else."""

import base64
import binascii
from typing import Any
from urllib.parse import unquote_plus

from flask import Response, jsonify, request

from services.identity.commands.sign_on.asked import Asked

FORM = "application/x-www-form-urlencoded"
TEXT = {"type": "string"}


class TokenRefused(Exception):
    """`error` is one of RFC 6749 §5.2."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


def check_form() -> None:
    if request.mimetype != FORM:
        raise TokenRefused("invalid_request", f"Send {FORM}.")
    if any(len(values) > 1 for _, values in request.form.lists()):
        raise TokenRefused("invalid_request", "A parameter came more than once.")


def credentials() -> tuple[str, str]:
    """Id and secret, by HTTP Basic or in the form."""
    header = request.headers.get("Authorization")
    if header is None:
        return request.form.get("client_id", ""), request.form.get("client_secret", "")
    if "client_secret" in request.form or "client_assertion" in request.form:
        raise TokenRefused("invalid_request", "The client's proof came twice.")
    return _basic(header)


def asked() -> Asked:
    """The request as Authlib reads it."""
    return Asked(request.form.to_dict(flat=False), credentials())


def invalid_client() -> TokenRefused:
    return TokenRefused("invalid_client", "No such client with this secret.")


def refusal(refused: TokenRefused) -> Response:
    answer = jsonify(error=refused.error, error_description=refused.description)
    answer.status_code = 401 if refused.error == "invalid_client" else 400
    if answer.status_code == 401 and "Authorization" in request.headers:
        answer.headers["WWW-Authenticate"] = 'Basic realm="motcua"'
    return answer


def form_of(**fields: Any) -> dict[str, Any]:
    """A request body for OpenAPI. Each field: its schema; those that are True in `required` must be there."""
    required = fields.pop("required", [])
    schema = {"type": "object", "required": required, "properties": fields}
    return {"required": True, "content": {FORM: {"schema": schema}}}


def _basic(header: str) -> tuple[str, str]:
    """Both parts are form-encoded before they are joined (RFC 6749 §2.3.1)."""
    scheme, _, given = header.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError(scheme)
        id, colon, secret = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except (ValueError, binascii.Error) as error:
        raise invalid_client() from error
    if not colon:
        raise invalid_client()
    return unquote_plus(id), unquote_plus(secret)
