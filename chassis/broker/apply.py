"""Makes what a broker lacks. Safe to repeat; takes nothing away unless it is told to."""

from collections.abc import Iterator, Sequence

from chassis.broker import check, policies
from chassis.broker.admin import BrokerAdmin
from chassis.broker.check import Broker
from chassis.broker.plan import Plan


def missing(admin: BrokerAdmin, broker: Broker, plan: Plan, services: Sequence[str]) -> Iterator[str]:
    """Yields what it did, as it does it.

    A queue of events and its bindings are left to its worker: made here, nobody would know that it lacks
    what was announced while it was missing.
    """
    for name in sorted(plan.exchanges.keys() - broker.exchanges.keys()):
        admin.declare_exchange(name, plan.exchanges[name])
        yield f"made exchange {name}"
    for name, policy in policies.wanted(services, broker.version).items():
        found = broker.policies.get(name)
        if found is None or policies.differs(policy, found):
            admin.put_policy(name, policies.kept_by_operator(policy, found))
            yield f"set policy {name}"
    for name in sorted(plan.queues.keys() - broker.queues.keys() - plan.workers_own):
        admin.declare_queue(name, plan.queues[name])
        yield f"made queue {name}"
    there = {(each["source"], each["destination"], each["routing_key"]) for each in broker.bindings}
    for exchange, queue, key in sorted(plan.bindings - there):
        if queue not in plan.workers_own:
            admin.bind(exchange, queue, key)
            yield f"bound {queue} to {exchange} for {key}"


def prune(admin: BrokerAdmin, broker: Broker, plan: Plan, services: Sequence[str]) -> Iterator[str]:
    """Takes away bindings and policies that are not ours. Queues stay: there may be messages in them."""
    for each in check.extra_bindings(broker, plan):
        admin.unbind(each["source"], each["destination"], each["properties_key"])
        yield f"took {each['destination']} off {each['source']} for {each['routing_key']}"
    for name in sorted(broker.policies.keys() - policies.wanted(services, broker.version).keys()):
        if name.startswith("motcua-"):
            admin.delete_policy(name)
            yield f"deleted policy {name}"
