"""The page where a person trying the portal reads the messages it sent."""

import json
from datetime import datetime
from functools import cache
from importlib.resources import files

from flask import Flask, Response, current_app, render_template, request

from sandbox import people
from sandbox.store import Store
from vocabulary.calendar import VIETNAM
from vocabulary.people import parse_phone
from vocabulary.refusals import Invalid

SHOWN = 50


@cache
def words() -> dict[str, dict[str, str]]:
    """The page's texts by language."""
    page = files("sandbox").joinpath("data/page.json")
    texts: dict[str, dict[str, str]] = json.loads(page.read_text("utf-8"))
    return texts


def register(app: Flask, store: Store) -> None:
    app.add_template_filter(_local, "local")
    app.add_template_filter(_grouped, "grouped")

    @app.get("/")
    def home() -> str:
        return _draw("home.html", store)

    @app.get("/inbox")
    def inbox() -> str:
        return _draw("messages.html", store)


def harden(response: Response) -> Response:
    """Nothing from elsewhere, nothing kept: the page shows what was sent to people."""
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _draw(template: str, store: Store) -> str:
    language = "en" if request.args.get("lang") == "en" else "vi"
    to = request.args.get("to", "").strip()
    return render_template(
        template,
        language=language,
        words=words()[language],
        to=to,
        messages=store.messages(_recipient(to) if to else None, SHOWN),
        people=people.named().values(),
        businesses=people.known()["businesses"],
        made=store.made(),
        signs="phones" in current_app.view_functions,
    )


def _recipient(to: str) -> str:
    """A phone in the form it is kept in; anything else as it is, which then finds nothing."""
    try:
        return parse_phone(to)
    except Invalid:
        return to


def _local(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M:%S %d/%m/%Y}"


def _grouped(number: str) -> str:
    """Digits in groups that can be read out: 0912 000 017, 001 099 000 017."""
    first = len(number) % 3 or 3
    first = 4 if first == 1 else first
    return " ".join([number[:first], *(number[i : i + 3] for i in range(first, len(number), 3))])
