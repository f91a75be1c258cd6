"""Inviting somebody to the agency's desk, and taking an invitation back."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for

from gateway.backend import Json, Problem, call
from gateway.forms import typed
from gateway.pages.form import Page
from gateway.pages.staff import ROLES
from gateway.sessions import signed_in
from gateway.texts import t

blueprint = Blueprint("staff_inviting", __name__)
FIELDS = ("full_name", "login", "phone", "email", "roles", "send")
WAYS = ("sms", "mail", "link")


@blueprint.get("/can-bo/nhan-su/moi")
@signed_in("official")
def form() -> Page:
    return form_page({"send": "sms"}, {})


@blueprint.post("/can-bo/nhan-su/moi")
@signed_in("official")
def invite() -> Page:
    """With a link to hand over, the next page shows it, this once."""
    body = filled()
    faults = missing(body)
    if faults:
        return form_page(body, faults), 422
    try:
        made = call("POST", "/agency/officials/invitations", body).body
    except Problem as refused:
        if refused.status not in (409, 422, 429):
            raise
        faults = {name: words for name, words in refused.of().items() if name in FIELDS}
        return form_page(body, faults, None if faults else refused.detail), refused.status
    if "link" in made:
        return render_template("staff/link.html", it=made)
    flash(t("staff.invited", name=made["full_name"]))
    return redirect(url_for("staff.listed"), 303)


@blueprint.post("/can-bo/nhan-su/loi-moi/<uuid:id>")
@signed_in("official")
def revoke(id: UUID) -> Page:
    """Gone already is as good."""
    try:
        call("DELETE", f"/agency/officials/invitations/{id}")
    except Problem as refused:
        if refused.status != 404:
            raise
    flash(t("staff.revoked"))
    return redirect(url_for("staff.listed"), 303)


def filled() -> dict[str, Any]:
    texts = {name: typed(name) for name in ("full_name", "login", "phone", "email", "send")}
    return texts | {"roles": request.form.getlist("roles")}


def missing(body: Json) -> dict[str, str]:
    needed = [name for name in FIELDS if name != "email" or body["send"] == "mail"]
    return {name: t(f"staff.missing.{name}") for name in needed if not body[name]}


def form_page(body: Json, faults: dict[str, str], general: str | None = None) -> str:
    ordered = {name: faults[name] for name in FIELDS if name in faults}
    return render_template(
        "staff/invite.html",
        typed=body,
        errors=ordered,
        general=general,
        roles=ROLES,
        ways=[(way, t(f"staff.way.{way}")) for way in WAYS],
    )
