"""What connected agencies had on the broker and lost: wiped with it, or deleted behind our back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, or_, select

from chassis.broker.admin import BrokerAdmin
from chassis.bus import topology
from chassis.unit_of_work import UnitsOfWork
from services.notify.commands import connecting
from services.notify.model.agency import Access
from services.notify.tables import agencies


@dataclass(frozen=True)
class Mended:
    """`missing`: of queue, binding, account. Not `mended`: connected before hashes of passwords were kept."""

    agency: str
    missing: Sequence[str]
    mended: bool


@dataclass(frozen=True)
class Broker:
    """What there is, asked in four calls however many agencies there are."""

    queues: set[str]
    bound: set[tuple[str, str, str]]
    permissions: dict[str, dict[str, Any]]
    topics: dict[str, list[dict[str, Any]]]


def mend(
    units: UnitsOfWork, broker: BrokerAdmin, only: Sequence[str] = (), most: int | None = None
) -> list[Mended]:
    """Every agency that lacked something, `most` of them at a time; those in `only`, or all.

    Safe to repeat, also where it broke off. BrokerAway and BrokerRefused from the broker.
    """
    there = _look(broker)
    lacking = [
        (row, missing)
        for row in _connected(units)
        if (not only or row.code in only) and (missing := _missing(row, there))
    ]
    # What cannot be mended comes last: it takes nobody's turn.
    lacking.sort(key=lambda found: found[0].password_hash is None)
    return [_mend(units, broker, row, missing) for row, missing in lacking[:most]]


def _look(broker: BrokerAdmin) -> Broker:
    return Broker(
        queues=set(broker.queues()),
        bound={(b["source"], b["destination"], b["routing_key"]) for b in broker.bindings()},
        permissions=broker.everybodys_permissions(),
        topics=broker.everybodys_topic_permissions(),
    )


def _connected(units: UnitsOfWork) -> Sequence[Row[Any]]:
    """Also those whose connecting or mending broke off."""
    once = or_(agencies.c.connected_at.is_not(None), agencies.c.password_hash.is_not(None))
    with units() as uow:
        return uow.session.execute(select(agencies).where(once).order_by(agencies.c.code)).all()


def _missing(row: Row[Any], there: Broker) -> list[str]:
    access = Access(row.code)
    rights = there.permissions.get(access.account, {})
    topics = there.topics.get(access.account, [])
    dead = f"{access.queue}.dead"
    bindings = {
        (topology.AGENCIES.name, access.queue, access.binding_key),
        (topology.DEAD.name, dead, access.queue),
    }
    whole = {
        "queue": {access.queue, dead} <= there.queues and row.connected_at is not None,
        "binding": bindings <= there.bound,
        "account": _says(rights, access.permissions)
        and len(topics) == 1
        and _says(topics[0], access.topic_permissions),
    }
    return [name for name, is_whole in whole.items() if not is_whole]


def _says(found: dict[str, Any], wanted: dict[str, str]) -> bool:
    return {name: found.get(name) for name in wanted} == wanted


def _mend(units: UnitsOfWork, broker: BrokerAdmin, row: Row[Any], missing: list[str]) -> Mended:
    access = Access(row.code)
    if not broker.has_queue(access.queue):
        # As in connecting: before the queue is there, so that it can never lack the past.
        with units() as uow:
            connecting.start_from_the_first(uow, row.code)
    connecting.declare(broker, access)
    lost = "account" in missing and row.password_hash is None
    if "account" in missing and not lost:
        connecting.open_account(broker, access, row.password_hash)
    with units() as uow:
        connecting.mark_connected(uow, row.code)
    return Mended(row.code, missing, mended=not lost)
