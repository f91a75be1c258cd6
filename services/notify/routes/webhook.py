"""An agency's webhook: its back office sets it, its officials see how it does and enable it again."""

from typing import Any

from sqlalchemy import Row

from chassis import paging
from chassis.auth import allow, principal
from chassis.unit_of_work import UnitOfWork
from chassis.web import api, language, ports, unit_of_work
from services.notify import queries
from services.notify.adapters import Ports
from services.notify.commands import webhooks
from services.notify.schemas import DeliveriesPage, PageQuery, WebhookBody, WebhookSet, WebhookShown
from vocabulary.refusals import Malformed
from vocabulary.text import Text

blueprint = api("webhook")
DISABLED = Text(
    "Địa chỉ nhận đã bị tắt vì không nhận được trong nhiều ngày. Sự kiện vẫn được giữ. Hãy sửa rồi bật lại.",
    "The webhook was disabled: it took no events for days. They are kept. Mend it, then enable it again.",
)
SOMETIMES = ("last_error", "failing_since", "disabled_at")


@blueprint.route("/agency/webhook", methods=["PUT"])
@allow("agency", scope="events")
@blueprint.arguments(WebhookBody)
@blueprint.response(200, WebhookSet)
def put(body: dict[str, str]) -> dict[str, str]:
    """Set the address that events are posted to. Again: a new address, a new secret, enabled."""
    allowed = ports(Ports).webhooks.private_allowed
    with unit_of_work() as uow:
        secret = webhooks.put(uow, principal().agency or "", body["url"], allowed)
    return {"url": body["url"], "state": "enabled", "secret": secret}


@blueprint.route("/agency/webhook", methods=["GET"])
@allow("agency", "official", scope="events")
@blueprint.response(200, WebhookShown)
def show() -> dict[str, Any]:
    """The address, how far it has the log, and what is wrong with it."""
    with unit_of_work() as uow:
        return _shown(uow)


@blueprint.route("/agency/webhook/enablement", methods=["POST"])
@allow("agency", "official", scope="events")
@blueprint.response(200, WebhookShown)
def enable() -> dict[str, Any]:
    """Try again at once, from where it was. One that is enabled is tried at once, too."""
    with unit_of_work() as uow:
        webhooks.enable(uow, principal().agency or "")
        return _shown(uow)


@blueprint.route("/agency/webhook", methods=["DELETE"])
@allow("agency", scope="events")
@blueprint.response(204)
def remove() -> None:
    """No more posts; its deliveries are forgotten. The other doors stay."""
    with unit_of_work() as uow:
        webhooks.remove(uow, principal().agency or "")


@blueprint.route("/agency/webhook/deliveries", methods=["GET"])
@allow("agency", "official", scope="events")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, DeliveriesPage)
def list_deliveries(_: dict[str, Any]) -> dict[str, Any]:
    """The newest positions first, each with its newest attempt."""
    cursor, limit = paging.read()
    before = _position_in(cursor) if cursor else None
    with unit_of_work() as uow:
        found = queries.deliveries_before(uow, principal().agency, before, limit + 1)
    more = paging.cursor_of(str(found[limit - 1].position)) if len(found) > limit else None
    return {"items": [_delivery(row) for row in found[:limit]], "next_cursor": more}


def _shown(uow: UnitOfWork) -> dict[str, Any]:
    row = queries.webhook_of(uow, principal().agency)
    if row is None:
        raise webhooks.no_webhook()
    shown = {name: getattr(row, name) for name in ("url", "state", "position", "waiting")}
    shown |= {name: value for name in SOMETIMES if (value := getattr(row, name)) is not None}
    if row.state == "disabled":
        shown["notice"] = DISABLED[language()]
    elif row.failing_since is not None and row.next_try_at is not None:
        shown["next_try_at"] = row.next_try_at
    return shown


def _delivery(row: Row[Any]) -> dict[str, Any]:
    names = ("position", "event_id", "type", "subject", "at", "status", "attempts")
    shown = {name: getattr(row, name) for name in names}
    return shown | ({"error": row.error} if row.error else {})


def _position_in(cursor: str) -> int:
    (position,) = paging.values_of(cursor, 1)
    if not (position.isascii() and position.isdigit() and len(position) < 19):
        raise Malformed(
            "bad-cursor", "Trang này không còn. Hãy xem lại từ đầu.", "This page is gone. Start again."
        )
    return int(position)
