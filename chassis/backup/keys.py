"""Which keys a database needs, told without having any: ids alone say little, each ring begins `first`."""

import re
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import distinct_on

from chassis import sealing
from chassis.backup.manifest import Keys, SealedSample, Wrapped
from chassis.settings import KeyRing
from chassis.tables import data_keys, idempotency_keys, outbox
from contracts.event import Sealed

NEWEST = 10_000
"""Events that are looked at for sealed fields."""
_SEALED = re.compile(r'\{"kid":"([^"]+)","box":"([^"]+)"\}')


def used(connection: Connection) -> Keys:
    first = select(data_keys).ext(distinct_on(data_keys.c.kid)).order_by(data_keys.c.kid)
    wrapped = [Wrapped(row.kid, row.person, row.wrapped) for row in connection.execute(first)]
    others = connection.execute(select(idempotency_keys.c.kid).distinct()).scalars()
    ids = sorted({one.kid for one in wrapped} | set(others))
    return Keys(ids, wrapped, list(_sealed(connection)))


def _sealed(connection: Connection) -> Iterator[SealedSample]:
    """The newest of each type of event and key."""
    newest = select(outbox.c.type, outbox.c.body).order_by(outbox.c.event_id.desc()).limit(NEWEST).subquery()
    seen = set()
    for type, body in connection.execute(select(newest).where(newest.c.body.like('%"box":"_%'))):
        for kid, box in _SEALED.findall(body):
            if (type, kid) not in seen:
                seen.add((type, kid))
                yield SealedSample(type, kid, box)


def lacking(service: str, keys: Keys, master: KeyRing, seals: Mapping[str, KeyRing]) -> list[str]:
    """What the keys at hand cannot open, in words."""
    ring = f"{service.upper()}_MASTER_KEYS"
    missing = [f"{ring} lacks the key {kid!r}" for kid in keys.master if kid not in master.keys]
    known = [one for one in keys.wrapped if one.kid in master.keys]
    wrong = [f"the key {one.kid!r} of {ring} is another one" for one in known if not _unwraps(master, one)]
    unread = [
        f"no ring of SEAL_KEYS opens what is sealed under {one.kid!r} in {one.type}"
        for one in keys.sealed
        if not any(_opens(name, each, one) for name, each in seals.items())
    ]
    return [*missing, *wrong, *unread]


def _unwraps(master: KeyRing, one: Wrapped) -> bool:
    try:
        sealing.decrypt(master.keys[one.kid], one.wrapped, one.person.bytes)
    except ValueError:
        return False
    return True


def _opens(service: str, ring: KeyRing, one: SealedSample) -> bool:
    try:
        sealing.unseal(ring, service, Sealed(one.kid, one.box))
    except ValueError:
        return False
    return True
