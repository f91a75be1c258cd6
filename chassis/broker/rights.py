"""What a service's own account may do on the broker: what its worker does there, from the manifests."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chassis import envelope
from chassis.bus import topology
from chassis.bus.report import mailbox_of
from chassis.service import Service
from contracts.event import Event

NOTHING = "^$"


@dataclass(frozen=True)
class Rights:
    """Patterns as the broker takes them: for names of queues and exchanges, and for keys by exchange."""

    configure: str
    write: str
    read: str
    topics: dict[str, dict[str, str]]

    @property
    def permissions(self) -> dict[str, str]:
        return {"configure": self.configure, "write": self.write, "read": self.read}


def of(service: Service, installed: Sequence[Service]) -> Rights:
    """It binds its subscribers' queues, for its own events alone; nothing else of them is open to it.

    To declare a queue with a dead-letter exchange one must be allowed to write there; the keys take it back.
    """
    own = _queues(service)
    kept = [*own, *(rf"{queue}\.dead" for queue in own)]
    hearers = [_events(each.name) for each in installed if _hears(each, service)]
    speaks, hears = bool(service.announces), bool(service.reactions)
    doors = [door.exchange for door in service.doors]
    named = {
        topology.EVENTS.name: (speaks or hears, speaks),
        topology.FILLING.name: (speaks or hears, hears),
        topology.SUBSCRIBERS.name: (hears, speaks),
        topology.DEAD.name: (bool(own), bool(own)),
        **dict.fromkeys(doors, (False, True)),
        **dict.fromkeys(service.writes, (True, False)),
    }
    write = [re.escape(name) for name, (writes, _) in named.items() if writes]
    read = [re.escape(name) for name, (_, reads) in named.items() if reads]
    keys = _keys(service, own)
    return Rights(
        configure=_only(kept),
        write=_only([*kept, *hearers, *write]),
        read=_only([*own, *read]),
        topics={name: keys[name] for name, used in named.items() if any(used) and name in keys},
    )


def _keys(service: Service, own: Sequence[str]) -> dict[str, dict[str, str]]:
    """By exchange. A service probes the bindings of what it hears; no event travels under such a key."""
    said = [rf"{word}\..*" for word in _words(service.announces)]
    probes = [rf"{word}\..*\.probe" for word in _words(service.reactions)]
    events = [_events(service.name)] if service.reactions else []
    last_probe, filled = ([rf"{first}\.{name}" for name in events] for first in ("probe", "#"))
    every = _only(["#"])
    doors = {door.exchange: {"write": NOTHING, "read": every} for door in service.doors}
    return {
        topology.EVENTS.name: {"write": _only([*said, *probes]), "read": _only(said)},
        topology.FILLING.name: {"write": _only([*said, *last_probe]), "read": _only(filled)},
        topology.SUBSCRIBERS.name: {"write": _only(events), "read": every},
        topology.DEAD.name: {"write": NOTHING, "read": _only(own)},
        **doors,
    }


def _queues(service: Service) -> list[str]:
    """Patterns of those it consumes from."""
    mailbox = [re.escape(mailbox_of(service.name))] if service.announces else []
    events = [_events(service.name)] if service.reactions else []
    return [*events, *mailbox, *(re.escape(door.queue) for door in service.doors)]


def _events(service: str) -> str:
    """However many shards there are."""
    return rf"{re.escape(service)}\.events(?:\.\d+)?"


def _hears(service: Service, source: Service) -> bool:
    return not service.reactions.keys().isdisjoint(source.announces)


def _words(events: Iterable[type[Event]]) -> list[str]:
    """The first words of their keys: each names a source."""
    return sorted({re.escape(envelope.routing_key(event.type).partition(".")[0]) for event in events})


def _only(alternatives: Sequence[str]) -> str:
    # Not `$`: that lets a line feed follow.
    return rf"^(?:{'|'.join(alternatives)})\z" if alternatives else NOTHING
