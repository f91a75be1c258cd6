"""What notify does when it hears something: it writes rows, and nothing else."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from chassis.handling import loading
from chassis.unit_of_work import UnitOfWork
from contracts.catalog import AgencyPublished
from contracts.dossier import DecisionApplied, DecisionRejected, DossierEvent
from contracts.identity import AccountClosed, AccountNotice, AccountRegistered, CodeRequested, OfficialInvited
from services.notify.commands import agency_log, contacts, inviting, notices, telling


def keep_contact(uow: UnitOfWork, event: AccountRegistered) -> None:
    contacts.keep(uow, event, _sequence(uow))


def forget_person(uow: UnitOfWork, event: AccountClosed) -> None:
    contacts.forget(uow, event, _sequence(uow))


def tell_owner(uow: UnitOfWork, event: AccountNotice) -> None:
    notices.tell_owner(uow, event)


def send_code(uow: UnitOfWork, event: CodeRequested) -> None:
    telling.send_code(uow, event)


def send_invitation(uow: UnitOfWork, event: OfficialInvited) -> None:
    inviting.send(uow, event)


@loading(telling.contacts_of)
def tell_applicant(uow: UnitOfWork, event: DossierEvent, contacts: Mapping[UUID, Row[Any]]) -> None:
    telling.tell_applicant(uow, event, contacts)


def append_to_agency_log(uow: UnitOfWork, event: DossierEvent | DecisionApplied | DecisionRejected) -> None:
    agency_log.append(uow, event)


def name_agency(uow: UnitOfWork, event: AgencyPublished) -> None:
    agency_log.name_agency(uow, event)


def _sequence(uow: UnitOfWork) -> int:
    """Which of the account's events this is."""
    if uow.message is None:
        raise LookupError("a reaction works on a message")
    return uow.message.sequence
