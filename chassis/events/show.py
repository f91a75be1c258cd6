"""`motcua events show`: where one event is, in every database that can be reached."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import click
import msgspec

from chassis import service as services
from chassis.events import looking
from chassis.events.looking import Heard, Parked, Recorded
from chassis.events.places import Place, reachable
from chassis.events.printing import (
    as_json,
    bad,
    clock,
    dim,
    doubtful,
    good,
    head,
    output_option,
    short,
    table,
)
from chassis.exits import REFUSED, stop

Found = dict[str, Any]


@click.command(short_help="Where one event is.")
@click.argument("event_id", type=click.UUID)
@output_option
def show(event_id: UUID, output: str) -> None:
    """Where an event is: outbox, queues, what each service made of it, parking, agencies' logs.

    Exit code 1 when no database that can be reached knows it.
    """
    with reachable() as places:
        found = {place.service: _look(place, event_id) for place in places}
    known = {service: what for service, what in found.items() if any(what.values())}
    if output == "json":
        as_json({"event_id": str(event_id), "looked_at": sorted(found), "found": known})
    elif known:
        _print(known, sorted(found))
    if not known:
        raise stop(f"None of {', '.join(found)} knows the event {event_id}.", REFUSED)


def _look(place: Place, event_id: UUID) -> Found:
    trace = services.load(place.service).trace_event
    with place.connect() as connection:
        said = looking.find(connection, event_id)
        return {
            "said": said,
            "heard_by": [h for h in looking.heard(connection) if said and h.type == said.type],
            "handled": looking.handled(connection, event_id),
            "parked": looking.parked(connection, limit=100, event_id=event_id),
            "more": trace(connection, event_id) if trace else [],
        }


def _print(known: dict[str, Found], looked_at: Sequence[str]) -> None:
    for service, what in known.items():
        if what["said"]:
            _print_said(service, what["said"], what["heard_by"])
    rows = [row for service, what in known.items() for row in _made_of_it(service, what)]
    if rows:
        table(rows)
    click.echo(dim(f"Looked at: {', '.join(looked_at)}."))
    for what in known.values():
        if what["said"]:
            click.echo(msgspec.json.format(msgspec.json.encode(what["said"].data), indent=2).decode())


def _print_said(service: str, event: Recorded, heard_by: Sequence[Heard]) -> None:
    click.echo(f"{head(short(event.type))}  {event.subject} #{event.sequence}")
    sent = good(f"sent {clock(event.sent_at)}") if event.sent_at else doubtful("not sent yet")
    position = f", position {event.log_position} of its log" if event.log_position else ""
    click.echo(f"recorded by {service} {clock(event.recorded_at)}, {sent}{position}")
    if event.log_position:
        rows = [(h.queue, _reached(h, event.log_position)) for h in heard_by]
        if rows:
            table(rows, indent="  ")


def _reached(heard: Heard, position: int) -> str:
    if heard.handled >= position:
        return good("handled")
    if heard.filled is not None:
        return doubtful(f"being filled again, so far to position {heard.filled}")
    return doubtful(f"has told so far that it handled up to position {heard.handled}")


def _made_of_it(service: str, what: Found) -> list[tuple[str, str, str]]:
    rows = [(service, name, good(f"handled {clock(at)}")) for name, at in what["handled"].items()]
    rows += [(service, each.handler, state_of(each)) for each in what["parked"]]
    return rows + [(service, where, state) for where, state in what["more"]]


def state_of(parked: Parked) -> str:
    if parked.behind:
        return doubtful(f"waits behind {parked.behind}")
    if parked.next_try_at is None:
        return bad(f"given up after {parked.attempts} tries: {parked.error}")
    return doubtful(f"tried {parked.attempts} times, again {clock(parked.next_try_at)}: {parked.error}")
