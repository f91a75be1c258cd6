"""Every read that is more than a get."""

from services.notify.queries.doors import (
    Window,
    agencies_after,
    deliveries_before,
    door_position,
    log_after,
    webhook_of,
)
from services.notify.queries.people import Contact, Notification, contact, inbox, trace, unread

__all__ = [
    "Contact",
    "Notification",
    "Window",
    "agencies_after",
    "contact",
    "deliveries_before",
    "door_position",
    "inbox",
    "log_after",
    "trace",
    "unread",
    "webhook_of",
]
