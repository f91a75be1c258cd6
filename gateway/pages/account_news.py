"""The person's inbox."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for

from gateway.backend import call
from gateway.pages.form import Page
from gateway.pages.form_drafts import for_applicants

blueprint = Blueprint("account_news", __name__)
AT_ONCE = 10


@blueprint.get("/thong-bao")
@for_applicants
def news() -> Page:
    found = call("GET", "/notifications", query={"cursor": request.args.get("cursor"), "limit": AT_ONCE}).body
    return render_template(
        "account/news.html",
        items=found["items"],
        count=found["unread"],
        onward=found.get("next_cursor"),
        cursor=request.args.get("cursor"),
    )


@blueprint.post("/thong-bao")
@for_applicants
def mark_read() -> Page:
    """One, or all that the page showed; then to the dossier it tells of, when that was asked."""
    for notification in request.form.getlist("id", type=UUID):
        call("POST", f"/notifications/{notification}/read")
    opened = request.form.get("open")
    if opened:
        return redirect(url_for("account.dossier", code=opened), 303)
    return redirect(url_for("account_news.news", cursor=request.args.get("cursor")), 303)
