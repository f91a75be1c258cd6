"""What feedback does when it hears something."""

from chassis.unit_of_work import UnitOfWork
from contracts.catalog import AgencyPublished
from contracts.dossier import DossierEvent, DossierSnapshot
from contracts.identity import AccountClosed
from services.feedback import commands


def name_agency(uow: UnitOfWork, event: AgencyPublished) -> None:
    commands.name_agency(uow, event)


def note_dossier(uow: UnitOfWork, event: DossierEvent) -> None:
    commands.note_dossier(uow, event)


def close_dossier(uow: UnitOfWork, event: DossierEvent) -> None:
    commands.close_dossier(uow, event)


def keep_dossier(uow: UnitOfWork, event: DossierSnapshot) -> None:
    """As far as it went: `at` is then when it was closed."""
    if event.closed:
        commands.close_dossier(uow, event)
    else:
        commands.note_dossier(uow, event)


def forget_person(uow: UnitOfWork, event: AccountClosed) -> None:
    commands.forget(uow, event.account)
