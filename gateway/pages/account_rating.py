"""Rating how a closed dossier was handled: once, by its owner."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from gateway.backend import Json, Problem, call
from gateway.pages.account import has_rated, own
from gateway.pages.form import Page
from gateway.pages.form_drafts import for_applicants
from gateway.texts import t

blueprint = Blueprint("account_rating", __name__)
FACES = (5, 4, 3, 2, 1)
INDICES = ("total_time", "agency_time", "contacts", "agencies_visited", "attitude")
"""Five of the nine legal indices, each 0 to 2 (TT 01/2018 Đ13: 1, 2, 3, 4, 7)."""
LONGEST_COMMENT = 2000


@blueprint.route("/ho-so/<code>/danh-gia", methods=["GET", "POST"])
@for_applicants
def rate(code: str) -> Page:
    dossier = own(code).body
    if not dossier["closed"]:
        flash(t("account.rating.not_yet"))
        return redirect(url_for("account.dossier", code=code), 303)
    if has_rated(dossier["code"]):
        flash(t("account.rating.already"))
        return redirect(url_for("account.dossier", code=code), 303)
    if request.method == "GET":
        return rating_page(dossier, {})
    errors = wrong()
    if errors:
        return rating_page(dossier, errors), 422
    return sent(dossier)


def wrong() -> dict[str, str]:
    """What is missing or too long, by field."""
    missing = {
        name: t("account.rating.missing_index", label=t(f"account.rating.{name}"))
        for name in INDICES
        if request.form.get(name) not in ("0", "1", "2")
    }
    if request.form.get("satisfaction") not in [str(face) for face in FACES]:
        missing = {"satisfaction": t("account.rating.missing_satisfaction"), **missing}
    if len(request.form.get("comment", "")) > LONGEST_COMMENT:
        missing["comment"] = t("account.rating.too_long", limit=LONGEST_COMMENT)
    return missing


def sent(dossier: Json) -> Page:
    code = dossier["code"]
    try:
        call("POST", "/ratings", rating(code))
    except Problem as refused:
        if refused.status == 422:
            return rating_page(dossier, refused.of()), 422
        if refused.status != 409:
            raise
        flash(refused.detail or t("account.rating.already"))
    else:
        flash(t("account.rating.done"))
    return redirect(url_for("account.dossier", code=code), 303)


def rating(code: str) -> dict[str, Any]:
    comment = request.form.get("comment", "").strip()
    return {
        "dossier": code,
        "scores": {name: int(request.form[name]) for name in INDICES},
        "satisfaction": int(request.form["satisfaction"]),
        **({"comment": comment} if comment else {}),
    }


def rating_page(dossier: Json, errors: dict[str, str]) -> str:
    return render_template(
        "account/rating.html",
        it=dossier,
        errors=errors,
        faces=FACES,
        indices=INDICES,
        typed=request.form,
        longest=LONGEST_COMMENT,
    )
