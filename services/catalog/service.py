from chassis.service import Service
from contracts.catalog import (
    AgencyPublished,
    AgencySnapshot,
    CalendarPublished,
    CalendarSnapshot,
    ProcedurePublished,
    ProcedureSnapshot,
)
from services.catalog.cli import catalog
from services.catalog.commands import snapshots
from services.catalog.commands.publishing import seed
from services.catalog.routes import blueprint
from services.catalog.tables import metadata

service = Service(
    name="catalog",
    metadata=metadata,
    blueprints=[blueprint],
    announces=[
        AgencyPublished,
        AgencySnapshot,
        ProcedurePublished,
        ProcedureSnapshot,
        CalendarPublished,
        CalendarSnapshot,
    ],
    snapshots=snapshots.KINDS,
    seed=seed,
    commands=[catalog],
)
