"""What every gateway for messages to people does."""

from collections.abc import Mapping
from typing import Protocol

from chassis.http import Away, Client
from services.notify.model.delivery import GatewayBusy, GatewayRefused, Outgoing

SECONDS = 5.0

# The message is fine: the gateway wants a pause, or was not set up for us. Sent again later.
_NOT_THE_MESSAGE = frozenset({401, 403, 404, 405, 407, 408, 425, 429})


class Gateway(Protocol):
    def send(self, outgoing: Outgoing) -> None:
        """GatewayBusy: try again with the same reference. GatewayRefused: never will."""


def post(client: Client, path: str, body: Mapping[str, str]) -> None:
    """The reasons name the kind of failure only: an answer may quote the phone or the text."""
    try:
        status = client.post(path, body).status
    except Away as away:
        raise GatewayBusy(str(away)) from away
    if status >= 400 and status not in _NOT_THE_MESSAGE:
        raise GatewayRefused(f"answered {status}")
    if status >= 300:
        raise GatewayBusy(f"answered {status}")
