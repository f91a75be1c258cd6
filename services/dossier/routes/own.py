"""One's own dossiers: lists, one in full, asking for it back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import paging
from chassis.auth import allow
from chassis.idempotency import idempotent
from chassis.web import api, etag, language, unit_of_work
from services.dossier import queries
from services.dossier.commands import decisions
from services.dossier.routes import shown
from services.dossier.routes.whose import whose
from services.dossier.schemas import incoming, outgoing
from vocabulary.refusals import Malformed

blp = api("own dossiers")


@blp.route("/dossiers", methods=["GET"])
@allow("citizen", "business", deeds=("prepare", "follow"))
@blp.arguments(incoming.OwnListQuery, location="query")
@blp.response(200, outgoing.OwnPage)
def list_own(query: dict[str, Any]) -> Any:
    """One's drafts and dossiers, last changed first."""
    cursor, limit = paging.read()
    with unit_of_work() as uow:
        rows = queries.own_list(uow, whose(), query["state"], position(cursor), limit)
    return shown.page(rows, limit, "changed_at", [shown.head(row, language()) for row in rows])


@blp.route("/dossiers/summary", methods=["GET"])
@allow("citizen", "business", deeds=("prepare", "follow"))
@blp.response(200, outgoing.Summary)
def summary() -> dict[str, int]:
    """How many of one's dossiers are in which state."""
    with unit_of_work() as uow:
        return queries.summary(uow, whose())


@blp.route("/dossiers/<key>", methods=["GET"])
@allow("citizen", "business", deeds=("prepare", "follow"))
@blp.response(200, outgoing.OwnDossier)
def read(key: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """A draft by its id, or a dossier by its code, in full."""
    with unit_of_work() as uow:
        found = queries.own(uow, whose(), key)
        return shown.own(uow, found, language()), 200, {"ETag": etag(found.version)}


@blp.route("/dossiers/<key>/withdrawal", methods=["POST"])
@allow("citizen", "business", deeds=("submit",))
@idempotent()
@blp.arguments(incoming.WithdrawalBody)
@blp.response(201, outgoing.OwnDossier)
def withdraw(body: dict[str, Any], key: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Ask for the dossier back; the agency agrees or declines."""
    with unit_of_work() as uow:
        found = decisions.withdraw(uow, whose(), key, body["reason"])
        return shown.own(uow, found, language()), 201, {"ETag": etag(found.version)}


def position(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Where the page before ended. Malformed when it is no cursor of these lists."""
    if cursor is None:
        return None
    moment, id = paging.values_of(cursor, 2)
    try:
        return datetime.fromisoformat(moment), UUID(id)
    except ValueError:
        raise Malformed(
            "bad-cursor", "Trang này không còn. Hãy xem lại từ đầu.", "This page is gone. Start again."
        ) from None
