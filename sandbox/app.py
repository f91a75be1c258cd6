"""The outside world of the trial run, over HTTP: registers, message gateways and what they were told."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from sandbox import page, people, registers, signing
from sandbox.authority import Authority
from sandbox.body import BadBody, email, phone, read
from sandbox.faults import Faults
from sandbox.misbehaving import misbehaving, problem
from sandbox.relying_party import pages
from sandbox.store import Kept, Message, Store
from sandbox.upstream import provider

MOST_AT_ONCE = 10_000


def create_app(
    store: Store,
    faults: Faults | None = None,
    authority: Authority | None = None,
    folder: Path | None = None,
) -> Flask:
    """`faults` is how this sandbox misbehaves; without it, not at all. Without an authority nobody signs.
    `folder`: where its data is."""
    app = Flask("sandbox")
    app.config["MAX_CONTENT_LENGTH"] = 256 * 1024
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.register_error_handler(BadBody, _bad_body)
    app.register_error_handler(HTTPException, _http_error)
    faults = faults or Faults()
    _outside_calls(app, store, faults)
    _readings(app, store)
    if authority:
        signing.register(app, authority, faults)
    page.register(app, store)
    pages.register(app, folder)
    provider.register(app)
    app.after_request(page.harden)
    return app


def _outside_calls(app: Flask, store: Store, faults: Faults) -> None:
    """What services call; the only routes that misbehave."""

    def sms() -> ResponseReturnValue:
        body = read("to", "text", "reference")
        return _take(store, Message("sms", phone("to", body), body["text"]), body["reference"])

    def emails() -> ResponseReturnValue:
        body = read("to", "subject", "text", "reference")
        message = Message("email", email("to", body), body["text"], body["subject"])
        return _take(store, message, body["reference"])

    def sim() -> ResponseReturnValue:
        return {"match": registers.sim(read(*registers.SIM), store.made())}

    def insurance() -> ResponseReturnValue:
        return {"match": registers.insurance(read(*registers.INSURANCE), store.made())}

    def population() -> ResponseReturnValue:
        return {"match": registers.population(read(*registers.POPULATION), store.made())}

    paths = {
        "/sms": sms,
        "/emails": emails,
        "/registers/sim": sim,
        "/registers/insurance": insurance,
        "/registers/population": population,
    }
    for path, call in paths.items():
        app.add_url_rule(path, call.__name__, misbehaving(call, faults), methods=["POST"])


def _readings(app: Flask, store: Store) -> None:
    @app.get("/messages")
    def messages() -> ResponseReturnValue:
        to = request.args.get("to")
        return {"items": [_message(kept) for kept in store.messages(to and _address(to))]}

    @app.get("/people")
    def list_people() -> ResponseReturnValue:
        """`items`, as every list here, and the same as `people`, as the file of people calls them."""
        made = "count" in request.args
        found = _make(store) if made else [*people.named().values(), *people.make(range(store.made()))]
        items = [person.as_json() for person in found]
        rest = {} if made else {key: people.known()[key] for key in ("businesses", "traps")}
        return {"items": items, "people": items, **rest}

    @app.get("/livez")
    def livez() -> ResponseReturnValue:
        return {"status": "ok"}


def _take(store: Store, message: Message, reference: str) -> ResponseReturnValue:
    taken = store.take(message, reference)
    return {"reference": reference, "repeated": not taken}, 202 if taken else 200


def _make(store: Store) -> list[people.Person]:
    count = request.args.get("count", type=int) or 0
    if not 1 <= count <= MOST_AT_ONCE:
        raise BadBody("count", f"count must be a number from 1 to {MOST_AT_ONCE}")
    try:
        return list(people.make(store.make(count)))
    except ValueError as full:
        raise BadBody("count", str(full)) from full


def _address(to: str) -> str:
    return to.strip() if "@" in to else phone("to", {"to": to})


def _message(kept: Kept) -> dict[str, Any]:
    found = asdict(kept.message) | {"at": kept.at.isoformat()}
    return {name: value for name, value in found.items() if value is not None}


def _bad_body(error: BadBody) -> ResponseReturnValue:
    return problem(422, error.detail, error.field)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    return problem(error.code or 500, error.description or error.name)
