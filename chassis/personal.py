"""Personal data at rest: a data key per person, wrapped by the master key; erasure destroys the key."""

import hmac
import os
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.pending import FETCHED
from chassis.sealing import decrypt, encrypt
from chassis.settings import KeyRing
from chassis.tables import data_keys

_of_them = select(data_keys).where(data_keys.c.person == any_(bindparam("persons", type_=ARRAY(Uuid))))


def fetch(session: Session, persons: Collection[UUID]) -> None:
    """Their keys at once, still wrapped: one that cannot be opened fails only who needs it."""
    rows = session.execute(_of_them, {"persons": list(persons)})
    session.info.setdefault(FETCHED, {}).update({row.person: row for row in rows})


def protect(session: Session, master: KeyRing, person: UUID, text: str) -> bytes:
    return encrypt(_key(session, master, person), text.encode(), person.bytes)


def reveal(session: Session, master: KeyRing, person: UUID, protected: bytes) -> str:
    key = _stored_key(session, master, person)
    if key is None:
        raise LookupError("the person's data key was destroyed")
    return decrypt(key, protected, person.bytes).decode()


def erase(session: Session, person: UUID) -> None:
    """What was protected for this person can never be read again."""
    session.info.get(FETCHED, {}).pop(person, None)
    session.execute(delete(data_keys).where(data_keys.c.person == person))


def index(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _key(session: Session, master: KeyRing, person: UUID) -> bytes:
    key = _stored_key(session, master, person)
    if key is not None:
        return key
    kid, wrapping = master.current
    wrapped = encrypt(wrapping, os.urandom(32), person.bytes)
    session.execute(
        insert(data_keys).values(person=person, kid=kid, wrapped=wrapped).on_conflict_do_nothing()
    )
    return _key(session, master, person)


def _stored_key(session: Session, master: KeyRing, person: UUID) -> bytes | None:
    row: Any = session.info.get(FETCHED, {}).get(person)
    if row is None:
        row = session.execute(select(data_keys).where(data_keys.c.person == person)).one_or_none()
    return decrypt(master.keys[row.kid], row.wrapped, person.bytes) if row else None
