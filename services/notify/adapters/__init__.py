"""The outside counterparts of notify, one file each."""

from dataclasses import dataclass

from services.notify.adapters.agency_bus import AgencyBus
from services.notify.adapters.gateway import Gateway


@dataclass(frozen=True)
class Ports:
    """None: not set up, and what would go there waits in the database."""

    sms: Gateway | None = None
    mail: Gateway | None = None
    agencies: AgencyBus | None = None
