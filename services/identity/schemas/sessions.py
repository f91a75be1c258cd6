"""Logging in, and the tokens that come of it."""

from marshmallow import Schema, fields, validate

from chassis.web import Body


class LoginBody(Body):
    login = fields.String(required=True, validate=validate.Length(max=100))
    password = fields.String(required=True, load_only=True, validate=validate.Length(max=1000))
    captcha = fields.String(required=True)
    device = fields.String(allow_none=True, validate=validate.Length(max=200))


class RefreshBody(Body):
    refresh_token = fields.String(required=True, validate=validate.Length(max=200))


class TokensAnswer(Schema):
    """`expires_in`: seconds the access token is good for."""

    access_token = fields.String(required=True)
    refresh_token = fields.String(required=True)
    expires_in = fields.Integer(required=True)
    device = fields.String(required=True)


class ClientTokenAnswer(Schema):
    """RFC 6749 §5.1. `expires_in`: seconds. A relying party gets a refresh token too."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True)
    scope = fields.String(required=True)
    refresh_token = fields.String()
    id_token = fields.String()


class AwaitingCodeAnswer(Schema):
    """`resend_after`: seconds until a new login may send another code."""

    id = fields.UUID(required=True)
    state = fields.String(required=True)
    resend_after = fields.Integer(required=True)


class KeysAnswer(Schema):
    keys = fields.List(fields.Dict(), required=True)
