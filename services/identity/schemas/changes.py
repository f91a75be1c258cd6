"""What owners change about their accounts."""

from marshmallow import Schema, fields, validate

from chassis.web import Body
from services.identity.model.person import parse_full_name
from services.identity.schemas.parsing import Parsed
from vocabulary.people import parse_phone

LONGEST_PASSWORD = 1000


class AgainBody(Body):
    """With the password again: a session alone is not enough."""

    current_password = fields.String(
        required=True, load_only=True, validate=validate.Length(max=LONGEST_PASSWORD)
    )


class NewPasswordBody(AgainBody):
    password = fields.String(required=True, load_only=True)


class NewEmailBody(AgainBody):
    email = fields.Email(required=True, allow_none=True, validate=validate.Length(max=254))


class NewPhoneBody(AgainBody):
    phone = Parsed(parse_phone, required=True)


class ForgottenBody(Body):
    login = fields.String(required=True, validate=validate.Length(max=100))
    full_name = Parsed(parse_full_name, required=True)
    date_of_birth = fields.Date(required=True)
    captcha = fields.String(required=True)


class WaitingAnswer(Schema):
    """`resend_after`: seconds until another code can be asked for."""

    id = fields.UUID(required=True)
    state = fields.String(required=True)
    expires_at = fields.DateTime(required=True)
    resend_after = fields.Integer(required=True)
