"""Signing in elsewhere through this portal: another site sends the person here, and gets them back."""

import json
from contextlib import suppress
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway import sessions
from gateway.backend import Json, Late, Problem, call
from gateway.texts import t

blueprint = Blueprint("sign_on", __name__)
Page = str | AnyResponse
APPLICANTS = ("citizen", "business")
LONGEST_QUERY = 4000
DECISIONS = ("allow", "deny")
TEMPLATES = {
    "login": "sign_on/again.html",
    "step-up": "sign_on/higher.html",
    "consent": "sign_on/consent.html",
}


@blueprint.get("/.well-known/openid-configuration")
def configuration() -> Response:
    found = call("GET", "/oauth2/configuration", token="")
    answer = Response(json.dumps(found.body), mimetype="application/json")
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


@blueprint.route("/oauth2/authorize", methods=["GET", "POST"])
def authorize() -> Page:
    """Back at once when nothing is to be asked; else to the page that asks, without the request's address."""
    who = sessions.viewer()
    asked = {"query": given(), "signed_in": who is not None}
    step = call("POST", "/oauth2/requests", asked, token="").body
    if step["step"] == "redirect":
        return redirect(step["location"])
    id = step["id"]
    if who and who.kind in APPLICANTS:
        step = go_on(id)
    return redirect(step["location"] if step["step"] == "redirect" else url_for("sign_on.ask", id=id))


def given() -> str:
    """The request as it was sent, whichever way (OpenID Connect Core §3.1.2.1). Problem 400 when too long."""
    raw = request.query_string if request.method == "GET" else request.stream.read(LONGEST_QUERY + 1)
    if len(raw) > LONGEST_QUERY:
        raise Problem(400, "sign-on-refused", t("sign_on.too_long"))
    return raw.decode("latin-1")


@blueprint.get("/dang-nhap-noi-khac/<uuid:id>")
@sessions.signed_in(*APPLICANTS)
def ask(id: UUID) -> Page:
    return shown(id, go_on(id))


@blueprint.post("/dang-nhap-noi-khac/<uuid:id>")
def decide(id: UUID) -> Page:
    decision = request.form.get("decision")
    if decision not in DECISIONS or sessions.viewer() is None:
        return redirect(url_for("sign_on.ask", id=id), 303)
    try:
        return shown(id, go_on(id, decision))
    except Problem as refused:
        if refused.status != 401:
            raise
    sessions.forget()
    return redirect(url_for("login.form", next=url_for("sign_on.ask", id=id), ended=1), 303)


@blueprint.post("/dang-nhap-noi-khac/<uuid:id>/lai")
def log_in_again(id: UUID) -> AnyResponse:
    """As somebody else, or as oneself once more."""
    log_out()
    return redirect(url_for("login.form", next=url_for("sign_on.ask", id=id)), 303)


def go_on(id: UUID | str, decision: str | None = None) -> Json:
    return call("POST", f"/oauth2/requests/{id}/steps", {"decision": decision}).body


def shown(id: UUID, step: Json) -> Page:
    """A page leads on to the other site by a link that follows itself: a form of ours may lead to none
    but us (form-action), and a redirect after it would count as the form's."""
    if step["step"] == "redirect":
        return away(step["location"], step.get("relying_party"))
    return render_template(TEMPLATES[step["step"]], id=id, party=step["relying_party"], scopes=step["scopes"])


def away(location: str, party: str | None) -> str:
    return render_template("sign_on/away.html", location=location, party=party)


@blueprint.get("/tai-khoan/dang-nhap-noi-khac")
@sessions.signed_in(*APPLICANTS)
def consents() -> str:
    return render_template("sign_on/consents.html", items=call("GET", "/account/consents").body["items"])


@blueprint.post("/tai-khoan/dang-nhap-noi-khac/<uuid:party>")
@sessions.signed_in(*APPLICANTS)
def take_back(party: UUID) -> AnyResponse:
    call("DELETE", f"/account/consents/{party}")
    return redirect(url_for("sign_on.consents"), 303)


@blueprint.get("/oauth2/logout")
def leave() -> Page:
    """Asked first: a link on any page could end the session otherwise (RP-Initiated Logout 1.0 §6)."""
    query = request.query_string.decode("latin-1")
    to = where_to(query)
    if sessions.viewer() is None:
        return redirect(to["location"] or url_for("login.out"))
    return render_template("sign_on/leave.html", query=query, **to)


@blueprint.post("/oauth2/logout")
def left() -> Page:
    to = where_to(request.form.get("query", ""))
    log_out()
    if to["location"]:
        return away(to["location"], to["relying_party"])
    return redirect(url_for("login.out"), 303)


def where_to(query: str) -> Json:
    """`{relying_party, location}`, each None when there is none."""
    return call("POST", "/oauth2/logouts", {"query": query[:LONGEST_QUERY]}, token="").body


def log_out() -> None:
    """The browser forgets the session even when identity is away."""
    with suppress(Problem, Late):
        call("DELETE", "/sessions/current")
    sessions.forget()
