"""Following a dossier without logging in: by its code, and more with the receipt's key."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway.backend import Json, Problem, call
from vocabulary.codes import parse_dossier_code
from vocabulary.refusals import Refusal

blueprint = Blueprint("tracking", __name__)
KINDS = {3: "stop", 5: "wait", 6: "wait", 7: "wait", 8: "stop", 9: "ok", 10: "ok"}


@blueprint.get("/tra-cuu")
def search() -> str | AnyResponse:
    typed = request.args.get("code", "").strip().upper().replace(" ", "")
    if not typed:
        return page("")
    if not well_formed(typed):
        return page(typed, fault="malformed")
    return redirect(url_for("tracking.dossier", code=typed))


@blueprint.get("/tra-cuu/<code>")
def dossier(code: str) -> str | tuple[str, int]:
    if not well_formed(code):
        return page(code, fault="unknown"), 404
    try:
        found = call("GET", f"/tracking/{code}", query={"key": request.args.get("key")}, token="").body
    except Problem as refused:
        if refused.status not in (400, 404, 422):
            raise
        return page(code, fault="unknown"), 404
    return render_template("tracking/dossier.html", it=found, rows=rows(found), kind=kind(found))


@blueprint.get("/tracking/<code>")
def from_receipt(code: str) -> AnyResponse:
    """The address receipts carry, the same in both languages."""
    return redirect(url_for("tracking.dossier", code=code, key=request.args.get("key")))


def page(code: str, fault: str | None = None) -> str:
    return render_template("tracking/search.html", code=code, fault=fault)


def well_formed(code: str) -> bool:
    try:
        parse_dossier_code(code)
    except Refusal:
        return False
    return True


def kind(found: Json) -> str:
    """Colour and shape: ok, wait, info or stop."""
    closed = (found.get("closed") or {}).get("outcome")
    if closed in ("refused", "withdrawn", "stopped"):
        return "stop"
    return KINDS.get(int(found["status"]), "info")


def rows(found: Json) -> list[Json]:
    """The history for `ui.timeline`, newest first; empty without the receipt's key."""
    return [
        {
            "kind": KINDS.get(int(step["status"]), "info"),
            "title": step["status_name"],
            "at": step["at"],
            "who": step.get("by_agency_name"),
            "why": step.get("reason"),
        }
        for step in reversed(found.get("history") or [])
    ]
