"""Agencies' doors, for operators: how far each is, and the past again."""

from typing import Any

from sqlalchemy import Row

from chassis import paging
from chassis.auth import allow
from chassis.web import api, language, unit_of_work
from services.notify import queries
from services.notify.commands import replays
from services.notify.model.doors import Replay
from services.notify.schemas import AgencyDoorsPage, OperatorsReplayBody, PageQuery, ReplayShown
from vocabulary.codes import parse_agency_code

blueprint = api("agency-operations")


@blueprint.route("/notify-operations/agencies", methods=["GET"])
@allow("operator", "auditor")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, AgencyDoorsPage)
def list_agencies(_: dict[str, Any]) -> dict[str, Any]:
    """Agencies that have a log or a door, by code."""
    cursor, limit = paging.read()
    after = paging.values_of(cursor, 1)[0] if cursor else ""
    with unit_of_work() as uow:
        found = queries.agencies_after(uow, after, limit + 1)
    more = paging.cursor_of(found[limit - 1].code) if len(found) > limit else None
    return {"items": [_shown(row) for row in found[:limit]], "next_cursor": more}


@blueprint.route("/notify-operations/replays", methods=["POST"])
@allow("operator")
@blueprint.arguments(OperatorsReplayBody)
@blueprint.response(202, ReplayShown)
def replay(body: dict[str, Any]) -> Replay:
    """An agency's log once more through a door: history, then live, without a gap."""
    code = parse_agency_code(body["agency"])
    with unit_of_work() as uow:
        return replays.replay_from(uow, code, body["door"], body["after"], body["position"])


def _shown(row: Row[Any]) -> dict[str, Any]:
    doors = []
    if row.connected_at:
        doors.append(_door(row, "amqp", True, row.queue_position, row.queue_error))
    if row.webhook_state:
        enabled = row.webhook_state == "enabled"
        doors.append(_door(row, "webhook", enabled, row.webhook_position, row.webhook_error))
    return {
        "agency": row.code,
        "name": row.name_en if language() == "en" else row.name_vi,
        "last_position": row.last_position,
        "kept_after": row.pruned_position,
        "doors": doors,
    }


def _door(row: Row[Any], door: str, enabled: bool, position: int, error: str | None) -> dict[str, Any]:
    behind = row.last_position - position
    return {"door": door, "enabled": enabled, "position": position, "behind": behind, "last_error": error}
