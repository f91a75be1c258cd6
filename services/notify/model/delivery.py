"""One message to one person over one channel: sent once per reference, tried until it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

Channel = Literal["sms", "mail"]

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=10)
ONE_MESSAGE = timedelta(seconds=10)
"""More than the time limit of a call to a gateway: a lease outlives the sending it covers."""


@dataclass(frozen=True)
class Lane:
    """What one sender takes at a time. Codes have a lane of their own: people sit and wait for them."""

    channel: Channel
    urgent: bool
    batch: int

    @property
    def lease(self) -> timedelta:
        return self.batch * ONE_MESSAGE


CODES = Lane("sms", urgent=True, batch=2)
SMS = Lane("sms", urgent=False, batch=4)
MAIL = Lane("mail", urgent=False, batch=4)


@dataclass(frozen=True)
class Outgoing:
    """`reference` is the delivery's id: by it the gateway drops what we send again.

    `lease` names the sender that has it now, until somebody else may take it.
    """

    reference: UUID
    lease: UUID
    to: str
    text: str
    subject: str | None = None
    expires_at: datetime | None = None
    attempts: int = 0

    def too_late(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


class GatewayBusy(Exception):
    """Down, slow, failing or asking for a pause: try again later. Says nothing personal."""


class GatewayRefused(Exception):
    """The gateway will never take this message. Says nothing personal."""


def pause_after(attempts: int, jitter: float) -> timedelta:
    """Doubles with each failed attempt up to ten minutes; `jitter` in 0..1 spreads it over its upper half."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    full = min(doubled, LONGEST_PAUSE)
    return full * (0.5 + jitter / 2)
