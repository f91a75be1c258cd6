"""Taking one's data along, closing the account, and stopping what waits by the link in a notice."""

import json

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway.backend import Json, Late, Problem, call
from gateway.forms import typed
from gateway.pages.account_credentials import again, again_missing, beside
from gateway.sessions import signed_in
from gateway.texts import t

blueprint = Blueprint("leaving", __name__)
Page = str | tuple[str, int] | AnyResponse


@blueprint.route("/tai-khoan/bao-mat/du-lieu", methods=["GET", "POST"])
@signed_in()
def data() -> Page:
    if request.method == "GET":
        return render_template("account/data.html", faults={}, general=None)
    if faults := again_missing():
        return render_template("account/data.html", faults=faults, general=None), 422
    try:
        kept = call("POST", "/account/export", again()).body
    except Problem as refused:
        faults, general = beside(refused)
        return render_template("account/data.html", faults=faults, general=general), refused.status
    file = Response(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", mimetype="application/json")
    file.headers["Content-Disposition"] = 'attachment; filename="motcua.json"'
    file.headers["Cache-Control"] = "no-store"
    return file


@blueprint.route("/tai-khoan/bao-mat/dong", methods=["GET", "POST"])
@signed_in("citizen", "business")
def close() -> Page:
    if request.method == "GET":
        return close_page({})
    if faults := again_missing():
        return close_page(faults), 422
    try:
        call("POST", "/account/closing", again())
    except Problem as refused:
        return close_page(*beside(refused)), refused.status
    flash(t("security.close.begun"))
    return redirect(url_for("security.home"), 303)


def close_page(faults: dict[str, str], general: str | None = None) -> str:
    summary = dossiers()
    return render_template("account/close.html", faults=faults, general=general, summary=summary)


def dossiers() -> Json:
    """How many there are; nothing when dossier is away: one may close the account all the same."""
    try:
        return call("GET", "/dossiers/summary").body
    except Late:
        return {}


@blueprint.route("/dung-lai", methods=["GET", "POST"])
def stop() -> Page:
    """The link only asks: what reads mails for their readers must not stop anything by opening it."""
    if request.method == "GET":
        return render_template("login/stop.html", code=request.args.get("ma", ""), done=None, general=None)
    try:
        done = call("POST", "/cooling-offs/stopping", {"code": typed("code")[:100]}, token="").body
    except Problem as refused:
        page = render_template("login/stop.html", code="", done=None, general=refused.detail)
        return page, refused.status
    return render_template("login/stop.html", code="", done=done["purpose"], general=None)
