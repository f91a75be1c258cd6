"""`motcua events tail`: what is announced, as it is announced."""

import heapq
import time
from collections.abc import Iterable, Sequence
from typing import Any

import click
import msgspec

from chassis.events import looking
from chassis.events.looking import Recorded
from chassis.events.places import Place, reachable
from chassis.events.printing import SERVICE, as_json, clock, dim, doubtful, good, head, output_option, short

LOOK_EVERY_SECONDS = 0.5
WINDOW = 500
PREFIX = "motcua."
"""Of every type; left out where people read."""
Said = tuple[str, Recorded]


@click.command(short_help="The newest events, and what comes.")
@click.argument("service", type=SERVICE, required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on with what is sent from now on, until Ctrl-C.")
@click.option("--type", "type_", metavar="TYPE", help="Only this type, as dossier.submitted.v1.")
@click.option("-n", "--lines", type=click.IntRange(0, 1000), default=20, show_default=True, help="How many.")
@output_option
def tail(service: str | None, follow: bool, type_: str | None, lines: int, output: str) -> None:
    """The newest events of all services, or of SERVICE, the newest last.

    With -o json each event is an object on a line of its own. Sealed fields are never shown.
    """
    if type_ is not None:
        type_ = f"{PREFIX}{type_.removeprefix(PREFIX)}"
    with reachable(service) as places:
        seen = {place.service: _position(place) for place in places}
        _print(_newest(places, lines, type_), output)
        while follow:
            time.sleep(LOOK_EVERY_SECONDS)
            _print(_later(places, seen, type_), output)


def _position(place: Place) -> int:
    with place.connect() as connection:
        return looking.last_position(connection)


def _newest(places: Sequence[Place], lines: int, type: str | None) -> list[Said]:
    found = []
    for place in places:
        with place.connect() as connection:
            found.append([(place.service, one) for one in looking.newest(connection, lines, type)])
    merged = list(heapq.merge(*found, key=lambda said: said[1].event_id))
    return merged[len(merged) - min(lines, len(merged)) :]


def _later(places: Sequence[Place], seen: dict[str, int], type: str | None) -> list[Said]:
    """Moves `seen` on: by log position, the only order in which nothing comes late."""
    found: list[Said] = []
    for place in places:
        with place.connect() as connection:
            events = looking.sent_after(connection, seen[place.service], WINDOW, type)
        if events:
            seen[place.service] = events[-1].log_position or 0
        found += [(place.service, one) for one in events]
    return found


def _print(said: Iterable[Said], output: str) -> None:
    for service, event in said:
        if output == "json":
            as_json(object_of(service, event))
        else:
            click.echo(line_of(service, event))


def object_of(service: str, event: Recorded) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(event)
    return {"service": service, **found}


def line_of(service: str, event: Recorded) -> str:
    state = good(f"sent {event.log_position}") if event.sent_at else doubtful("not sent")
    name = f"{head(f'{short(event.type):<34}')} {event.subject} #{event.sequence}"
    return f"{dim(clock(event.recorded_at))}  {service:<9} {name}  {state}  {dim(str(event.event_id))}"
