"""Everything a service's own account might try on the broker, and may not. Data; how: tests/resilience."""

from collections.abc import Iterator
from itertools import product

from chassis import service as services
from chassis import worker
from chassis.broker import plan
from chassis.bus import topology
from chassis.service import Service
from tests.resilience.permissions import BROKERS_OWN, Deed, asking, written

INSTALLED = [services.load(name) for name in services.names()]
PLAN = plan.of(worker.topics(INSTALLED), worker.doors(INSTALLED))
AGENCYS = ("agency.H01", "agency.H01.dead")
EVENTS, FILLING, DEAD = (each.name for each in (topology.EVENTS, topology.FILLING, topology.DEAD))
SUBSCRIBERS, DECISIONS, AGENCIES = (
    each.name for each in (topology.SUBSCRIBERS, topology.DECISIONS, topology.AGENCIES)
)


def deeds(service: Service) -> Iterator[tuple[str, Deed]]:
    """By name, for the account of that service."""
    yield from announcing(service)
    yield from writing(service)
    yield from reading(service)
    yield from configuring(service)
    yield from binding(service)


def own_queues(service: Service) -> list[str]:
    return [name for name in PLAN.queues if topology.owner_of(name) == service.name]


def others_queues(service: Service) -> list[str]:
    return [name for name in (*PLAN.queues, *AGENCYS) if topology.owner_of(name) != service.name]


def others_types(service: Service) -> list[str]:
    return [event.type for each in INSTALLED if each is not service for event in each.announces]


def announcing(service: Service) -> Iterator[tuple[str, Deed]]:
    for type in (*others_types(service), "motcua.agency.decision.v1", "motcua.petition.sent.v1"):
        key = topology.routing_key(type, "somebody")
        yield f"announce {type}", written(EVENTS, key)
        for queue in worker.topics(INSTALLED):
            yield f"fill {queue} with {type}", written(FILLING, topology.filling_key(key, queue))
    for key in alike(service.name):
        yield f"announce under {key!r}", written(EVENTS, key)
    for key in ("#", "*", "", "probe", "notify.events", "probe.x.events"):
        yield f"fill by {key!r}", written(FILLING, key)


def alike(name: str) -> list[str]:
    """Keys that only look like the service's own."""
    return [
        "",
        "#",
        f"{name}x.sent.1",
        f"x{name}.sent.1",
        f"{name.upper()}.sent.1",
        f" {name}.sent.1",
        f"{name}.sent.1\n",
        name,
    ]


def writing(service: Service) -> Iterator[tuple[str, Deed]]:
    for name in (*PLAN.queues, *AGENCYS):
        yield f"write to queue {name} by its name", written("", name)
        yield f"write a dead letter of {name}", written(DEAD, name)
    for name in PLAN.queues:
        if not (topology.owner_of(name) == service.name and name in PLAN.workers_own):
            yield f"report for {name}", written(SUBSCRIBERS, name)
    yield "decide", written(DECISIONS, "H01.decision")
    if AGENCIES not in service.writes:
        yield "tell an agency", written(AGENCIES, "H01.dossier.accepted")
    for exchange in BROKERS_OWN:
        yield f"write to {exchange}", written(exchange, f"{service.name}.sent.1")


def reading(service: Service) -> Iterator[tuple[str, Deed]]:
    own_dead = [name for name in own_queues(service) if name.endswith(".dead")]
    for name in (*others_queues(service), *own_dead):
        yield f"get from {name}", asking("basic_get", name)
        yield f"consume {name}", asking("basic_consume", name, print)
        yield f"purge {name}", asking("queue_purge", name)


def configuring(service: Service) -> Iterator[tuple[str, Deed]]:
    more = (f"{service.name}.more", f"{service.name}.events.more", f"x{service.name}.events", "own", "")
    for name in (*others_queues(service), *more):
        yield f"make queue {name!r}", asking("queue_declare", name, durable=True)
    for name in others_queues(service):
        yield f"delete queue {name}", asking("queue_delete", name)
    for name in (*PLAN.exchanges, *BROKERS_OWN, "own", service.name):
        yield f"make exchange {name}", asking("exchange_declare", name, "topic", durable=True)
        yield f"delete exchange {name}", asking("exchange_delete", name)


def binding(service: Service) -> Iterator[tuple[str, Deed]]:
    """Its own queues to what others say, and others' to anything but what it says to them."""
    keys = ["#", *(topology.routing_key(type, "somebody") for type in others_types(service))]
    for queue, key in product((*own_queues(service), *others_queues(service)), keys):
        yield f"bind {queue} to {EVENTS} by {key}", asking("queue_bind", queue, EVENTS, key)
    for queue, exchange in product((*own_queues(service), *others_queues(service)), (AGENCIES, *BROKERS_OWN)):
        yield f"bind {queue} to {exchange}", asking("queue_bind", queue, exchange, "#")
    for queue, of in product(PLAN.queues, others_queues(service)):
        yield f"bind {queue} to dead letters of {of}", asking("queue_bind", queue, DEAD, of)
        yield f"bind {queue} to what fills {of}", asking("queue_bind", queue, FILLING, f"#.{of}")
    mailboxes = ways_to_mailboxes(service)
    hearers = [name for name in others_queues(service) if name in PLAN.workers_own and service.announces]
    for queue, exchange in product(others_queues(service), (SUBSCRIBERS, DECISIONS)):
        if queue not in hearers or exchange not in mailboxes:
            yield f"bind {queue} to {exchange}", asking("queue_bind", queue, exchange, "#")
            yield f"unbind {queue} from {exchange}", asking("queue_unbind", queue, exchange, "#")
    for source, to in product(PLAN.exchanges.keys() - mailboxes, PLAN.exchanges):
        yield f"bind {to} to {source}", asking("exchange_bind", to, source, "#")


def ways_to_mailboxes(service: Service) -> set[str]:
    """Exchanges that it may lead on, since it binds its own mailboxes to them.

    What it leads to others' queues from there, they refuse: test_said_rightly.
    """
    return {door.exchange for door in service.doors} | ({SUBSCRIBERS} if service.announces else set())
