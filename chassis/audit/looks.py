"""What a person is told of the audit log: who else looked at their data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import Schema, fields
from sqlalchemy import Row, select, tuple_

from chassis import paging
from chassis.audit import LOOK
from chassis.auth import allow, principal
from chassis.events.schemas import PageQuery
from chassis.tables import audit
from chassis.unit_of_work import UnitOfWork
from chassis.web import api, unit_of_work
from vocabulary.refusals import Malformed

Place = tuple[datetime, int, int]


class LookAnswer(Schema):
    """`what` was looked at, `about` which one. Which official it was is the agency's to say, not ours."""

    at = fields.AwareDateTime(required=True)
    what = fields.String(required=True)
    about = fields.String(required=True)
    kind = fields.String(required=True)
    agency = fields.String(required=True, allow_none=True)


class LooksPage(Schema):
    items = fields.List(fields.Nested(LookAnswer), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


def blueprint(path: str) -> Blueprint:
    """Each service that shows anybody's data to others tells its own part, at that path."""
    looks = api(f"looks at {path}")

    @looks.route(path, methods=["GET"])
    @allow("citizen", "business", "official", "operator")
    @looks.arguments(PageQuery, location="query")
    @looks.response(200, LooksPage)
    def show_looks(_: dict[str, Any]) -> dict[str, Any]:
        """Who looked at one's own data here, the last first."""
        cursor, limit = paging.read()
        with unit_of_work() as uow:
            found = _looks(uow, principal().account, _place(cursor), limit + 1)
        page = found[:limit]
        more = _cursor(page[-1]) if len(found) > limit else None
        return {"items": [_shown(row) for row in page], "next_cursor": more}

    return looks


def _looks(uow: UnitOfWork, whose: UUID, after: Place | None, limit: int) -> Sequence[Row[Any]]:
    own = select(audit).where(audit.c.whose == whose, audit.c.deed.startswith(LOOK))
    others = own.where(audit.c.actor.is_distinct_from(whose))
    order = (audit.c.at, audit.c.chain, audit.c.position)
    if after:
        others = others.where(tuple_(*order) < tuple_(*after))
    return uow.session.execute(others.order_by(*(each.desc() for each in order)).limit(limit)).all()


def _shown(row: Row[Any]) -> dict[str, Any]:
    what = row.deed.removeprefix(LOOK)
    return {"at": row.at, "what": what, "about": row.about, "kind": row.kind, "agency": row.agency}


def _cursor(row: Row[Any]) -> str:
    return paging.cursor_of(row.at.isoformat(), str(row.chain), str(row.position))


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    at, chain, position = paging.values_of(cursor, 3)
    try:
        return datetime.fromisoformat(at), int(chain[:5]), int(position[:18])
    except ValueError:
        raise Malformed(
            "bad-cursor", "Trang này không còn. Hãy xem lại từ đầu.", "This page is gone. Start again."
        ) from None
