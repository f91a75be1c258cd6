"""What operators do for accounts and clients on the command line."""

from services.identity.cli.clerks import clerk
from services.identity.cli.clients import client
from services.identity.cli.keys import keys
from services.identity.cli.people import auditor, official, operator
from services.identity.cli.relying_parties import relying_party

__all__ = [
    "auditor",
    "clerk",
    "client",
    "keys",
    "official",
    "operator",
    "relying_party",
]
