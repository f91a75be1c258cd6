"""Events tried alone: parked ones whose time has come, and those that may be what ended who took them.

Each is put aside, or noted as tried, and that committed, before it is tried: should it end this process,
it is not tried at once again, and delays nobody. A database that goes away meanwhile has ended no process:
what was under way is then tried again, and nothing is held against it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chassis import envelope, inbox, parking
from chassis.db import raise_if_away
from chassis.handling import Delivered, Handler, Task
from chassis.unit_of_work import UnitOfWork, UnitsOfWork


class Retries:
    """`react_once` reacts to a task unless it was handled before."""

    def __init__(
        self,
        handlers: Mapping[str, Sequence[Handler]],
        units: UnitsOfWork,
        react_once: Callable[[UnitOfWork, Task], bool],
    ) -> None:
        """`handlers` by type of event."""
        self._handlers = handlers
        self._handled = [(type, each.name) for type, some in handlers.items() for each in some]
        self._units = units
        self._react_once = react_once
        self._begun: Any = None
        self._suspects: set[inbox.Key] = set()

    def try_suspect(self, task: Task) -> None:
        """On return it is applied or parked, and committed. Raises only when the database is away."""
        with self._units() as uow:
            is_due = self._put_suspect_aside(uow, task)
        if is_due:
            self._try(task.key)
        self._suspects.discard(task.key)

    def _put_suspect_aside(self, uow: UnitOfWork, task: Task) -> bool:
        """Whether it is to be tried now."""
        if parking.hold(uow.session, *task.key):
            return task.key in self._suspects
        if inbox.has(uow.session, task.key):
            return False
        if task.lane in parking.blocked(uow.session, [task.delivered.message.subject]):
            put_aside(uow, task, None)
            return False
        put_aside(uow, task, parking.EndedItsProcess(f"{task.delivered.returns} times"))
        self._suspects.add(task.key)
        return True

    def try_parked(self) -> int:
        """One whose time has come. Returns how many were tried."""
        if self._begun is None:
            with self._units() as uow:
                self._begun = parking.claim(uow.session, self._handled, uow.now())
                if self._begun is None:
                    return 0
                parking.begin(uow.session, self._begun, uow.now())
        self._try((self._begun.event_id, self._begun.handler), self._begun)
        self._begun = None
        return 1

    def _try(self, key: inbox.Key, before: Any = None) -> None:
        """`before`: the row before it was noted that it is tried: its failures count, and not this note."""
        with self._units() as uow:
            row = parking.hold(uow.session, *key)
            if row is None:
                return
            try:
                with uow.session.begin_nested():
                    self._react_once(uow, self._task_of(row))
            except Exception as error:
                raise_if_away(error)
                parking.fail_again(uow.session, before or row, error, uow.now())
            else:
                parking.settle(uow.session, row, uow.now())

    def _task_of(self, row: Any) -> Task:
        message = envelope.open_up(row.body, row.sender)
        (handler,) = (h for h in self._handlers[row.type] if h.name == row.handler)
        return Task(Delivered(message, row.body), handler)


def put_aside(uow: UnitOfWork, task: Task, error: Exception | None) -> None:
    """Without an error: it only waits behind an earlier one."""
    given = task.delivered
    parking.park(uow.session, given.message, given.body, task.handler.name, error, uow.now())
