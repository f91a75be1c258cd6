"""Proof that a person is at work."""

from marshmallow import Schema, fields


class ChallengeAnswer(Schema):
    """An ALTCHA v2 challenge; any ALTCHA client solves it."""

    parameters = fields.Dict(required=True)
    signature = fields.String(required=True)


class PictureAnswer(Schema):
    """Five digits to read or hear. `captcha` is then `picture:<id>:<digits>`; one try."""

    id = fields.UUID(required=True)
    image = fields.String(required=True, metadata={"description": "data URI of a PNG"})
    sound = fields.String(required=True, metadata={"description": "where to hear it: the path of a WAV"})
