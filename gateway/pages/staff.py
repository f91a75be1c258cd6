"""An agency's officials, for its administrators: who they are, in which roles, and sending somebody away."""

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from gateway.backend import Json, Problem, call
from gateway.pages.desk import office
from gateway.pages.form import Page
from gateway.sessions import signed_in
from gateway.texts import t

blueprint = Blueprint("staff", __name__)
ROLES = ("receiver", "handler", "approver", "administrator")
DEEDS = {"tam-khoa": ("POST", "suspend"), "mo-khoa": ("DELETE", "resume"), "go": ("DELETE", "remove")}


@blueprint.get("/can-bo/nhan-su")
@signed_in("official")
def listed() -> Page:
    cursor = request.args.get("cursor")
    found = call("GET", "/agency/officials", query={"cursor": cursor}).body
    return render_template(
        "staff/list.html",
        office=office(),
        officials=found["items"],
        onward=found["next_cursor"],
        cursor=cursor,
        invitations=[] if cursor else call("GET", "/agency/officials/invitations").body["items"],
    )


@blueprint.get("/can-bo/nhan-su/<uuid:id>")
@signed_in("official")
def one(id: UUID) -> Page:
    found = official(id)
    return one_page(found, found["roles"])


@blueprint.post("/can-bo/nhan-su/<uuid:id>")
@signed_in("official")
def change_roles(id: UUID) -> Page:
    chosen = request.form.getlist("roles")
    try:
        changed = call("PUT", f"/agency/officials/{id}/roles", {"roles": chosen}).body
    except Problem as refused:
        if refused.status not in (409, 422):
            raise
        wrong = t("staff.roles_missing") if refused.status == 422 else refused.detail
        return one_page(official(id), chosen, {"roles": wrong}), refused.status
    flash(t("staff.roles_changed", name=changed["full_name"]))
    return redirect(url_for("staff.listed"), 303)


@blueprint.get("/can-bo/nhan-su/<uuid:id>/<deed>")
@signed_in("official")
def confirm(id: UUID, deed: str) -> Page:
    """The second step of what shuts somebody out, or lets them in again."""
    if deed not in DEEDS:
        abort(404)
    return confirm_page(id, deed)


@blueprint.post("/can-bo/nhan-su/<uuid:id>/<deed>")
@signed_in("official")
def do(id: UUID, deed: str) -> Page:
    if deed not in DEEDS:
        abort(404)
    method, name = DEEDS[deed]
    path = f"/agency/officials/{id}" + ("" if name == "remove" else "/suspension")
    who = official(id)["full_name"]
    try:
        call(method, path)
    except Problem as refused:
        if refused.status != 409:
            raise
        return confirm_page(id, deed, refused.detail), 409
    flash(t(f"staff.done.{name}", name=who))
    return redirect(url_for("staff.listed"), 303)


def official(id: UUID) -> Json:
    return call("GET", f"/agency/officials/{id}").body


def one_page(found: Json, chosen: list[str], errors: dict[str, str] | None = None) -> str:
    return render_template("staff/one.html", it=found, roles=ROLES, chosen=chosen, errors=errors or {})


def confirm_page(id: UUID, deed: str, alert: str = "") -> str:
    return render_template("staff/confirm.html", it=official(id), deed=deed, name=DEEDS[deed][1], alert=alert)
