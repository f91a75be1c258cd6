"""What is known of who calls, beside their token."""

from flask import request

from chassis.web import client_address
from services.identity.model.browsers import family
from services.identity.model.limits import address_block


def browser() -> str | None:
    return family(request.headers.get("User-Agent"))


def network() -> str:
    """What one caller has to themselves: an IPv4 address, or the /64 of an IPv6 address."""
    return address_block(client_address())
