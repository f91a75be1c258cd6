"""Events as the portal tells them: CloudEvents 1.0, structured JSON, with the agency's `position`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from motcua_agency.errors import DecisionRejectedError, UnreadableEventError

APPLIED = "motcua.dossier.decision-applied.v1"
REJECTED = "motcua.dossier.decision-rejected.v1"
_KNOWN = {"id", "type", "subject", "time", "sequence", "position", "data"}


@dataclass(frozen=True)
class Event:
    """One fact. `id` is the same in every delivery; `position` counts the agency's events without a gap.

    `sequence` rises per `subject`. `data` is as the portal sent it, with fields this package does not
    know; `extensions` are the envelope's other attributes (`source`, `traceparent`, ...).
    """

    id: str
    type: str
    subject: str
    time: datetime
    sequence: int
    position: int | None
    data: Mapping[str, Any]
    extensions: Mapping[str, Any] = field(default_factory=dict)


def parse(body: bytes | str | Mapping[str, Any]) -> Event:
    """An event of a type nobody has heard of is an event. UnreadableEventError for what is none."""
    try:
        told = json.loads(body) if isinstance(body, bytes | str) else body
        return Event(
            id=_text(told, "id"),
            type=_text(told, "type"),
            subject=_text(told, "subject"),
            time=datetime.fromisoformat(_text(told, "time")),
            sequence=_count(told, "sequence") or 0,
            position=_count(told, "position"),
            data=dict(told["data"]),
            extensions={name: told[name] for name in told if name not in _KNOWN},
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UnreadableEventError(f"not an event: {error!r}") from error


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value


def _count(told: Mapping[str, Any], name: str) -> int | None:
    value = told.get(name)
    if isinstance(value, bool) or not isinstance(value, int | None):
        raise TypeError(f"{name} is no whole number")
    return value


@dataclass(frozen=True)
class Outcome:
    """What became of a decision. Applied: `version` is the dossier's now. Rejected: `problem` says why."""

    decision_id: str
    code: str
    version: int | None = None
    problem: str | None = None
    detail: Mapping[str, str] = field(default_factory=dict)

    @property
    def applied(self) -> bool:
        return self.problem is None

    def applied_version(self) -> int:
        """DecisionRejectedError when it was not applied."""
        if self.problem is not None or self.version is None:
            raise DecisionRejectedError(self.decision_id, self.problem or "unknown", self.detail)
        return self.version

    @classmethod
    def of(cls, event: Event) -> "Outcome | None":
        """None for an event that answers no decision."""
        if event.type not in (APPLIED, REJECTED):
            return None
        told = event.data
        return cls(
            decision_id=str(told.get("decision_id")),
            code=str(told.get("code")),
            version=told.get("version") if event.type == APPLIED else None,
            problem=str(told.get("problem", "unknown")) if event.type == REJECTED else None,
            detail=told.get("detail") or {},
        )
