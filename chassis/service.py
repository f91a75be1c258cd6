"""The manifest of a service: the one place where its parts meet."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import entry_points
from typing import Any
from uuid import UUID

import click
from flask_smorest import Blueprint
from sqlalchemy import Connection, MetaData

from chassis.backup.files import Files
from chassis.broker.admin import BrokerAdmin
from chassis.findings import Finding
from chassis.needs import Need
from chassis.settings import Settings
from chassis.snapshots import Aggregates
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.event import Event

Reaction = Callable[[UnitOfWork, Any], None]


@dataclass(frozen=True)
class Timer:
    """Something that happens because time passes, in a worker.

    `run` returns how much it did; after anything but 0 it runs again at once. Workers of one
    service run the same timer side by side, so `run` claims rows with SKIP LOCKED or is idempotent.
    """

    name: str
    every: timedelta
    run: Callable[[UnitsOfWork], int]


@dataclass(frozen=True)
class Door:
    """A queue on which outsiders write to us, each under a broker account of its own."""

    exchange: str
    queue: str
    event: type[Event]
    reaction: Reaction


@dataclass(frozen=True)
class Service:
    """`announces` and `reactions` are what it says and hears; `ports` builds its outside adapters.

    `snapshots` are the aggregates whose present state it can publish again.
    `writes` are exchanges it speaks to beside those of all services.
    `commands` are its own on the command line, `event_commands` those below `motcua events`.
    `needs` are its own settings beside those of every service, for `motcua doctor`.
    `check_broker` looks at what the service itself made on the broker, for `motcua bus check`;
    `files` says which files its rows name, for `motcua backup`.
    `examine` says how the service itself does, for `motcua doctor`.
    `trace_event` says where else it has an event, for `motcua events show`: (where, state).
    """

    name: str
    metadata: MetaData
    blueprints: Sequence[Blueprint] = ()
    announces: Sequence[type[Event]] = ()
    reactions: Mapping[type[Event], Sequence[Reaction]] = field(default_factory=dict)
    doors: Sequence[Door] = ()
    writes: Sequence[str] = ()
    snapshots: Sequence[Aggregates] = ()
    timers: Sequence[Timer] = ()
    ports: Callable[[Settings], object] = lambda _settings: None
    needs: Sequence[Need] = ()
    files: Files | None = None
    seed: Callable[[UnitOfWork], None] | None = None
    commands: Sequence[click.Command] = ()
    event_commands: Sequence[click.Command] = ()
    check_broker: Callable[[UnitsOfWork, BrokerAdmin], Iterable[Finding]] | None = None
    examine: Callable[[Connection], Iterable[Finding]] | None = None
    trace_event: Callable[[Connection, UUID], Sequence[tuple[str, str]]] | None = None


def load(name: str) -> Service:
    """The installed service of that name. KeyError when there is none."""
    (found,) = entry_points(group="motcua.services", name=name) or [None]
    if found is None:
        raise KeyError(f"no service is called {name!r}; there are {', '.join(names())}")
    service: Service = found.load()
    return service


def names() -> list[str]:
    return sorted(found.name for found in entry_points(group="motcua.services"))
