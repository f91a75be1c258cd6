"""Handles events: a batch in one transaction, each reaction at most once, one bad event delays no other."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import msgspec
import structlog
from sqlalchemy import ARRAY, String, Uuid, bindparam, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from chassis import envelope, metrics, parking, tracing
from chassis.db import raise_if_away
from chassis.envelope import Undecodable
from chassis.service import Reaction
from chassis.tables import inbox
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.event import Event, Message

log = structlog.get_logger()

SUSPECT = 3
"""Given out so often in vain, a message is tried alone: it may be what ended those who took it."""

_ids, _handlers = bindparam("ids", type_=ARRAY(Uuid)), bindparam("handlers", type_=ARRAY(String))
# One statement whatever the number of rows: prepared once, and nothing to compile for each of them.
_entered = (
    insert(inbox)
    .from_select(["event_id", "handler"], select(func.unnest(_ids), func.unnest(_handlers)))
    .on_conflict_do_nothing()
    .returning(inbox.c.event_id, inbox.c.handler)
)


@dataclass(frozen=True)
class Handler:
    """One reaction to one kind of event; `name` is its key in inbox and parking."""

    name: str
    event: type[Event]
    react: Reaction


@dataclass(frozen=True)
class Delivered:
    """A message as it came: the envelope read, and the bytes to park if need be.

    `returns`: how often it was given to somebody before, who did not acknowledge it.
    """

    message: Message
    body: str
    returns: int = 0


@dataclass(frozen=True)
class Task:
    delivered: Delivered
    handler: Handler

    @property
    def lane(self) -> tuple[str, str]:
        """What keeps its order: the same handler and the same aggregate."""
        return self.handler.name, self.delivered.message.subject

    @property
    def key(self) -> tuple[Any, str]:
        return self.delivered.message.id, self.handler.name


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
        self._handled = [(handler.event.type, handler.name) for handler in handlers]

    def handle(self, batch: Sequence[Delivered]) -> None:
        """On return all is applied or parked, and committed. Raises only when the database is away."""
        for suspect, some in groupby(batch, lambda delivered: delivered.returns >= SUSPECT):
            tasks = [Task(d, h) for d in some for h in self._handlers.get(d.message.type, ())]
            if suspect:
                for task in tasks:
                    self._try_alone(task)
            else:
                self._work_through(tasks)

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
        """In one transaction; when it fails, in parts around the failure, until that is alone: park it."""
        parts = [tasks]
        while parts:
            part = parts.pop()
            try:
                self._apply(part)
            except Failed as failed:
                if len(part) == 1:
                    self._park(part[0], failed.cause)
                else:
                    parts += reversed(_around(failed.index, part))

    def _apply(self, tasks: Sequence[Task]) -> None:
        """What reactions leave to be written is written at the end, together, so `index` may be unknown."""
        try:
            done = self._transact(tasks)
        except Failed:
            raise
        except Exception as error:
            raise_if_away(error)
            raise Failed(None, error) from error
        for name, number in Counter(task.handler.name for task in done).items():
            metrics.HANDLED.labels(self.service, name).inc(number)

    def _transact(self, tasks: Sequence[Task]) -> list[Task]:
        done: list[Task] = []
        with self.units() as uow:
            behind = parking.blocked(uow.session, list({task.delivered.message.subject for task in tasks}))
            fresh = self._enter(uow, [task for task in tasks if task.lane not in behind])
            for index, task in enumerate(tasks):
                if task.key in fresh:
                    fresh.remove(task.key)
                    self._attempt(uow, task, index)
                    done.append(task)
                elif task.lane in behind:
                    _put_aside(uow, task, None)
        return done

    def _attempt(self, uow: UnitOfWork, task: Task, index: int) -> None:
        try:
            self._react(uow, task)
        except Exception as error:
            raise_if_away(error)
            raise Failed(index, error) from error

    def _enter(self, uow: UnitOfWork, tasks: Sequence[Task]) -> set[tuple[Any, str]]:
        """Inbox rows for all of them at once; returns those that were not there yet."""
        if not tasks:
            return set()
        ids, names = zip(*(task.key for task in tasks), strict=True)
        found = uow.session.execute(_entered, {"ids": list(ids), "handlers": list(names)})
        return {(row.event_id, row.handler) for row in found}

    def _react(self, uow: UnitOfWork, task: Task) -> None:
        message = task.delivered.message
        tracing.enter(message.traceparent)
        event = envelope.data_of(message, task.handler.event)
        task.handler.react(UnitOfWork(uow.session, uow.settings, self.units.clock, message), event)

    def _park(self, task: Task, error: Exception) -> None:
        with self.units() as uow:
            _put_aside(uow, task, error)
        metrics.PARKED.labels(self.service, task.handler.name).inc()
        log.warning(
            "event parked",
            type=task.delivered.message.type,
            event_id=str(task.delivered.message.id),
            handler=task.handler.name,
            error=type(error).__name__,
        )

    def _try_alone(self, task: Task) -> None:
        """Parked before it is tried: should it end this process, too, it stays there and delays nobody."""
        with self.units() as uow:
            waits = task.lane in parking.blocked(uow.session, [task.delivered.message.subject])
            if not waits and _is_handled(uow, task):
                return
            _put_aside(
                uow, task, None if waits else parking.EndedItsProcess(f"{task.delivered.returns} times")
            )
            row = None if waits else parking.hold(uow.session, *task.key)
        if row is not None:
            with self.units() as uow:
                self._try_parked(uow, row)

    def retry_parked(self) -> int:
        """Try one parked event whose time has come. Returns how many were tried."""
        with self.units() as uow:
            row = parking.claim(uow.session, self._handled, uow.now())
            if row is None:
                return 0
            self._try_parked(uow, row)
        return 1

    def _try_parked(self, uow: UnitOfWork, row: Any) -> None:
        task = self._task_of(row)
        try:
            with uow.session.begin_nested():
                if task.key in self._enter(uow, [task]):
                    self._react(uow, task)
        except Exception as error:
            raise_if_away(error)
            parking.fail_again(uow.session, row, error, uow.now())
        else:
            parking.settle(uow.session, row, uow.now())

    def _task_of(self, row: Any) -> Task:
        message = envelope.open_up(row.body, row.sender)
        (handler,) = (h for h in self._handlers[row.type] if h.name == row.handler)
        return Task(Delivered(message, row.body), handler)


def _around(index: int | None, tasks: Sequence[Task]) -> list[Sequence[Task]]:
    """Those before it, it alone, those behind it; halves when it is not known. At least two of them."""
    cuts = [len(tasks) // 2] if index is None else [index, index + 1]
    return [tasks[start:end] for start, end in pairwise([0, *cuts, len(tasks)]) if start < end]


def _is_handled(uow: UnitOfWork, task: Task) -> bool:
    same = exists().where(inbox.c.event_id == task.key[0], inbox.c.handler == task.key[1])
    return bool(uow.session.scalar(select(same)))


def _put_aside(uow: UnitOfWork, task: Task, error: Exception | None) -> None:
    parking.park(
        uow.session, task.delivered.message, task.delivered.body, task.handler.name, error, uow.now()
    )


def handlers_of(reactions: Mapping[type[Event], Sequence[Reaction]]) -> list[Handler]:
    """A manifest's reactions as handlers, named after their functions."""
    return [Handler(react.__name__, event, react) for event, reacts in reactions.items() for react in reacts]
