"""How the agency's own software gets its events by webhook: what an official sees when it does not."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for

from gateway.backend import Json, Problem, call
from gateway.pages.desk import office
from gateway.pages.form import Page
from gateway.sessions import signed_in
from gateway.texts import has, t

blueprint = Blueprint("desk_webhook", __name__)
AT_ONCE = 20


@blueprint.get("/can-bo/ket-noi")
@signed_in("official")
def show() -> Page:
    cursor = request.args.get("cursor")
    webhook = found_webhook()
    page = deliveries(cursor) if webhook else {"items": [], "next_cursor": None}
    return render_template(
        "desk/webhook.html",
        office=office(),
        it=webhook,
        host=urlsplit(webhook["url"]).netloc if webhook else "",
        state=state_of(webhook) if webhook else None,
        rows=[(each, told(each)) for each in page["items"]],
        why=reason,
        cursor=cursor,
        onward=page["next_cursor"],
    )


@blueprint.post("/can-bo/ket-noi")
@signed_in("official")
def enable() -> Page:
    """Tried again at once; what comes of it is on the page a little later."""
    call("POST", "/agency/webhook/enablement")
    flash(t("desk.webhook.enabled"))
    return redirect(url_for("desk_webhook.show"), 303)


def found_webhook() -> Json | None:
    """None when the agency has not set one up."""
    try:
        return call("GET", "/agency/webhook").body
    except Problem as refused:
        if refused.status != 404:
            raise
        return None


def deliveries(cursor: str | None) -> Json:
    return call("GET", "/agency/webhook/deliveries", query={"cursor": cursor, "limit": AT_ONCE}).body


def state_of(webhook: Json) -> dict[str, str]:
    """Kind (colour and shape) and word."""
    if webhook["state"] == "disabled":
        return {"kind": "stop", "name": "disabled"}
    if webhook.get("failing_since"):
        return {"kind": "wait", "name": "failing"}
    return {"kind": "ok", "name": "enabled"}


def told(delivery: Json) -> dict[str, Any]:
    """An event's kind in words, and how its delivery went."""
    name = str(delivery["type"]).removeprefix("motcua.").rpartition(".")[0].replace(".", "-")
    key = f"desk.webhook.event.{name}"
    kind = "ok" if delivery["status"] == "delivered" else "wait"
    return {"event": t(key) if has(key) else delivery["type"], "kind": kind}


def reason(error: str) -> str:
    """What went wrong, in words that say whose it is to mend."""
    name, _, status = error.partition("answered-")
    if status:
        return t("desk.webhook.error.answered", status=status)
    key = f"desk.webhook.error.{name}"
    return t(key) if has(key) else error
