"""What was handled: an event takes its place once for each handler, in the reaction's own transaction."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, String, Uuid, bindparam, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.tables import inbox

Key = tuple[UUID, str]
"""Event id and handler's name."""

_ids, _handlers = bindparam("ids", type_=ARRAY(Uuid)), bindparam("handlers", type_=ARRAY(String))
# One statement whatever the number of rows: prepared once, and nothing to compile for each of them.
_entered = (
    insert(inbox)
    .from_select(["event_id", "handler"], select(func.unnest(_ids), func.unnest(_handlers)))
    .on_conflict_do_nothing()
    .returning(inbox.c.event_id, inbox.c.handler)
)


def enter(session: Session, keys: Sequence[Key]) -> set[Key]:
    """Rows for all of them at once; returns those that were not there yet."""
    if not keys:
        return set()
    ids, names = zip(*keys, strict=True)
    found = session.execute(_entered, {"ids": list(ids), "handlers": list(names)})
    return {(row.event_id, row.handler) for row in found}


def has(session: Session, key: Key) -> bool:
    same = exists().where(inbox.c.event_id == key[0], inbox.c.handler == key[1])
    return bool(session.scalar(select(same)))
