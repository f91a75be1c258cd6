"""What the workers declare, written down instead of declared: what must be on the broker, in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chassis.bus import Topics, topology


@dataclass(frozen=True)
class Plan:
    """`exchanges` are types by name, `queues` arguments by name, `bindings` (exchange, queue, key).

    `workers_own` are queues of events: made and bound by workers alone, who know what one made anew lacks.
    """

    exchanges: dict[str, str] = field(default_factory=dict)
    queues: dict[str, dict[str, object]] = field(default_factory=dict)
    bindings: set[tuple[str, str, str]] = field(default_factory=set)
    workers_own: frozenset[str] = frozenset()

    @property
    def listening(self) -> list[str]:
        """The queues that somebody should always be consuming from."""
        return sorted(name for name, given in self.queues.items() if "x-single-active-consumer" in given)


def of(topics: Topics, doors: Mapping[str, str]) -> Plan:
    """The same declarations that workers make, so that the two cannot differ."""
    plan = Plan(workers_own=frozenset(topics))
    channel = _Written(plan)
    topology.declare(channel, doors)
    for name, interest in topics.items():
        topology.declare_events(channel, name)
        for type in interest.types:
            topology.bind(channel, name, topology.binding_keys(type, interest))
    return plan


class _Written:
    """Stands where a channel of kombu's would."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def exchange_declare(self, exchange: str, type: str, **_: object) -> None:
        self._plan.exchanges[exchange] = type

    def prepare_queue_arguments(self, arguments: dict[str, object], **_: object) -> dict[str, object]:
        return arguments

    def queue_declare(self, queue: str, arguments: dict[str, object], **_: object) -> tuple[str, int, int]:
        self._plan.queues[queue] = dict(arguments)
        return queue, 0, 0

    def queue_bind(self, queue: str, exchange: str, routing_key: str, **_: object) -> None:
        self._plan.bindings.add((exchange, queue, routing_key))
