from marshmallow import Schema, fields, validate

from chassis.web import Body


class PageQuery(Schema):
    """Read by chassis.paging; here for the OpenAPI document."""

    cursor = fields.String()
    limit = fields.String(metadata={"description": "1 to 100, usually 20"})


class NotificationShown(Schema):
    id = fields.UUID(required=True)
    title = fields.String(required=True)
    text = fields.String(required=True)
    dossier = fields.String(
        required=True, allow_none=True, metadata={"description": "None: it is about the account"}
    )
    at = fields.AwareDateTime(required=True)
    read = fields.Boolean(required=True)


class InboxPage(Schema):
    items = fields.List(fields.Nested(NotificationShown), required=True)
    unread = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class EventsQuery(Schema):
    after = fields.String(load_default=None, metadata={"description": "`next` of the page before"})
    limit = fields.String(metadata={"description": "1 to 100, usually 20"})


class EventsPage(Schema):
    """`events` are CloudEvents with a `position`; `next` goes on after them, also when there are none."""

    events = fields.List(fields.Dict(), required=True)
    next = fields.String(required=True)


class ReplayBody(Body):
    door = fields.String(required=True, validate=validate.OneOf(["amqp", "webhook"]))
    after = fields.String(allow_none=True, load_default=None)


class ReplayShown(Schema):
    """What comes again; after `until_position` it is live."""

    door = fields.String(required=True)
    from_position = fields.Integer(required=True)
    until_position = fields.Integer(required=True)


class OperatorsReplayBody(Body):
    """From after a cursor or a position; without either, all that is kept."""

    agency = fields.String(required=True)
    door = fields.String(required=True, validate=validate.OneOf(["amqp", "webhook"]))
    after = fields.String(allow_none=True, load_default=None)
    position = fields.Integer(
        strict=True, allow_none=True, load_default=None, validate=validate.Range(0, 2**63 - 1)
    )


class DoorState(Schema):
    """`position`: it has the log up to here; `behind`: how many events it lacks."""

    door = fields.String(required=True, validate=validate.OneOf(["amqp", "webhook"]))
    enabled = fields.Boolean(required=True)
    position = fields.Integer(required=True)
    behind = fields.Integer(required=True)
    last_error = fields.String(required=True, allow_none=True)


class AgencyDoors(Schema):
    """`kept_after`: the log is kept from the position after this one."""

    agency = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    last_position = fields.Integer(required=True)
    kept_after = fields.Integer(required=True)
    doors = fields.List(fields.Nested(DoorState), required=True)


class AgencyDoorsPage(Schema):
    items = fields.List(fields.Nested(AgencyDoors), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class WebhookBody(Body):
    url = fields.String(required=True)


class WebhookSet(Schema):
    """`secret` is shown this once: `whsec_` and base64, as Standard Webhooks writes it."""

    url = fields.String(required=True)
    state = fields.String(required=True)
    secret = fields.String(required=True)


class WebhookShown(Schema):
    """`position`: delivered up to here; `waiting`: how many events are not yet.

    `last_error` is a stable word; `notice` says what to do when it is disabled.
    """

    url = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["enabled", "disabled"]))
    position = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    last_error = fields.String()
    failing_since = fields.AwareDateTime()
    next_try_at = fields.AwareDateTime()
    disabled_at = fields.AwareDateTime()
    notice = fields.String()


class DeliveryShown(Schema):
    """The newest attempt at this position; `error` is a stable word, `event_id` the header `webhook-id`,
    `subject` what the event is about, mostly a dossier's code.
    """

    position = fields.Integer(required=True)
    event_id = fields.UUID(required=True)
    type = fields.String(required=True)
    subject = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["delivered", "failing"]))
    attempts = fields.Integer(required=True)
    error = fields.String()


class DeliveriesPage(Schema):
    items = fields.List(fields.Nested(DeliveryShown), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
