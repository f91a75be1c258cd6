"""Every read that is more than a get."""

from services.notify.queries.doors import Window, deliveries_before, log_after, webhook_of
from services.notify.queries.people import Contact, Notification, contact, inbox, trace, unread

__all__ = [
    "Contact",
    "Notification",
    "Window",
    "contact",
    "deliveries_before",
    "inbox",
    "log_after",
    "trace",
    "unread",
    "webhook_of",
]
