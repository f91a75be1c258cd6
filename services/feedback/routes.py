import re
from collections.abc import Callable
from typing import Any, TypeVar

from chassis import paging
from chassis.auth import allow, principal
from chassis.idempotency import idempotent
from chassis.unit_of_work import UnitOfWork
from chassis.web import api, unit_of_work
from services.feedback import commands, queries
from services.feedback.model import INDICES, Opinion, Rating
from services.feedback.queries import AgencyFigures
from services.feedback.schemas import AgenciesPage, AgencyShown, PageQuery, RatingBody, RatingShown
from vocabulary.codes import parse_agency_code, parse_dossier_code
from vocabulary.refusals import Invalid, Malformed, NotFound

blueprint = api("feedback")
T = TypeVar("T")


@blueprint.route("/ratings", methods=["POST"])
@allow("citizen", "business")
@idempotent()
@blueprint.arguments(RatingBody)
@blueprint.response(201, RatingShown)
def rate(body: dict[str, Any]) -> dict[str, Any]:
    opinion: Opinion = body["opinion"]
    with unit_of_work() as uow:
        return _shown(uow, commands.rate(uow, principal().account, body["dossier"], opinion))


@blueprint.route("/ratings/<code>", methods=["GET"])
@allow("citizen", "business")
@blueprint.response(200, RatingShown)
def own_rating(code: str) -> dict[str, Any]:
    with unit_of_work() as uow:
        tidy = _tidy(parse_dossier_code, code)
        rating = tidy and queries.own_rating(uow, principal().account, str(tidy))
        if not rating:
            raise NotFound("not-rated", "Bạn chưa đánh giá hồ sơ này.", "You have not rated this dossier.")
        return _shown(uow, rating)


@blueprint.route("/statistics/agencies", methods=["GET"])
@allow("anyone")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, AgenciesPage)
def all_statistics(_: dict[str, Any]) -> dict[str, Any]:
    cursor, limit = paging.read()
    with unit_of_work() as uow:
        found = queries.all_figures(uow, limit + 1, _place(cursor) if cursor else None)
    page = found[:limit]
    more = paging.cursor_of(str(page[-1].count), page[-1].code) if len(found) > limit else None
    return {"items": [_published(figures) for figures in page], "next_cursor": more}


@blueprint.route("/statistics/agencies/<code>", methods=["GET"])
@allow("anyone")
@blueprint.response(200, AgencyShown)
def statistics(code: str) -> dict[str, Any]:
    tidy = _tidy(parse_agency_code, code)
    with unit_of_work() as uow:
        figures = queries.figures(uow, tidy) if tidy else None
    if figures is None:
        raise NotFound("no-such-agency", "Không có cơ quan này.", "There is no such agency.")
    return _published(figures)


def _tidy(parse: Callable[[str], T], code: str) -> T | None:
    """What is no code at all is the code of nothing."""
    try:
        return parse(code)
    except Invalid:
        return None


def _shown(uow: UnitOfWork, rating: Rating) -> dict[str, Any]:
    """For its author only."""
    return {
        "dossier": rating.dossier,
        "scores": {index: getattr(rating, index) for index in INDICES},
        "satisfaction": rating.satisfaction,
        "comment": rating.comment and uow.reveal(principal().account, rating.comment),
        "at": rating.at,
    }


def _published(figures: AgencyFigures) -> dict[str, Any]:
    """An agency rated before it was heard of is called by its code."""
    return {
        "code": figures.code,
        "name": figures.name or figures.code,
        "name_en": figures.name_en or figures.code,
        "ratings": {"count": figures.count, "averages": figures.averages},
    }


def _place(cursor: str) -> tuple[int, str]:
    count, agency = paging.values_of(cursor, 2)
    code = _tidy(parse_agency_code, agency)
    if code is None or not re.fullmatch(r"[0-9]{1,18}", count):
        raise Malformed(
            "bad-cursor", "Trang này không còn. Hãy xem lại từ đầu.", "This page is gone. Start again."
        )
    return int(count), code
