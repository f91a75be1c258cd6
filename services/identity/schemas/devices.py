"""Where somebody is logged in."""

from marshmallow import Schema, fields


class SessionShown(Schema):
    """`browser`: its family and system, such as `Chrome, Android`; `seen_at`: to within ACCESS_LIFETIME."""

    id = fields.UUID(required=True)
    browser = fields.String(required=True, allow_none=True)
    started_at = fields.AwareDateTime(required=True)
    seen_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    current = fields.Boolean(required=True)


class EndedAnswer(Schema):
    """Ids of sessions, as in the claim `sid` of access tokens."""

    items = fields.List(fields.UUID(), required=True)


class SessionsAnswer(Schema):
    items = fields.List(fields.Nested(SessionShown), required=True)
