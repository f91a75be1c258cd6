"""Whether each connected agency's queue, bindings and rights are as they were made."""

from collections.abc import Iterator

from sqlalchemy import select

from chassis.broker.admin import BrokerAdmin
from chassis.bus import topology
from chassis.findings import Finding, warning, wrong
from chassis.unit_of_work import UnitsOfWork
from services.notify.model.agency import Access
from services.notify.tables import agencies

Bound = set[tuple[str, str, str]]


def check(units: UnitsOfWork, broker: BrokerAdmin) -> Iterator[Finding]:
    with units() as uow:
        connected = select(agencies.c.code).where(agencies.c.connected_at.is_not(None))
        codes = list(uow.session.execute(connected.order_by(agencies.c.code)).scalars())
    queues = broker.queues().keys()
    bound = {(b["source"], b["destination"], b["routing_key"]) for b in broker.bindings()}
    for code in codes:
        yield from _agency(Access(code), broker, set(queues), bound)
    owned = {Access(code).queue for code in codes}
    for name in sorted(queues):
        if name.startswith("agency.") and name.removesuffix(".dead") not in owned:
            yield warning(f"queue {name}", "belongs to no connected agency", "delete it if nobody reads it")


def _agency(access: Access, broker: BrokerAdmin, queues: set[str], bound: Bound) -> Iterator[Finding]:
    where, again = f"agency {access.agency}", f"motcua agency mend {access.agency}"
    dead = f"{access.queue}.dead"
    for name in (access.queue, dead):
        if name not in queues:
            yield wrong(where, f"has no queue {name}", again)
    ours = (topology.AGENCIES.name, access.queue, access.binding_key)
    if access.queue in queues and ours not in bound:
        yield wrong(where, f"its queue is not bound for {access.binding_key}", again)
    if dead in queues and (topology.DEAD.name, dead, access.queue) not in bound:
        yield wrong(where, "its queue of dead letters is not bound", again)
    for source, queue, key in sorted(bound):
        if queue == access.queue and source and (source, queue, key) != ours:
            yield wrong(where, f"its queue also hears {key} of {source}", "take that binding away")
    yield from _rights(where, again, access, broker)


def _rights(where: str, again: str, access: Access, broker: BrokerAdmin) -> Iterator[Finding]:
    rights = broker.permissions(access.account)
    if rights is None:
        yield wrong(where, f"{access.account} may do nothing: no such account, or no rights", again)
        return
    if {key: rights[key] for key in access.permissions} != access.permissions:
        yield wrong(where, f"{access.account} may do something else than it should", again)
    only = access.topic_permissions
    topics = [{key: each[key] for key in only} for each in broker.topic_permissions(access.account)]
    if topics != [only]:
        yield wrong(where, f"{access.account} may write under keys that are not its own", again)
