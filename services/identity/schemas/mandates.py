"""Acting for somebody else."""

from marshmallow import Schema, fields, validate

from chassis.web import Body


class MandateBody(Body):
    """`to`: the agent's login (ID number or tax code). Without `procedures` it is for all of them."""

    to = fields.String(required=True, validate=validate.Length(min=1, max=100))
    deeds = fields.List(fields.String(validate=validate.Length(max=16)), required=True)
    procedures = fields.List(
        fields.String(validate=validate.Length(max=16)), allow_none=True, load_default=None
    )
    expires_at = fields.AwareDateTime(required=True)


class ActingBody(Body):
    mandate = fields.UUID(required=True)


class MandateAnswer(Schema):
    """`with_name`: the other side's; the agent's is known to the giver once they have accepted."""

    id = fields.UUID(required=True)
    state = fields.String(required=True, metadata={"description": "offered, active or ended"})
    with_name = fields.String(required=True, allow_none=True)
    deeds = fields.List(fields.String(), required=True)
    procedures = fields.List(fields.String(), required=True, allow_none=True)
    given_at = fields.DateTime(required=True)
    expires_at = fields.DateTime(required=True)


class MandateLists(Schema):
    """The newest hundred of each."""

    given = fields.List(fields.Nested(MandateAnswer), required=True)
    received = fields.List(fields.Nested(MandateAnswer), required=True)


class ActingAnswer(Schema):
    """The session's refresh token stays; refreshing it goes on acting as long as the mandate is in force."""

    access_token = fields.String(required=True)
    expires_in = fields.Integer(required=True)
