"""What waits for its cooling-off time, and what a person takes along."""

from marshmallow import Schema, fields, validate

from chassis.web import Body


class CoolingAnswer(Schema):
    """`purpose`: `recovery` or `closing`; it is done at `ends_at` unless it is stopped before."""

    purpose = fields.String(required=True)
    started_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)


class CoolingsAnswer(Schema):
    items = fields.List(fields.Nested(CoolingAnswer), required=True)


class StopBody(Body):
    code = fields.String(required=True, validate=validate.Length(max=100))


class StoppedAnswer(Schema):
    purpose = fields.String(required=True)


class KeptSession(Schema):
    browser = fields.String(allow_none=True)
    started_at = fields.AwareDateTime(required=True)
    seen_at = fields.AwareDateTime(required=True)


class KeptDevice(Schema):
    seen_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)


class KeptProof(Schema):
    method = fields.String(required=True)
    assurance = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class ExportAnswer(Schema):
    """`elsewhere` says at which paths the other services give out what they keep of the person."""

    made_at = fields.AwareDateTime(required=True)
    account = fields.Dict(required=True)
    person = fields.Dict(required=True)
    proofs = fields.List(fields.Nested(KeptProof), required=True)
    sessions = fields.List(fields.Nested(KeptSession), required=True)
    devices = fields.List(fields.Nested(KeptDevice), required=True)
    cooling_offs = fields.List(fields.Nested(CoolingAnswer), required=True)
    elsewhere = fields.List(fields.Dict(), required=True)
