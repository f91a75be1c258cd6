"""All that can be found out about the broker, for `motcua bus` and `motcua doctor`."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy.exc import SQLAlchemyError

from chassis import service as services
from chassis import settings as configuration
from chassis import worker
from chassis.broker import accounts, check, filling, plan
from chassis.broker.accounts import Account
from chassis.broker.admin import BrokerAdmin
from chassis.bus import Topics
from chassis.findings import Finding, unseen
from chassis.service import Service
from chassis.settings import env, text


def take(
    broker: BrokerAdmin, ours: Sequence[Account], unwell: Collection[str] = ()
) -> tuple[check.Broker, list[Finding]]:
    """What is there, and what is not as it must be.

    `ours` are the services' own accounts. `unwell` are services whose settings or databases are known not
    to be well: they are not asked.
    """
    # Before the broker is looked at: what is bound meanwhile is then no finding.
    sources = [name for name in services.names() if name not in unwell]
    withheld, unasked = filling.ask(sources, topics())
    there = check.read(broker)
    found = check.look(there, wanted(), services.names(), withheld)
    of_accounts = accounts.check(broker, ours)
    return there, [*found, *unasked, *of_accounts, *_looked_at_by_services(broker, unwell)]


def wanted() -> plan.Plan:
    return plan.of(topics(), worker.doors(installed()))


def topics() -> Topics:
    return worker.topics(installed(), env.int("EVENT_SHARDS", 1))


def installed() -> list[Service]:
    return [services.load(name) for name in services.names()]


def _looked_at_by_services(broker: BrokerAdmin, unwell: Collection[str]) -> Iterator[Finding]:
    for service in installed():
        if service.check_broker and service.name in unwell:
            yield _not_looked_at(service, "", "mend its settings and its database first")
        elif service.check_broker:
            yield from _looked_at_by(service, broker)


def _looked_at_by(service: Service, broker: BrokerAdmin) -> Iterator[Finding]:
    setting = f"{service.name.upper()}_DATABASE_URL"
    if not text(setting, ""):
        yield _not_looked_at(service, "", f"set {setting}")
        return
    units = worker.open_units(service, configuration.load(service.name), "cli")
    try:
        assert service.check_broker
        yield from list(service.check_broker(units, broker))
    except SQLAlchemyError:
        yield _not_looked_at(service, ": its database is away", "run this again once it answers")
    finally:
        units.engine.dispose()


def _not_looked_at(service: Service, why: str, mend: str) -> Finding:
    return unseen(service.name, f"its queues and accounts were not looked at{why}", mend)
