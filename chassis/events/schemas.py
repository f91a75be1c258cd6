"""What operators read about a service's events."""

from marshmallow import Schema, fields

from chassis.web import Body


class SubscriptionShown(Schema):
    """`state`: live, or filling (being filled from the log, and so far at `filled`)."""

    queue = fields.Str(required=True)
    type = fields.Str(required=True)
    state = fields.Str(required=True)
    handled = fields.Int(required=True)
    filled = fields.Int(required=True, allow_none=True)


class EventsShown(Schema):
    service = fields.Str(required=True)
    unsent = fields.Int(required=True)
    oldest_unsent_seconds = fields.Float(required=True)
    last_position = fields.Int(required=True)
    parked = fields.Int(required=True)
    given_up = fields.Int(required=True)
    subscriptions = fields.List(fields.Nested(SubscriptionShown), required=True)


class ParkedShown(Schema):
    """`next_try_at` null: given up. `behind`: the earlier event that it waits for."""

    event_id = fields.UUID(required=True)
    handler = fields.Str(required=True)
    type = fields.Str(required=True)
    subject = fields.Str(required=True)
    sequence = fields.Int(required=True)
    attempts = fields.Int(required=True)
    parked_at = fields.AwareDateTime(required=True)
    next_try_at = fields.AwareDateTime(required=True, allow_none=True)
    error = fields.Str(required=True, allow_none=True)
    behind = fields.UUID(required=True, allow_none=True)


class ParkedPage(Schema):
    items = fields.List(fields.Nested(ParkedShown), required=True)
    next_cursor = fields.Str(required=True, allow_none=True)


class PageQuery(Schema):
    cursor = fields.Str()
    limit = fields.Int()


class RetryBody(Body):
    """One parked event, or all of them when `event_id` is left out."""

    event_id = fields.UUID()
    handler = fields.Str()


class Retried(Schema):
    due = fields.Int(required=True)
