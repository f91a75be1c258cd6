"""What the audit log says, for people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, select

from chassis.tables import audit


@dataclass(frozen=True)
class Wanted:
    """None: any. `deed` is how it begins; `after` without a zone is UTC."""

    whose: UUID | None = None
    by: UUID | None = None
    about: str | None = None
    deed: str | None = None
    after: datetime | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        if self.whose is not None:
            yield audit.c.whose == self.whose
        if self.by is not None:
            yield audit.c.actor == self.by
        if self.about is not None:
            yield audit.c.about == self.about
        if self.deed is not None:
            yield audit.c.deed.startswith(self.deed, autoescape=True)
        if self.after is not None:
            yield audit.c.at >= (self.after if self.after.tzinfo else self.after.replace(tzinfo=UTC))


@dataclass(frozen=True)
class Shown:
    service: str
    at: datetime
    kind: str
    actor: str | None
    agency: str | None
    acted_for: str | None
    deed: str
    whose: str | None
    about: str
    details: str
    request: str
    chain: int
    position: int


def newest(connection: Connection, service: str, wanted: Wanted, limit: int) -> Sequence[Shown]:
    """Oldest of them first."""
    rows = select(audit).where(*wanted.conditions())
    order = (audit.c.at.desc(), audit.c.chain.desc(), audit.c.position.desc())
    return [_shown(service, row) for row in connection.execute(rows.order_by(*order).limit(limit))][::-1]


def _shown(service: str, row: Row[Any]) -> Shown:
    values: dict[str, Any] = {name: value for name, value in row._asdict().items() if name != "hash"}
    ids: dict[str, Any] = {name: str(value) for name, value in values.items() if isinstance(value, UUID)}
    return Shown(service=service, **(values | ids))
