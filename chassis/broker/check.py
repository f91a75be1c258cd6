"""Compares a broker with what must be on it. Reads only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.broker import policies
from chassis.broker.admin import BrokerAdmin
from chassis.broker.filling import Binding, Progress
from chassis.broker.plan import Plan
from chassis.findings import Finding, filling, unseen, warning, wrong

OLDEST = (3, 10)
APPLY, PRUNE = "motcua bus apply", "motcua bus apply --prune"
METRICS = "let the broker collect metrics for its management interface (4.x may be told not to)"
Named = Mapping[str, dict[str, Any]]


@dataclass(frozen=True)
class Broker:
    """What is there, read once."""

    version: tuple[int, ...]
    nodes: Sequence[Mapping[str, Any]]
    flags: Mapping[str, str]
    exchanges: Named
    queues: Named
    policies: Named
    operator_policies: Named
    bindings: Sequence[Mapping[str, Any]]


def read(admin: BrokerAdmin) -> Broker:
    return Broker(
        version=version_of(admin.overview()["rabbitmq_version"]),
        nodes=admin.nodes(),
        flags=admin.feature_flags(),
        exchanges=admin.exchanges(),
        queues=admin.queues(),
        policies=admin.policies(),
        operator_policies=admin.operator_policies(),
        bindings=[each for each in admin.bindings() if each["destination_type"] == "queue"],
    )


def version_of(text: str) -> tuple[int, ...]:
    """`3.10.8` and `4.1.0-rc.1` alike."""
    return tuple(int(part) for part in text.split("-", maxsplit=1)[0].split("."))


def look(
    broker: Broker, plan: Plan, services: Sequence[str], withheld: Mapping[Binding, Progress]
) -> Iterator[Finding]:
    """`withheld` are bindings whose queues are being filled, as far as their sources could be asked."""
    yield from server(broker)
    yield from _exchanges(broker, plan)
    yield from _policies(broker, policies.wanted(services, broker.version))
    for name, arguments in sorted(plan.queues.items()):
        if name in broker.queues:
            yield from _queue(name, arguments, broker.queues[name])
            yield from _in_force(name, broker)
        else:
            yield wrong(f"queue {name}", "is missing", mend(name, plan))
    yield from _left_over(broker, plan)
    yield from _listeners(broker, plan)
    yield from _bindings(broker, plan, withheld)


def server(broker: Broker) -> Iterator[Finding]:
    version = ".".join(map(str, broker.version))
    if broker.version < OLDEST:
        yield wrong("broker", f"is RabbitMQ {version}", "use 3.10 or newer")
    if not broker.flags:
        yield unseen("feature flags", "were not shown", "give the account the tag `monitoring`")
    elif broker.flags.get("stream_queue", "enabled") != "enabled":
        what = "feature flag stream_queue is off: dead letters can be lost on their way"
        yield wrong("broker", what, "rabbitmqctl enable_feature_flag stream_queue")
    if not any("mem_alarm" in node for node in broker.nodes):
        yield unseen("alarms", "were not shown", f"give the account the tag `monitoring`; {METRICS}")
    for node in broker.nodes:
        yield from _node(node)


def _node(node: Mapping[str, Any]) -> Iterator[Finding]:
    name = f"node {node['name']}"
    if not node.get("running", True):
        yield wrong(name, "does not run", "start it")
    if node.get("mem_alarm"):
        yield wrong(name, "memory alarm: nothing can be published", "give it memory, or drain its queues")
    if node.get("disk_free_alarm"):
        yield wrong(name, "disk alarm: nothing can be published", "free disk space on it")
    if node.get("partitions"):
        yield wrong(name, f"is cut off from {', '.join(node['partitions'])}", "restart the smaller side")


def _exchanges(broker: Broker, plan: Plan) -> Iterator[Finding]:
    for name, type in sorted(plan.exchanges.items()):
        found = broker.exchanges.get(name)
        if found is None:
            yield wrong(f"exchange {name}", "is missing", APPLY)
        elif (found["type"], found["durable"]) != (type, True):
            kind = "durable" if found["durable"] else "transient"
            what = f"is {kind} {found['type']}, not durable {type}"
            yield wrong(f"exchange {name}", what, f"stop the workers, delete it, then {APPLY}")


def _policies(broker: Broker, wanted: Mapping[str, policies.Policy]) -> Iterator[Finding]:
    for name, policy in wanted.items():
        found = broker.policies.get(name)
        if found is None:
            yield wrong(f"policy {name}", "is missing", APPLY)
        elif policies.differs(policy, found):
            yield wrong(f"policy {name}", "says something else", APPLY)
    for name in sorted(broker.policies.keys() - wanted.keys()):
        if name.startswith("motcua-"):
            yield warning(f"policy {name}", "is none of ours", PRUNE)


def _queue(name: str, arguments: Mapping[str, object], found: Mapping[str, Any]) -> Iterator[Finding]:
    where = f"queue {name}"
    other = [key for key in sorted(arguments) if found["arguments"].get(key) != arguments[key]]
    if other or not found["durable"]:
        what = f"was declared with other arguments ({', '.join(other) or 'durable'}), which cannot be changed"
        yield wrong(where, what, f"let its consumer empty it, delete it, then {APPLY}")
    if found.get("state", "running") not in {"running", "idle", "flow"}:
        yield wrong(where, f"is {found['state']}", "bring the broker's lost nodes back")
    if name.endswith(".dead") and found.get("messages"):
        what = f"holds {found['messages']} messages that could not be handled"
        yield warning(where, what, "read them, mend the cause, publish them again or purge the queue")


def _in_force(name: str, broker: Broker) -> Iterator[Finding]:
    held = policies.in_force(name, broker.policies.values(), broker.operator_policies.values())
    for danger in policies.dangers(name, held.definition):
        what = f"policy {' and '.join(held.names)} says {danger}"
        yield wrong(f"queue {name}", what, f"keep that policy off this queue, then {APPLY}")


def _listeners(broker: Broker, plan: Plan) -> Iterator[Finding]:
    there = [name for name in plan.listening if name in broker.queues]
    if there and not any("consumers" in broker.queues[name] for name in there):
        yield unseen("queues", "their consumers and dead letters were not counted", METRICS)
        return
    for name in there:
        if not broker.queues[name].get("consumers"):
            service = name.partition(".")[0]
            yield warning(f"queue {name}", "has no consumer", f"start `motcua worker {service}`")


def _bindings(broker: Broker, plan: Plan, withheld: Mapping[Binding, Progress]) -> Iterator[Finding]:
    there = {(each["source"], each["destination"], each["routing_key"]) for each in broker.bindings}
    lacking: dict[tuple[str, str], list[str]] = {}
    yield from _filling(withheld, plan.bindings - there)
    for exchange, queue, key in sorted(plan.bindings - there - withheld.keys()):
        lacking.setdefault((exchange, queue), []).append(key)
    for (exchange, queue), keys in lacking.items():
        what = f"lacks {len(keys)}: {', '.join(keys)}"
        yield wrong(f"binding {exchange} -> {queue}", what, mend(queue, plan))
    for each in extra_bindings(broker, plan):
        what = f"{each['routing_key']} is none of ours: what it carries is kept where nobody may take it"
        yield warning(f"binding {each['source']} -> {each['destination']}", what, PRUNE)


def _filling(withheld: Mapping[Binding, Progress], lacking: set[Binding]) -> Iterator[Finding]:
    least: dict[tuple[str, str], Progress] = {}
    for binding in sorted(lacking & withheld.keys()):
        progress = withheld[binding]
        way = (binding[1], progress.source)
        least[way] = min(progress, least.get(way, progress), key=lambda each: each.filled)
    for (queue, source), progress in least.items():
        patience = f"nothing: `motcua worker {source}` goes on, and binds it in the end"
        yield filling(f"queue {queue}", str(progress), patience)


def mend(queue: str, plan: Plan) -> str:
    if queue not in plan.workers_own:
        return APPLY
    worker = f"`motcua worker {queue.partition('.')[0]}`"
    return f"{worker} does so within a minute, once the queue has what it missed"


def _left_over(broker: Broker, plan: Plan) -> Iterator[Finding]:
    """Queues of events that were, before EVENT_SHARDS was changed."""
    services = {name.partition(".")[0] for name in plan.workers_own}
    for name in sorted(broker.queues.keys() - plan.queues.keys()):
        service, _, rest = name.partition(".")
        if service in services and rest.startswith("events") and not rest.endswith(".dead"):
            yield warning(f"queue {name}", "is read by no worker any more", "delete it once it is empty")


def extra_bindings(broker: Broker, plan: Plan) -> list[Mapping[str, Any]]:
    """On our exchanges, and asked for by nobody. Agencies' own are looked at with the agencies."""
    ours = plan.exchanges.keys()
    return [
        each
        for each in broker.bindings
        if each["source"] in ours
        and (each["source"], each["destination"], each["routing_key"]) not in plan.bindings
        and not each["destination"].startswith("agency.")
    ]
