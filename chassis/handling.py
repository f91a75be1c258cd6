"""What a consumer handles: a message as it came, the reaction to it, and what that needs loaded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any
from uuid import UUID

from chassis import envelope
from chassis.service import Reaction
from chassis.unit_of_work import UnitOfWork
from contracts.event import Event, Message

Load = Callable[[UnitOfWork, Sequence[Any]], Any]
"""Given all events of a batch, whatever their reaction wants at hand: usually a dict of aggregates by key."""


class Loading:
    """A reaction to whose events what it needs is loaded together, by one query for a batch.

    Called as any reaction, it loads for the one event.
    """

    def __init__(self, load: Load, react: Callable[[UnitOfWork, Any, Any], None]) -> None:
        update_wrapper(self, react)
        self.load = load
        self.react = react

    def __call__(self, uow: UnitOfWork, event: Any) -> None:
        self.react(uow, event, self.load(uow, [event]))


def loading(load: Load) -> Callable[[Callable[[UnitOfWork, Any, Any], None]], Loading]:
    """`@loading(dossiers) def note(uow, event, dossiers): ...`.

    The same object is given for each event of the batch: what a reaction makes anew it puts there, for
    those that come after. It is loaded before any of them runs. What cannot be loaded for one event must
    not fail for all: leave it out.
    """
    return lambda react: Loading(load, react)


def load(uow: UnitOfWork, react: Reaction, events: Sequence[Event]) -> Any:
    """None for a reaction that needs nothing."""
    return react.load(uow, events) if isinstance(react, Loading) else None


@dataclass(frozen=True)
class Handler:
    """One reaction to one kind of event; `name` is its key in inbox and parking."""

    name: str
    event: type[Event]
    react: Reaction

    def handle(self, uow: UnitOfWork, event: Event, loaded: Any) -> None:
        if isinstance(self.react, Loading):
            self.react.react(uow, event, loaded)
        else:
            self.react(uow, event)


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
    def key(self) -> tuple[UUID, str]:
        return self.delivered.message.id, self.handler.name

    def event(self) -> Event:
        """msgspec.DecodeError when the data are not of its kind."""
        return envelope.data_of(self.delivered.message, self.handler.event)


def handlers_of(reactions: Mapping[type[Event], Sequence[Reaction]]) -> list[Handler]:
    """A manifest's reactions as handlers, named after their functions."""
    return [Handler(react.__name__, event, react) for event, reacts in reactions.items() for react in reacts]
