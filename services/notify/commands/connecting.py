"""Giving an agency's back office its access to the broker."""

import secrets

from sqlalchemy import select, update

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
            _start_from_the_first(uow, agency)
    _declare(broker, access)
    password = _open_account(broker, access)
    with units() as uow:
        _mark_connected(uow, agency)
    return password


def _declare(broker: BrokerAdmin, access: Access) -> None:
    for exchange in (topology.AGENCIES, topology.DECISIONS, topology.DEAD):
        broker.declare_exchange(exchange.name, exchange.type)
    dead = f"{access.queue}.dead"
    broker.declare_queue(dead, {"x-queue-type": "quorum"})
    broker.bind(topology.DEAD.name, dead, access.queue)
    broker.declare_queue(access.queue, topology.quorum_queue(access.queue).queue_arguments)
    broker.bind(topology.AGENCIES.name, access.queue, access.binding_key)


def _open_account(broker: BrokerAdmin, access: Access) -> str:
    """Rights before the first password: an account without a password cannot log in."""
    password = secrets.token_urlsafe(24)
    broker.put_account(access.account, password)
    broker.permit_topics(access.account, access.topic_permissions)
    broker.permit(access.account, access.permissions)
    return password


def _must_be_known(uow: UnitOfWork, agency: str) -> None:
    known = select(agencies.c.code).where(agencies.c.code == agency)
    if uow.session.scalar(known) is None:
        raise NotFound(
            "no-such-agency",
            f"Chưa có cơ quan {agency} trong danh mục.",
            f"No agency {agency} has been published.",
        )


def _start_from_the_first(uow: UnitOfWork, agency: str) -> None:
    """Whoever publishes at this moment loses its lease, and with it its word on how far the queue is."""
    _set(uow, agency, connected_at=None, published_position=0, lease=None, next_try_at=None)


def _mark_connected(uow: UnitOfWork, agency: str) -> None:
    _set(uow, agency, connected_at=uow.now(), next_try_at=None, last_error=None)


def _set(uow: UnitOfWork, agency: str, **values: object) -> None:
    uow.session.execute(update(agencies).where(agencies.c.code == agency).values(values))
