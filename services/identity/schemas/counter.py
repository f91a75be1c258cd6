"""What goes over a post office's counter."""

from marshmallow import Schema, fields, validate

from chassis.web import Body
from services.identity.model.counter import REASONS
from services.identity.schemas.parsing import Parsed
from vocabulary.codes import parse_registration_code
from vocabulary.people import parse_phone


class ResumptionBody(Body):
    registration_code = Parsed(parse_registration_code, required=True)
    phone = Parsed(parse_phone, required=True)
    captcha = fields.String(required=True)


class LookBody(Body):
    registration_code = Parsed(parse_registration_code, required=True)


class CheckBody(LookBody):
    again = fields.Boolean(load_default=False)


class RefuseBody(LookBody):
    reason = fields.String(required=True, validate=validate.OneOf(list(REASONS)))


class VisitAnswer(Schema):
    """What to compare with the card. `state` is `awaiting-code` once a code was handed over."""

    state = fields.String(required=True)
    full_name = fields.String(required=True)
    id_number = fields.String(required=True)
    date_of_birth = fields.Date(required=True)
    expires_at = fields.DateTime(required=True)


class HandedOverAnswer(Schema):
    """`code` is shown this once; the person types it where they registered."""

    code = fields.String(required=True)
    expires_at = fields.DateTime(required=True)
