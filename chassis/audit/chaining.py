"""Entries of a unit of work, added to a chain as the last thing before its commit.

A chain is held from the reading of its last hash to the commit, so that its positions have no gap. There
are several, and a unit takes one that is free: requests do not wait for each other, and a process that is
stopped with one in its hand stops nobody.
"""

import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, event, func, insert, select, text
from sqlalchemy.orm import Session, SessionTransaction

from chassis.audit.entry import BEGINNING, Entry, hash_of, key_of
from chassis.pending import UnitSession
from chassis.settings import Settings
from chassis.tables import audit

CHAINS = 8
HOLDING = 7_201_005
ENTRIES, SETTINGS, MARKS = "audit entries", "audit settings", "audit entries before savepoints"

_free = text(
    "SELECT chain FROM unnest(CAST(:chains AS int[])) AS chain"
    " WHERE pg_try_advisory_xact_lock(:holding, chain) LIMIT 1"
)


def keep(session: Session, settings: Settings, entry: Entry) -> None:
    session.info.setdefault(ENTRIES, []).append(entry)
    session.info[SETTINGS] = settings


@event.listens_for(UnitSession, "before_commit")
def _before_commit(session: Session) -> None:
    """The rest of the unit is written before: nothing but the commit is waited for with a chain in hand."""
    if session.get_nested_transaction() is None and session.info.get(ENTRIES):
        session.flush()
        _append(session.connection(), session.info[SETTINGS], session.info.pop(ENTRIES))


def _append(connection: Connection, settings: Settings, entries: Sequence[Entry]) -> None:
    chain, key = _take(connection), key_of(settings.index)
    last, before = head(connection, chain)
    rows: list[dict[str, Any]] = []
    for position, entry in enumerate(entries, last + 1):
        columns = entry.columns()
        before = hash_of(key, before, settings.service, chain, position, columns)
        rows.append({"chain": chain, "position": position, **columns, "hash": before})
    connection.execute(insert(audit), rows)


def head(connection: Connection, chain: int) -> tuple[int, bytes]:
    """Position and hash of the chain's last entry."""
    last = select(audit.c.position, audit.c.hash).where(audit.c.chain == chain)
    row = connection.execute(last.order_by(audit.c.position.desc()).limit(1)).one_or_none()
    return (row.position, row.hash) if row else (0, BEGINNING)


def _take(connection: Connection) -> int:
    chains = random.sample(range(CHAINS), CHAINS)
    taken: int | None = connection.scalar(_free, {"chains": chains, "holding": HOLDING})
    if taken is None:
        taken = chains[0]
        connection.execute(select(func.pg_advisory_xact_lock(HOLDING, taken)))
    return taken


@event.listens_for(UnitSession, "after_transaction_create")
def _mark(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(MARKS, {})[transaction] = len(session.info.get(ENTRIES, ()))


@event.listens_for(UnitSession, "after_soft_rollback")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    """What was done since a savepoint is undone: nobody did it."""
    if transaction in session.info.get(MARKS, {}):
        del session.info.get(ENTRIES, [])[session.info[MARKS].pop(transaction) :]
