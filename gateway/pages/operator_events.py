"""Where events are, for an operator: what waits, what was put aside and why, who hears what; another try."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from gateway.backend import Json, Late, Problem, call
from gateway.pages.desk_webhook import reason
from gateway.pages.form import Page
from gateway.sessions import signed_in
from gateway.settings import SERVICES
from gateway.texts import t

blueprint = Blueprint("operator_events", __name__)
LATE_SECONDS = 30
AT_ONCE = 10
LONGEST_NUMBER = 18
REFUSED = "stop"


@dataclass(frozen=True)
class Part:
    """What one service says of its events; `away`: it did not answer."""

    service: str
    away: bool = False
    events: Json = field(default_factory=dict)
    parked: Sequence[Json] = ()
    onward: str | None = None

    @property
    def state(self) -> str:
        """`stop`: somebody must act; `wait`: it will mend itself, or be seen to."""
        if self.away or self.events["given_up"]:
            return "stop"
        late = self.events["oldest_unsent_seconds"] > LATE_SECONDS
        return "wait" if late or self.events["parked"] or self.filling else "ok"

    @property
    def queues(self) -> Mapping[str, Sequence[Json]]:
        """What each queue hears of this service."""
        found: dict[str, list[Json]] = {}
        for one in self.events["subscriptions"]:
            found.setdefault(one["queue"], []).append(one)
        return found

    @property
    def filling(self) -> Sequence[Json]:
        return [one for one in self.events["subscriptions"] if one["state"] == "filling"]


@blueprint.get("/van-hanh/su-kien")
@signed_in("operator", "auditor")
def events() -> Page:
    """An auditor sees the same, without the buttons."""
    parts = [look(name) for name in SERVICES]
    query = {"cursor": request.args.get("agencies"), "limit": AT_ONCE}
    try:
        agencies = call("GET", "/notify-operations/agencies", query=query).body
    except Late:
        agencies = {"items": [], "away": True}
    return render_template(
        "operator/events.html", parts=parts, agencies=agencies, waited=waited, reason=reason
    )


def look(service: str) -> Part:
    query: dict[str, str | int | None] = {"limit": AT_ONCE, "cursor": request.args.get(service)}
    try:
        found = call("GET", f"/{service}-operations/events").body
        parked = call("GET", f"/{service}-operations/parked-events", query=query).body
    except Late:
        return Part(service, away=True)
    return Part(service, False, found, parked["items"], parked["next_cursor"])


@blueprint.post("/van-hanh/su-kien/<service>/thu-lai")
@signed_in("operator")
def retry(service: str) -> Page:
    """One event, or all that the service has put aside."""
    if service not in SERVICES:
        abort(404)
    named = ("event_id", "handler")
    body: dict[str, Any] = {name: value for name in named if (value := request.form.get(name))}
    try:
        due = call("POST", f"/{service}-operations/retries", body).body["due"]
        flash(t("operator.events.retried", count=due))
    except Problem as refused:
        flash(refused.detail, REFUSED)
    return redirect(url_for("operator_events.events", _anchor=service), 303)


@blueprint.post("/van-hanh/su-kien/gui-lai")
@signed_in("operator")
def replay() -> Page:
    """An agency's log again, from after the position that was typed; all that is kept when none was."""
    typed = request.form.get("position", "").strip()
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) <= LONGEST_NUMBER):
        flash(t("operator.events.bad_position"), REFUSED)
        return redirect(url_for("operator_events.events", _anchor="agencies"), 303)
    body = {
        "agency": request.form.get("agency", ""),
        "door": request.form.get("door", ""),
        "position": max(int(typed) - 1, 0) if typed else None,
    }
    try:
        made = call("POST", "/notify-operations/replays", body).body
        flash(t("operator.events.replayed", agency=body["agency"], first=made["from_position"]))
    except Problem as refused:
        flash(refused.detail, REFUSED)
    return redirect(url_for("operator_events.events", _anchor="agencies"), 303)


def waited(seconds: float) -> str:
    """`41 giây`, `5 phút`, `3 giờ`, `2 ngày`."""
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return t(f"operator.events.{unit}", count=round(seconds / size))
    return t("operator.events.seconds", count=round(seconds))
