"""Proving by certificate."""

from marshmallow import Schema, fields, validate

from chassis.web import Body
from services.identity.model.methods import METHODS

LONGEST_SIGNATURE = 100_000


class StepUpBody(Body):
    method = fields.String(required=True, validate=validate.OneOf(METHODS))


class SignatureBody(Body):
    """`signature`: base64 of a detached CMS over the challenge."""

    signature = fields.String(required=True, validate=validate.Length(max=LONGEST_SIGNATURE))


class FailureAnswer(Schema):
    """Why a phone's signing came to nothing; `code` is stable."""

    code = fields.String(required=True)
    detail = fields.String(required=True)


class Waits(Schema):
    """While a signature is waited for. `challenge`: base64 of the bytes to sign.

    `phone_code` is on the phone's screen too; `failure`: why the phone must be asked again.
    """

    challenge = fields.String()
    phone_code = fields.String()
    failure = fields.Nested(FailureAnswer)


class StepUpAnswer(Waits):
    """`state`: `awaiting-signature` or `confirmed`."""

    id = fields.UUID(required=True)
    state = fields.String(required=True)
    method = fields.String(required=True)
    expires_at = fields.DateTime(required=True)
