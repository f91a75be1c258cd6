"""The rules that all doors of an agency's log share."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class DoorRules:
    """How long a webhook may fail before it is disabled."""

    webhook_patience: timedelta = timedelta(days=5)


@dataclass(frozen=True)
class Replay:
    """`until_position` was the newest when it was asked for; what follows is live, without a gap."""

    door: str
    from_position: int
    until_position: int
