"""What operators do for accounts and clients on the command line."""

from services.identity.cli.clerks import clerk
from services.identity.cli.clients import client
from services.identity.cli.people import auditor, official, operator

__all__ = [
    "auditor",
    "clerk",
    "client",
    "official",
    "operator",
]
