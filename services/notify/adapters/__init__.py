"""The outside counterparts of notify, one file each."""

from dataclasses import dataclass, field

from chassis.broker.admin import BrokerAdmin
from chassis.unit_of_work import UnitsOfWork
from services.notify.adapters.agency_bus import AgencyBus
from services.notify.adapters.gateway import Gateway
from services.notify.adapters.webhook import WebhookPost
from services.notify.model.doors import DoorRules


@dataclass(frozen=True)
class Ports:
    """None: not set up, and what would go there waits in the database."""

    sms: Gateway | None = None
    mail: Gateway | None = None
    agencies: AgencyBus | None = None
    broker: BrokerAdmin | None = None
    webhooks: WebhookPost = field(default_factory=WebhookPost)
    rules: DoorRules = field(default_factory=DoorRules)


def ports_of(units: UnitsOfWork) -> Ports:
    assert isinstance(units.ports, Ports)
    return units.ports
