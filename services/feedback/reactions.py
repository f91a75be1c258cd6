"""What feedback does when it hears something."""

from chassis.unit_of_work import UnitOfWork
from contracts.catalog import AgencyPublished
from contracts.dossier import DossierEvent
from services.feedback import commands


def name_agency(uow: UnitOfWork, event: AgencyPublished) -> None:
    commands.name_agency(uow, event)


def note_dossier(uow: UnitOfWork, event: DossierEvent) -> None:
    commands.note_dossier(uow, event)


def close_dossier(uow: UnitOfWork, event: DossierEvent) -> None:
    commands.close_dossier(uow, event)
