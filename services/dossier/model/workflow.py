"""The workflow of a dossier: a table of data, checked when it is loaded."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from contracts.dossier import DOSSIER_EVENTS, DossierEvent, DossierSubmitted, Outcome
from contracts.event import Name

Side = Literal["agency", "applicant", "time"]
Way = Literal["same", "before"]
Role = Literal["receiver", "handler", "approver"]

TABLE = Path(__file__).parents[1] / "data" / "transitions.toml"
STATUSES = range(1, 11)
EVENTS = {event.__name__: event for event in DOSSIER_EVENTS if event is not DossierSubmitted}


@dataclass(frozen=True)
class Action:
    """One row of the table. `event` is None for what is not available yet; `roles` of what an agency does
    are those of its officials who may do it, any one of them."""

    name: str
    verb: Name
    by: Side
    sources: frozenset[int]
    to: int | Way
    event: type[DossierEvent] | None
    roles: frozenset[str] = frozenset()
    needs_reason: bool = False
    starts_clock: bool = False
    closes: Outcome | None = None
    reopens: bool = False


@dataclass(frozen=True)
class Workflow:
    start: int
    statuses: Mapping[int, Name]
    actions: Mapping[str, Action]

    def move(self, action: Action, status: int, came_from: Sequence[int]) -> tuple[int, Sequence[int]]:
        """The status after the action, and the statuses to go back to, the last one first.

        IndexError when the action leads back and there is none.
        """
        match action.to:
            case "same":
                return status, came_from
            case "before":
                return came_from[-1], came_from[:-1]
            case target:
                return target, (*came_from, status) if self._leads_back(target) else ()

    def may_lead(self, name: str, before: int, after: int) -> bool:
        """Whether the action of this name can have led from one status to the other."""
        action = self.actions.get(name)
        return action is not None and before in action.sources and action.to in (after, "same", "before")

    def _leads_back(self, status: int) -> bool:
        return any(action.to == "before" and status in action.sources for action in self.actions.values())

    def possible(self, by: Side, status: int, closed: bool, roles: frozenset[str] | None = None) -> list[str]:
        """Names of the actions that this side can take now, as the table lists them; with `roles`, those of
        an official who has these."""
        return [
            action.name
            for action in self.actions.values()
            if action.by == by
            and action.event
            and status in action.sources
            and closed <= action.reopens
            and (roles is None or action.roles & roles)
        ]


def parse(table: str) -> Workflow:
    """The workflow that a TOML table describes. ValueError names what is wrong with it."""
    data = tomllib.loads(table)
    statuses = {row["code"]: Name(row["vi"], row["en"]) for row in data["status"]}
    actions = {row["name"]: _action(row) for row in data["action"]}
    if len(actions) != len(data["action"]):
        raise ValueError("two actions have the same name")
    workflow = Workflow(data["start"], statuses, actions)
    problems = [*_problems(workflow)]
    if problems:
        raise ValueError("; ".join(problems))
    return workflow


def _action(row: dict[str, Any]) -> Action:
    event = EVENTS.get(row.get("event", ""))
    if (event is None) != row.get("later", False):
        raise ValueError(f"{row['name']}: an action has a known event, or comes later")
    if row["by"] not in get_args(Side) or row.get("closes") not in (None, *get_args(Outcome)):
        raise ValueError(f"{row['name']}: unknown side or outcome")
    roles = frozenset(row.get("roles", ()))
    if roles - set(get_args(Role)) or bool(roles) != (row["by"] == "agency"):
        raise ValueError(f"{row['name']}: what an agency does has known roles, nothing else has any")
    return Action(
        name=row["name"],
        verb=Name(row["vi"], row["en"]),
        by=row["by"],
        sources=frozenset(row["from"]),
        to=row["to"],
        event=event,
        roles=roles,
        needs_reason=row.get("reason", False),
        starts_clock=row.get("starts_clock", False),
        closes=row.get("closes"),
        reopens=row.get("reopens", False),
    )


def _problems(workflow: Workflow) -> Iterator[str]:
    if set(workflow.statuses) != set(STATUSES):
        yield f"the statuses are {sorted(STATUSES)}, not {sorted(workflow.statuses)}"
    for action in workflow.actions.values():
        targets = {action.to} - {"same", "before"}
        if not action.sources or not (action.sources | targets) <= set(workflow.statuses):
            yield f"{action.name}: unknown or no status"
    unused = set(EVENTS.values()) - {action.event for action in workflow.actions.values()}
    if unused:
        yield f"nothing causes {sorted(event.__name__ for event in unused)}"
    lost = set(workflow.statuses) - _reachable(workflow)
    if lost:
        yield f"no way leads to {sorted(lost)}"


def _reachable(workflow: Workflow) -> set[int]:
    seen: set[int] = set()
    ahead = [workflow.start]
    while ahead:
        status = ahead.pop()
        if status in seen:
            continue
        seen.add(status)
        ahead += [a.to for a in workflow.actions.values() if status in a.sources and isinstance(a.to, int)]
    return seen


def diagram(workflow: Workflow) -> str:
    """The table as a Mermaid state diagram; an action that is not available yet says so."""
    lines = ["stateDiagram-v2", f"    [*] --> s{workflow.start}: submit"]
    lines += [f"    s{code}: {code} {name.vi}" for code, name in workflow.statuses.items()]
    for action in workflow.actions.values():
        label = f"{action.name} ({action.by})" if action.event else f"{action.name} ({action.by}, later)"
        lines += [f"    s{a} --> s{b}: {label}" for a, b in sorted(_arrows(workflow, action))]
    lines += [f"    s{end} --> [*]" for end in sorted(_ends(workflow))]
    return "\n".join(lines)


def _arrows(workflow: Workflow, action: Action) -> set[tuple[int, int]]:
    if action.to == "before":
        return {(status, before) for status in action.sources for before in _entries(workflow, status)}
    return {(status, workflow.move(action, status, ())[0]) for status in action.sources}


def _entries(workflow: Workflow, status: int) -> set[int]:
    """The statuses from which this one is entered."""
    entering = [action for action in workflow.actions.values() if action.to == status]
    return {source for action in entering for source in action.sources}


def _ends(workflow: Workflow) -> set[int]:
    closing = [action for action in workflow.actions.values() if action.closes]
    return {b for action in closing for _, b in _arrows(workflow, action)}


WORKFLOW = parse(TABLE.read_text(encoding="utf-8"))
