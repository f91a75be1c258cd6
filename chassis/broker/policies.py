"""The broker's policies for our queues, and what a queue must not be under (ADR 0014).

One policy at most is in force for a queue. Ours take that one place, so that a policy somebody made for
all queues cannot: an `overflow` or a `message-ttl` given by policy is stronger than our arguments.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.bus import topology

Policy = dict[str, Any]
NONE: Policy = {"definition": {}}

QUEUES, AGENCIES, DEAD = "motcua-queues", "motcua-agencies", "motcua-dead"
AGENCY_QUEUE_BYTES = 1024**3
NO_LIMIT = -1
OPERATORS_OWN = ("max-length", "max-length-bytes")
"""How much an agency's queue may hold is for the operator to say; the rest is not."""
FOR_QUEUES = {"all", "queues", "quorum_queues"}
EMPTYING = ("message-ttl", "expires")


def wanted(services: Sequence[str], version: tuple[int, ...]) -> dict[str, Policy]:
    """By name. Beyond its limit an agency's queue refuses, and its log waits in notify's database.

    From 4.0 on a queue without a delivery limit has one of 20: a dead letter looked at 20 times would go.
    """
    ours = "|".join(re.escape(name) for name in ("motcua", *sorted(services)))
    kept = {"overflow": "reject-publish"} | ({"delivery-limit": NO_LIMIT} if version >= (4,) else {})
    agencies = {**topology.SAFETY, "max-length-bytes": AGENCY_QUEUE_BYTES}
    return {
        QUEUES: _policy(rf"^(?:{ours})\.", 100, dict(topology.SAFETY)),
        AGENCIES: _policy(r"^agency\.", 100, agencies),
        DEAD: _policy(rf"^(?:agency|{ours})\..*\.dead$", 200, kept),
    }


def _policy(pattern: str, priority: int, definition: Policy) -> Policy:
    return {"pattern": pattern, "apply-to": "queues", "priority": priority, "definition": definition}


def kept_by_operator(policy: Policy, found: Policy | None) -> Policy:
    """The policy wanted, with the limits that an operator gave to the one that is there."""
    own = {key: value for key, value in (found or NONE)["definition"].items() if key in OPERATORS_OWN}
    return {**policy, "definition": {**policy["definition"], **own}}


@dataclass(frozen=True)
class InForce:
    """What holds for one queue. `names` are of the policies it comes from."""

    names: tuple[str, ...]
    definition: Mapping[str, Any]


def in_force(queue: str, plain: Iterable[Policy], operators: Iterable[Policy]) -> InForce:
    """Worked out from the policies: what the broker shows beside a queue is up to ten seconds old.

    The one of the highest priority, narrowed by the operator policy of the highest priority.
    """
    chosen, narrowing = _first(queue, plain), _first(queue, operators)
    own, limits = chosen["definition"], narrowing["definition"]
    both = {
        key: min(own[key], limits[key])
        for key in own.keys() & limits.keys()
        if isinstance(own[key], int) and isinstance(limits[key], int)
    }
    names = tuple(policy["name"] for policy in (chosen, narrowing) if "name" in policy)
    return InForce(names, {**own, **limits, **both})


def _first(queue: str, found: Iterable[Policy]) -> Policy:
    matching = [p for p in found if p["apply-to"] in FOR_QUEUES and re.search(p["pattern"], queue)]
    return max(matching, key=lambda policy: policy["priority"], default=NONE)


def dangers(queue: str, effective: Mapping[str, object]) -> list[str]:
    """Why messages could be lost under the policies in force for that queue, in words."""
    found = [f"{key} {effective[key]}: messages vanish" for key in EMPTYING if key in effective]
    if effective.get("overflow", "reject-publish") != "reject-publish":
        found.append(f"overflow {effective['overflow']}: a full queue drops what was confirmed")
    limit = effective.get("delivery-limit", topology.DELIVERY_LIMIT)
    if isinstance(limit, int) and 0 <= limit < topology.DELIVERY_LIMIT:
        found.append(f"delivery-limit {limit}: a few crashes make good messages dead letters")
    lengths = [key for key in OPERATORS_OWN if key in effective]
    if lengths and not queue.startswith("agency."):
        found.append(f"{lengths[0]}: a full queue keeps every other subscriber's events waiting")
    return found


def differs(policy: Policy, found: Policy) -> bool:
    wanted = kept_by_operator(policy, found)
    return any(found.get(key) != value for key, value in wanted.items())
