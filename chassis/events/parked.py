"""`motcua events parked` and `retry`: events whose reaction failed, and another try for them."""

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import click
import msgspec

from chassis.events import looking, retrying
from chassis.events.places import Place, reachable
from chassis.events.printing import (
    SERVICE,
    as_json,
    bad,
    clock,
    dim,
    doubtful,
    good,
    head,
    output_option,
    progress,
    short,
)
from chassis.events.retrying import Key, Outcome
from chassis.events.show import state_of
from chassis.exits import REFUSED, stop
from chassis.unit_of_work import utc_now

MOST = 1000
LOOK_EVERY_SECONDS = 0.3
WAIT_SECONDS = 60


@click.command("parked", short_help="Events whose reaction failed, and why.")
@click.argument("service", type=SERVICE, required=False)
@output_option
def list_parked(service: str | None, output: str) -> None:
    """Events whose reaction failed, with the reason and the time of the next try.

    Exit code 1 when some were given up: they wait for `motcua events retry`.
    """
    with reachable(service) as places:
        found = [(place.service, one) for place in places for one in _parked(place)]
    if output == "json":
        as_json({"parked": [{"service": name, **msgspec.to_builtins(one)} for name, one in found]})
    else:
        for name, one in found:
            where = f"{name} {one.handler}"
            click.echo(
                f"{head(short(one.type))}  {one.subject} #{one.sequence}  {where}  {dim(str(one.event_id))}"
            )
            click.echo(f"    parked {clock(one.parked_at)}, {state_of(one)}")
        click.echo(f"{len(found)} parked." if found else "Nothing is parked.")
    if any(one.next_try_at is None and not one.behind for _, one in found):
        raise SystemExit(REFUSED)


def _parked(place: Place) -> Sequence[looking.Parked]:
    with place.connect() as connection:
        return looking.parked(connection, MOST)


@click.command(short_help="Have parked events tried again now.")
@click.argument("event_id", type=click.UUID, required=False)
@click.option("--all", "every", is_flag=True, help="All that are parked.")
@click.option("--service", type=SERVICE, help="Only in this service.")
@click.option("--handler", help="Only this reaction, as tell_applicant.")
@click.option("--wait", is_flag=True, help=f"Wait up to {WAIT_SECONDS} s and tell what became of them.")
@output_option
def retry(
    event_id: UUID | None, every: bool, service: str | None, handler: str | None, wait: bool, output: str
) -> None:
    """Make parked events due at once: EVENT_ID, or --all, or all of one --handler.

    The service's worker tries them; what waits behind another comes after it. Exit code 1 when there is no
    such event, or, with --wait, when one failed again or was not tried.
    """
    if not (event_id or every or handler):
        raise click.UsageError("Name an event, or give --all or --handler.")
    if event_id and every:
        raise click.UsageError("Name an event or give --all, not both.")
    with reachable(service) as places:
        due = {place.service: _make_due(place, event_id, handler) for place in places}
        if not any(due.values()):
            raise stop("Nothing like that is parked.", REFUSED)
        outcomes = _awaited(places, due) if wait else _outcomes(places, due)
    _tell(outcomes, wait, output)
    if wait and {outcome for _, outcome in outcomes} != {"handled"}:
        raise SystemExit(REFUSED)


def _make_due(place: Place, event_id: UUID | None, handler: str | None) -> dict[Key, int]:
    with place.connect() as connection:
        return retrying.make_due(connection, utc_now(), event_id, handler)


def _outcomes(places: Sequence[Place], due: dict[str, dict[Key, int]]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for place in places:
        with place.connect() as connection:
            states = retrying.outcomes(connection, due[place.service])
        found += [(f"{place.service} {handler} {id}", state) for (id, handler), state in states.items()]
    return found


def _awaited(places: Sequence[Place], due: dict[str, dict[Key, int]]) -> list[tuple[str, Outcome]]:
    until = time.monotonic() + WAIT_SECONDS
    with progress("retrying", sum(map(len, due.values()))) as bar:
        while True:
            outcomes = _outcomes(places, due)
            settled = sum(state != "waiting" for _, state in outcomes)
            bar.update(settled - bar.pos)
            if settled == len(outcomes) or time.monotonic() > until:
                return outcomes
            time.sleep(LOOK_EVERY_SECONDS)


def _tell(outcomes: Sequence[tuple[str, Outcome]], wait: bool, output: str) -> None:
    if output == "json":
        as_json({"retried": [{"what": what, "outcome": outcome} for what, outcome in outcomes]})
        return
    words = {
        "handled": good("handled"),
        "failed": bad("failed again: see `motcua events parked`"),
        "waiting": doubtful("not tried to its end yet: is the worker running? does this end it?")
        if wait
        else doubtful("due now"),
        "gone": bad("not parked any more, and not handled: somebody took it out"),
    }
    for what, outcome in outcomes:
        click.echo(f"{what}: {words[outcome]}")
