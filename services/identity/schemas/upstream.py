"""Logging in by a provider above us."""

from marshmallow import Schema, fields, validate

from chassis.web import Body


class UpstreamAnswerBody(Body):
    """What came back with the browser. `issuer`: RFC 9207's `iss`."""

    code = fields.String(required=True, load_only=True, validate=validate.Length(max=2000))
    state = fields.String(required=True, load_only=True, validate=validate.Length(max=200))
    issuer = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))
    device = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=200))


class UpstreamLoginAnswer(Schema):
    """`location`: where the browser goes; it comes back to the page with `code` and `state`."""

    id = fields.UUID(required=True)
    location = fields.String(required=True)


class UpstreamRegistrationAnswer(Schema):
    """A registration that holds what the provider told, and waits for the code sent to `phone` (masked)."""

    id = fields.UUID(required=True)
    state = fields.String(required=True)
    expires_at = fields.DateTime(required=True)
    resend_after = fields.Integer(required=True)
    phone = fields.String(required=True)
