from marshmallow import Schema, fields


class PageQuery(Schema):
    """Read by chassis.paging; here for the OpenAPI document."""

    cursor = fields.String()
    limit = fields.String(metadata={"description": "1 to 100, usually 20"})


class NotificationShown(Schema):
    id = fields.UUID(required=True)
    title = fields.String(required=True)
    text = fields.String(required=True)
    dossier = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    read = fields.Boolean(required=True)


class InboxPage(Schema):
    items = fields.List(fields.Nested(NotificationShown), required=True)
    unread = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)
