"""Deciding at the desk: nothing is undone, so each decision has a second step."""

from uuid import uuid4

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from gateway.backend import Json, Problem, call
from gateway.pages.desk import dossier_page
from gateway.pages.form import Page
from gateway.pages.form_drafts import checked
from gateway.sessions import signed_in
from gateway.texts import load, t

blueprint = Blueprint("desk_decisions", __name__)
ACTIONS = ("accept", "forward", "refuse", "finish", "hand-over", "close-withdrawal", "decline-withdrawal")
REASONED = ("refuse", "decline-withdrawal")
OTHER = "other"
LONGEST_REASON = 2000


@blueprint.get("/can-bo/ho-so/<code>/<action>")
@signed_in("official")
def confirm(code: str, action: str) -> Page:
    """The second step, of the version that the official read."""
    if action not in ACTIONS:
        abort(404)
    answer = call("GET", f"/desk/dossiers/{checked(code)}")
    if request.args.get("version", answer.etag) != answer.etag:
        return dossier_page(code, t("desk.dossier.stale")), 412
    if action not in answer.body["actions"]:
        return redirect(url_for("desk.dossier", code=code), 303)
    return confirm_page(answer.body, action, answer.etag or "", {})


@blueprint.post("/can-bo/ho-so/<code>/<action>")
@signed_in("official")
def decide(code: str, action: str) -> Page:
    """Record the decision on the version the official saw."""
    if action not in ACTIONS:
        abort(404)
    version = request.form.get("version", "")
    errors = wrong() if action in REASONED else {}
    if errors:
        return again(code, action, version, errors), 422
    try:
        record(checked(code), action, version)
    except Problem as refused:
        return refused_page(code, action, version, refused)
    flash(t("desk.dossier.done", action=t(f"desk.action.{action}")))
    return redirect(url_for("desk.dossier", code=code), 303)


def record(code: str, action: str, version: str) -> None:
    headers = {"If-Match": version, "Idempotency-Key": request.form.get("key", "") or str(uuid4())}
    body = {"action": action, "reason": reason(action)}
    call("POST", f"/desk/dossiers/{code}/decisions", body, headers=headers)


def refused_page(code: str, action: str, version: str, refused: Problem) -> Page:
    """What went wrong, where the official looks: beside the reason, or on top of the decision box."""
    if refused.status == 422 and action in REASONED:
        return again(code, action, version, refused.of("reason") or {"reason": refused.detail}), 422
    if refused.status not in (409, 412, 422):
        raise refused
    alert = t("desk.dossier.stale") if refused.status == 412 else refused.detail
    return dossier_page(code, alert), refused.status


def wrong() -> dict[str, str]:
    """What is wrong with the reason given, by field."""
    picked, more = request.form.get("reason"), request.form.get("more", "").strip()
    if not picked and not more:
        return {"reason": t("desk.confirm.reason_missing")}
    if picked == OTHER and not more:
        return {"more": t("desk.confirm.more_missing")}
    if len(more) > LONGEST_REASON // 2:
        return {"more": t("desk.confirm.too_long", limit=LONGEST_REASON // 2)}
    return {}


def reason(action: str) -> str | None:
    """The reason picked, in Vietnamese as it goes to the applicant, and what was added to it."""
    texts, picked = load("vi"), request.form.get("reason", "")
    words = [texts.get(f"desk.reason.{action}.{picked}", ""), request.form.get("more", "").strip()]
    return " ".join(part for part in words if part) or None


def again(code: str, action: str, version: str, errors: dict[str, str]) -> str:
    found = call("GET", f"/desk/dossiers/{checked(code)}").body
    return confirm_page(found, action, version, errors)


def confirm_page(dossier: Json, action: str, version: str, errors: dict[str, str]) -> str:
    prefix = f"desk.reason.{action}."
    reasons = [(key.removeprefix(prefix), t(key)) for key in load("vi") if key.startswith(prefix)]
    return render_template(
        "desk/confirm.html",
        it=dossier,
        action=action,
        version=version,
        errors=errors,
        reasons=[*reasons, (OTHER, t("desk.confirm.other"))] if reasons else [],
        typed=request.form,
        longest=LONGEST_REASON // 2,
        key=request.form.get("key") or uuid4(),
    )
