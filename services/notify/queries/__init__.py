"""Every read that is more than a get."""

from services.notify.queries.doors import (
    Window,
    agencies_after,
    deliveries_before,
    door_position,
    log_after,
    webhook_of,
)
from services.notify.queries.people import (
    Contact,
    Notification,
    contacts_of,
    has_inbox,
    inbox,
    opened,
    trace,
    unread,
)

__all__ = [
    "Contact",
    "Notification",
    "Window",
    "agencies_after",
    "contacts_of",
    "deliveries_before",
    "door_position",
    "has_inbox",
    "inbox",
    "log_after",
    "opened",
    "trace",
    "unread",
    "webhook_of",
]
