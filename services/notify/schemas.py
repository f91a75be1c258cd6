from marshmallow import Schema, fields


class NotificationShown(Schema):
    id = fields.UUID()
    title = fields.String()
    text = fields.String()
    dossier = fields.String()
    at = fields.AwareDateTime()
    read = fields.Boolean()


class InboxPage(Schema):
    items = fields.List(fields.Nested(NotificationShown))
    unread = fields.Integer()
    next_cursor = fields.String(allow_none=True)
