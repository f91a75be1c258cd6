"""An agency's log, and what its back office may touch on the broker."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from vocabulary.codes import agency_account, agency_key

DECISIONS_EXCHANGE = "motcua.decisions"


@dataclass(frozen=True)
class Access:
    """Names and rights for one agency. Patterns are anchored and escaped: H55.24 must not reach H55.242."""

    agency: str

    @property
    def account(self) -> str:
        return agency_account(self.agency)

    @property
    def queue(self) -> str:
        return f"agency.{agency_key(self.agency)}"

    @property
    def binding_key(self) -> str:
        return f"{agency_key(self.agency)}.#"

    @property
    def decision_key(self) -> str:
        return f"{agency_key(self.agency)}.decision"

    @property
    def decisions_exchange(self) -> str:
        return DECISIONS_EXCHANGE

    @property
    def permissions(self) -> dict[str, str]:
        return {"configure": "^$", "write": _only(DECISIONS_EXCHANGE), "read": _only(self.queue)}

    @property
    def topic_permissions(self) -> dict[str, str]:
        return {"exchange": DECISIONS_EXCHANGE, "write": _only(self.decision_key), "read": "^$"}


@dataclass(frozen=True)
class Entry:
    """One event of an agency's log. `body` is the CloudEvent as JSON, its position in it."""

    position: int
    key: str
    event_id: UUID
    type: str
    body: bytes


@dataclass(frozen=True)
class Stretch:
    """The next entries an agency's queue lacks, leased to one publisher."""

    agency: str
    lease: UUID
    entries: Sequence[Entry]


def log_key(agency: str, event_key: str) -> str:
    """`H55_242.dossier.submitted`: the routing key of an event in the agencies' exchange."""
    return f"{agency_key(agency)}.{event_key}"


def _only(name: str) -> str:
    # Not `$`: that lets a line feed follow.
    return rf"^{re.escape(name)}\z"
