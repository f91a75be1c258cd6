"""Its pages: who one is there, signing in, signing out."""

import hashlib
import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from flask import Flask, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from sandbox.relying_party.client import Client, Flow, Registered, Untrusted

HOME = "/vi-du-dang-nhap"
ENDED: set[str] = set()
"""Sessions that ended at the portal. In memory: a real site keeps its sessions where it can end them."""


def register(app: Flask, folder: Path | None) -> None:
    """`folder` holds what the portal's operator gave us; without it the page says how one registers."""
    us = Registered.read(folder)
    # Cookies know no ports: this one must not be taken for the portal's.
    app.config.update(SESSION_COOKIE_NAME="vi-du", SESSION_COOKIE_PATH=HOME, SESSION_COOKIE_SAMESITE="Lax")
    if us:
        app.secret_key = hashlib.sha256(b"cookies " + us.client_secret.encode()).digest()
    app.add_url_rule(HOME, "ministry", lambda: _home(folder))
    app.add_url_rule(f"{HOME}/vao", "ministry_in", lambda: _go_in(folder))
    app.add_url_rule(f"{HOME}/ve", "ministry_back", lambda: _back(folder))
    app.add_url_rule(f"{HOME}/ra", "ministry_out", lambda: _go_out(folder), methods=["POST"])
    app.add_url_rule(f"{HOME}/het", "ministry_end", lambda: _hear_of_end(folder), methods=["POST"])
    app.before_request(lambda: _keep_secret(app, folder))


def _keep_secret(app: Flask, folder: Path | None) -> None:
    """The operator may register us after we have started."""
    if request.path.startswith(HOME) and not app.secret_key and (us := Registered.read(folder)):
        app.secret_key = hashlib.sha256(b"cookies " + us.client_secret.encode()).digest()


def _home(folder: Path | None) -> ResponseReturnValue:
    if Registered.read(folder) is None:
        return _page(registered=False)
    if session.get("sid") in ENDED:
        session.clear()
    return _page(who=session.get("who"))


def _hear_of_end(folder: Path | None) -> ResponseReturnValue:
    """The portal tells that a session has ended there: it ends here, too."""
    try:
        ENDED.add(_client(folder).ended(request.form.get("logout_token", "")))
    except Untrusted as wrong:
        return {"error": "invalid_request", "error_description": str(wrong)}, 400
    return "", 204


def _go_in(folder: Path | None) -> ResponseReturnValue:
    flow, more = Flow.new(), {}
    if request.args.get("muc") == "cao":
        more["acr_values"] = "high"
    if request.args.get("lai"):
        more["prompt"] = "login"
    try:
        address = _client(folder).ask(flow, **more)
    except Untrusted as wrong:
        return _page(wrong=str(wrong)), 502
    session["flow"] = asdict(flow)
    return redirect(address)


def _back(folder: Path | None) -> ResponseReturnValue:
    """A flow answers once: its code, like its state, is worth nothing the second time."""
    begun = session.pop("flow", None)
    if begun is None:
        return redirect(url_for("ministry"))
    try:
        found = _client(folder).take(Flow(**begun), request.args.to_dict())
    except Untrusted as wrong:
        return _page(wrong=str(wrong)), 403
    session["who"], session["id_token"], session["sid"] = found.claims, found.id_token, found.sid
    return redirect(url_for("ministry"))


def _go_out(folder: Path | None) -> ResponseReturnValue:
    """Here at once; at the portal the person is asked. A link, since our forms may lead only to us."""
    id_token = session.pop("id_token", None)
    session.clear()
    if id_token is None:
        return redirect(url_for("ministry"))
    return _page(leave=_client(folder).leave(id_token))


def _client(folder: Path | None) -> Client:
    us = Registered.read(folder)
    if us is None:
        raise Untrusted("not registered")
    return Client(us)


def _page(**shown: Any) -> str:
    language = "en" if request.args.get("lang") == "en" else "vi"
    texts = json.loads(files("sandbox").joinpath("data/ministry.json").read_text("utf-8"))
    given: dict[str, Any] = {"who": None, "wrong": None, "leave": None, "registered": True}
    return render_template("ministry.html", language=language, words=texts[language], **(given | shown))
