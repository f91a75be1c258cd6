"""Giving an agency's back office its access to the broker."""

import secrets

from sqlalchemy import select, update

from chassis.broker import passwords
from chassis.broker.admin import BrokerAdmin
from chassis.bus import topology
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from services.notify.model.agency import Access
from services.notify.tables import agencies
from vocabulary.refusals import NotFound


def connect(units: UnitsOfWork, broker: BrokerAdmin, agency: str) -> str:
    """The account's new password. Safe to repeat at any point where it broke off.

    NotFound when notify has not heard of the agency; BrokerAway and BrokerRefused from the broker.
    """
    access = Access(agency)
    with units() as uow:
        _must_be_known(uow, agency)
    if not broker.has_queue(access.queue):
        # Before the queue is there, so that a broken-off run cannot leave a queue that lacks the past.
        with units() as uow:
            start_from_the_first(uow, agency)
    declare(broker, access)
    password = secrets.token_urlsafe(24)
    password_hash = passwords.hashed(password)
    open_account(broker, access, password_hash)
    with units() as uow:
        mark_connected(uow, agency, password_hash=password_hash)
    return password


def declare(broker: BrokerAdmin, access: Access) -> None:
    for exchange in (topology.AGENCIES, topology.DECISIONS, topology.DEAD):
        broker.declare_exchange(exchange.name, exchange.type)
    dead = f"{access.queue}.dead"
    broker.declare_queue(dead, {"x-queue-type": "quorum"})
    broker.bind(topology.DEAD.name, dead, access.queue)
    broker.declare_queue(access.queue, topology.quorum_queue(access.queue).queue_arguments)
    broker.bind(topology.AGENCIES.name, access.queue, access.binding_key)


def open_account(broker: BrokerAdmin, access: Access, password_hash: str) -> None:
    """Topics before permissions: until those are set, an account may write under every key."""
    broker.put_account(access.account, password_hash)
    broker.permit_topics(access.account, access.topic_permissions)
    broker.permit(access.account, access.permissions)


def _must_be_known(uow: UnitOfWork, agency: str) -> None:
    known = select(agencies.c.code).where(agencies.c.code == agency)
    if uow.session.scalar(known) is None:
        raise NotFound(
            "no-such-agency",
            f"Chưa có cơ quan {agency} trong danh mục.",
            f"No agency {agency} has been published.",
        )


def start_from_the_first(uow: UnitOfWork, agency: str) -> None:
    """Whoever publishes at this moment loses its lease, and with it its word on how far the queue is."""
    _set(uow, agency, connected_at=None, published_position=0, rewind_to=None, lease=None, next_try_at=None)


def mark_connected(uow: UnitOfWork, agency: str, **also: object) -> None:
    _set(uow, agency, connected_at=uow.now(), next_try_at=None, last_error=None, **also)


def _set(uow: UnitOfWork, agency: str, **values: object) -> None:
    uow.session.execute(update(agencies).where(agencies.c.code == agency).values(values))
