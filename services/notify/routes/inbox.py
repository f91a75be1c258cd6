from typing import Any
from uuid import UUID

from chassis import paging
from chassis.auth import allow, principal
from chassis.web import api, language, unit_of_work
from services.notify import queries
from services.notify.commands import inbox
from services.notify.schemas import InboxPage, PageQuery
from vocabulary.refusals import Malformed

blueprint = api("notifications")


@blueprint.route("/notifications", methods=["GET"])
@allow("citizen", "business")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, InboxPage)
def list_notifications(_: dict[str, Any]) -> dict[str, Any]:
    cursor, limit = paging.read()
    before = _id_in(cursor) if cursor else None
    person = principal().account
    with unit_of_work() as uow:
        found = queries.inbox(uow, person, language(), limit + 1, before)
        unread = queries.unread(uow, person)
    more = paging.cursor_of(str(found[limit - 1].id)) if len(found) > limit else None
    return {"items": found[:limit], "unread": unread, "next_cursor": more}


@blueprint.route("/notifications/<uuid:id>/read", methods=["POST"])
@allow("citizen", "business")
@blueprint.response(204)
def read_notification(id: UUID) -> None:
    with unit_of_work() as uow:
        inbox.mark_read(uow, principal().account, id)


def _id_in(cursor: str) -> UUID:
    try:
        return UUID(paging.values_of(cursor, 1)[0])
    except ValueError as error:
        raise Malformed(
            "bad-cursor", "Trang này không còn. Hãy xem lại từ đầu.", "This page is gone. Start again."
        ) from error
