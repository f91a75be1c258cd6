"""The manifest: where the parts of dossier meet."""

from datetime import timedelta

from chassis.audit import looks
from chassis.backup.files import Files
from chassis.service import Door, Service, Timer
from contracts.agency import Decision
from contracts.catalog import (
    AgencyPublished,
    AgencySnapshot,
    CalendarPublished,
    CalendarSnapshot,
    ProcedurePublished,
    ProcedureSnapshot,
)
from contracts.dossier import DOSSIER_EVENTS, DecisionApplied, DecisionRejected, DossierSnapshot
from contracts.identity import AccountChanged, AccountClosed, AccountRegistered, AccountSnapshot
from services.dossier import reactions, routes, timers
from services.dossier.adapters.kept import kept_files
from services.dossier.adapters.ports import NEEDS, files_folder, from_environment
from services.dossier.commands import snapshots
from services.dossier.tables import metadata

service = Service(
    name="dossier",
    metadata=metadata,
    blueprints=[looks.blueprint("/dossiers/looks"), *routes.blueprints],
    announces=[*DOSSIER_EVENTS, DossierSnapshot, DecisionApplied, DecisionRejected],
    reactions={
        ProcedurePublished: [reactions.keep_procedure],
        ProcedureSnapshot: [reactions.keep_procedure],
        AgencyPublished: [reactions.keep_agency],
        AgencySnapshot: [reactions.keep_agency],
        CalendarPublished: [reactions.keep_calendar],
        CalendarSnapshot: [reactions.keep_calendar],
        AccountRegistered: [reactions.keep_applicant],
        AccountChanged: [reactions.keep_applicant],
        AccountSnapshot: [reactions.keep_applicant],
        AccountClosed: [reactions.forget_applicant],
    },
    snapshots=snapshots.KINDS,
    doors=[Door("motcua.decisions", "dossier.decisions", Decision, reactions.decide)],
    timers=[Timer("sweep files", timedelta(minutes=15), timers.sweep_files)],
    ports=from_environment,
    needs=NEEDS,
    files=Files(files_folder, kept_files),
)
