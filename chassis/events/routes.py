"""What operators see of each service's events, and do about them: the same for every service."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from chassis import paging
from chassis.auth import allow
from chassis.events import looking, retrying
from chassis.events.schemas import EventsShown, PageQuery, ParkedPage, Retried, RetryBody
from chassis.web import api, unit_of_work
from vocabulary.refusals import Malformed, NotFound


def blueprint(service: str) -> Blueprint:
    """At `/<service>-operations`, so that the gateway can tell the services apart."""
    operations = api(f"{service}-operations")
    at = f"/{service}-operations"

    @operations.route(f"{at}/events", methods=["GET"])
    @allow("operator", "auditor")
    @operations.response(200, EventsShown)
    def events() -> dict[str, Any]:
        return {"service": service, **_events()}

    @operations.route(f"{at}/parked-events", methods=["GET"])
    @allow("operator", "auditor")
    @operations.arguments(PageQuery, location="query")
    @operations.response(200, ParkedPage)
    def parked(_: dict[str, Any]) -> dict[str, Any]:
        return _parked()

    @operations.route(f"{at}/retries", methods=["POST"])
    @allow("operator")
    @operations.arguments(RetryBody)
    @operations.response(202, Retried)
    def retry(body: dict[str, Any]) -> dict[str, Any]:
        return {"due": _retry(body.get("event_id"), body.get("handler"))}

    return operations


def _events() -> dict[str, Any]:
    with unit_of_work() as uow:
        connection = uow.session.connection()
        heard = looking.heard(connection)
        summary = looking.summary(connection)
    subscriptions = [{"state": "live" if one.filled is None else "filling", **asdict(one)} for one in heard]
    return {**asdict(summary), "subscriptions": subscriptions}


def _parked() -> dict[str, Any]:
    cursor, limit = paging.read()
    after = _place(cursor) if cursor else None
    with unit_of_work() as uow:
        found = looking.parked(uow.session.connection(), limit + 1, after)
    page = found[:limit]
    more = paging.cursor_of(str(page[-1].event_id), page[-1].handler) if len(found) > limit else None
    return {"items": page, "next_cursor": more}


def _place(cursor: str) -> tuple[UUID, str]:
    event_id, handler = paging.values_of(cursor, 2)
    try:
        return UUID(event_id), handler
    except ValueError as error:
        raise Malformed(
            "bad-cursor", "Trang này không còn. Hãy xem lại từ đầu.", "This page is gone. Start again."
        ) from error


def _retry(event_id: UUID | None, handler: str | None) -> int:
    with unit_of_work() as uow:
        due = retrying.make_due(uow.session.connection(), uow.now(), event_id, handler)
    if not due and event_id:
        raise NotFound(
            "not-parked",
            "Sự kiện này không còn bị giữ lại.",
            "This event is not put aside any more.",
        )
    return len(due)
