from chassis.service import Service
from contracts.catalog import AgencyPublished, CalendarPublished, ProcedurePublished
from services.catalog.cli import catalog
from services.catalog.commands.publishing import seed
from services.catalog.routes import blueprint
from services.catalog.tables import metadata

service = Service(
    name="catalog",
    metadata=metadata,
    blueprints=[blueprint],
    announces=[AgencyPublished, ProcedurePublished, CalendarPublished],
    seed=seed,
    commands=[catalog],
)
