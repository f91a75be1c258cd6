"""Handles events: a batch in one transaction, each reaction at most once, one bad event delays no other."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

import msgspec
import structlog

from chassis import envelope, inbox, metrics, parking, tracing
from chassis.db import raise_if_away
from chassis.envelope import Undecodable
from chassis.handling import Delivered, Handler, Task, load
from chassis.retries import Retries, put_aside
from chassis.service import Reaction
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.event import Event, Message

log = structlog.get_logger()

SUSPECT = 3
"""Given out so often in vain, a message is tried alone: it may be what ended those who took it."""


class Failed(Exception):
    """Nothing of the batch is committed. `index` is of the task that raised; None: the last writing did."""

    def __init__(self, index: int | None, cause: Exception) -> None:
        super().__init__(index)
        self.index = index
        self.cause = cause


class Consumer:
    def __init__(self, service: str, handlers: Sequence[Handler], units: UnitsOfWork) -> None:
        self.service = service
        self.units = units
        self._handlers: dict[str, list[Handler]] = {}
        for handler in handlers:
            self._handlers.setdefault(handler.event.type, []).append(handler)
        self._retries = Retries(self._handlers, units, self._react_once)

    def handle(self, batch: Sequence[Delivered]) -> None:
        """On return all is applied or parked, and committed. Raises only when the database is away."""
        for suspect, some in groupby(batch, lambda delivered: delivered.returns >= SUSPECT):
            tasks = [Task(d, h) for d in some for h in self._handlers.get(d.message.type, ())]
            if suspect:
                for task in tasks:
                    self._retries.try_suspect(task)
            else:
                self._work_through(tasks)

    def retry_parked(self) -> int:
        """Try one parked event whose time has come. Returns how many were tried."""
        return self._retries.try_parked()

    def must_know(self, message: Message) -> None:
        """Undecodable when nothing here reacts to its kind. Then it must not vanish as if it were handled."""
        if message.type not in self._handlers:
            raise Undecodable(f"no such kind of message here: {message.type}")

    def check(self, message: Message) -> None:
        """Undecodable when it is of no kind handled here, or its data are not of that kind.

        For outsiders' messages only: parked under a subject of their own choice, they could hold back
        another's. Our own services' events are parked, and handled once the reaction is mended.
        """
        self.must_know(message)
        try:
            envelope.data_of(message, self._handlers[message.type][0].event)
        except msgspec.DecodeError as error:
            raise Undecodable(str(error)) from error

    def _work_through(self, tasks: Sequence[Task]) -> None:
        """In one transaction. When it fails, in parts: what a reaction that raised left behind is undone."""
        parts = [(tasks, False)]
        while parts:
            part, suspected = parts.pop()
            try:
                self._apply(part, suspected)
            except Failed as failed:
                if failed.index == 0 or len(part) == 1:
                    self._park(part[0], failed.cause)
                    parts += [(part[1:], False)] if len(part) > 1 else []
                else:
                    parts += reversed(_around(failed.index, part))

    def _apply(self, tasks: Sequence[Task], suspected: bool) -> None:
        """What reactions leave to be written is written at the end, together, so `index` may be unknown.

        `suspected`: the last of them raised before. It is tried in a savepoint, and parked with the rest.
        """
        parked: Exception | None = None
        try:
            with self.units() as uow:
                done = self._transact(uow, tasks[: len(tasks) - suspected])
                if suspected:
                    parked = self._try_suspect(uow, tasks[-1], done)
        except Failed:
            raise
        except Exception as error:
            raise_if_away(error)
            raise Failed(None, error) from error
        for name, number in Counter(task.handler.name for task in done).items():
            metrics.HANDLED.labels(self.service, name).inc(number)
        if parked:
            self._note_parked(tasks[-1], parked)

    def _transact(self, uow: UnitOfWork, tasks: Sequence[Task]) -> list[Task]:
        """Returns those that were reacted to."""
        behind = parking.blocked(uow.session, list({task.delivered.message.subject for task in tasks}))
        fresh = inbox.enter(uow.session, [task.key for task in tasks if task.lane not in behind])
        events = _events(tasks, fresh)
        loaded = _load(uow, tasks, events)
        for index, task in enumerate(tasks):
            if index in events:
                with _blaming(index):
                    self._react(uow, task, events[index], loaded[task.handler.react])
            elif task.lane in behind:
                put_aside(uow, task, None)
        return [tasks[index] for index in events]

    def _try_suspect(self, uow: UnitOfWork, task: Task, done: list[Task]) -> Exception | None:
        """In a savepoint of its own: what those before it left to be written, they are to blame for."""
        if task.lane in parking.blocked(uow.session, [task.delivered.message.subject]):
            put_aside(uow, task, None)
            return None
        savepoint = uow.session.begin_nested()
        try:
            with savepoint:
                reacted = self._react_once(uow, task)
        except Exception as error:
            raise_if_away(error)
            put_aside(uow, task, error)
            return error
        done += [task] if reacted else []
        return None

    def _react(self, uow: UnitOfWork, task: Task, event: Event, loaded: Any) -> None:
        message = task.delivered.message
        tracing.enter(message.traceparent)
        task.handler.handle(UnitOfWork(uow.session, uow.settings, self.units.clock, message), event, loaded)

    def _react_once(self, uow: UnitOfWork, task: Task) -> bool:
        """By itself, unless it was handled before. Whether it was not."""
        if task.key not in inbox.enter(uow.session, [task.key]):
            return False
        event = task.event()
        self._react(uow, task, event, load(uow, task.handler.react, [event]))
        return True

    def _park(self, task: Task, error: Exception) -> None:
        with self.units() as uow:
            put_aside(uow, task, error)
        self._note_parked(task, error)

    def _note_parked(self, task: Task, error: Exception) -> None:
        metrics.PARKED.labels(self.service, task.handler.name).inc()
        log.warning(
            "event parked",
            type=task.delivered.message.type,
            event_id=str(task.delivered.message.id),
            handler=task.handler.name,
            error=type(error).__name__,
        )


def _events(tasks: Sequence[Task], fresh: set[inbox.Key]) -> dict[int, Event]:
    """What is to be reacted to, by its place; of an event that came twice, the first."""
    left, events = set(fresh), {}
    for index, task in enumerate(tasks):
        if task.key in left:
            left.remove(task.key)
            with _blaming(index):
                events[index] = task.event()
    return events


def _load(uow: UnitOfWork, tasks: Sequence[Task], events: Mapping[int, Event]) -> dict[Reaction, Any]:
    """What the reactions need, for all events of each at once."""
    wanted: dict[Reaction, list[Event]] = {}
    for index, event in events.items():
        wanted.setdefault(tasks[index].handler.react, []).append(event)
    return {react: load(uow, react, some) for react, some in wanted.items()}


@contextmanager
def _blaming(index: int) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise_if_away(error)
        raise Failed(index, error) from error


def _around(index: int | None, tasks: Sequence[Task]) -> list[tuple[Sequence[Task], bool]]:
    """Up to the one that raised, suspected now, and those behind it; halves when it is not known."""
    cut = len(tasks) // 2 if index is None else index + 1
    parts = [(tasks[:cut], index is not None), (tasks[cut:], False)]
    return [(some, suspected) for some, suspected in parts if some]
