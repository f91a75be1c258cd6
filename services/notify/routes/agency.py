"""An agency's log for its back office: read by pulling, asked for again by any door."""

from typing import Any

from chassis import paging
from chassis.auth import allow, principal
from chassis.web import api, unit_of_work
from services.notify import queries
from services.notify.commands import cursors, replays
from services.notify.model.doors import Replay
from services.notify.schemas import EventsPage, EventsQuery, ReplayBody, ReplayShown

blueprint = api("agency")


@blueprint.route("/agency/events", methods=["GET"])
@allow("agency", scope="events")
@blueprint.arguments(EventsQuery, location="query")
@blueprint.response(200, EventsPage)
def list_events(query: dict[str, Any]) -> dict[str, Any]:
    """The agency's events after a cursor, in order, without a gap; from the oldest kept without one.

    409 `cursor-of-another-epoch`: the log was restored, begin again. 410 `cursor-too-old`: pruned.
    """
    _, limit = paging.read()
    with unit_of_work() as uow:
        after = cursors.position_in(uow, query["after"]) if query["after"] else None
        found = queries.log_after(uow, principal().agency, after or 0, limit)
        if after is not None:
            cursors.check_retained(after, found.pruned, found.last)
        reached = found.events[-1]["position"] if found.events else max(after or 0, found.pruned)
        return {"events": found.events, "next": cursors.cursor_at(uow, reached)}


@blueprint.route("/agency/replays", methods=["POST"])
@allow("agency", scope="events")
@blueprint.arguments(ReplayBody)
@blueprint.response(202, ReplayShown)
def replay(body: dict[str, Any]) -> Replay:
    """Everything after the cursor (without one: all that is kept) once more through a door, then live."""
    agency = principal().agency or ""
    with unit_of_work() as uow:
        return replays.replay(uow, agency, body["door"], body["after"])
