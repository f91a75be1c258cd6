"""Is this process alive, and can it serve? And what each service says of itself."""

from flask import Blueprint, Response, jsonify

from gateway.backend import Late, here, read
from gateway.settings import SERVICES

blueprint = Blueprint("health", __name__)
SECONDS = 2.0


@blueprint.get("/livez")
def livez() -> Response:
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Always ready: with a service away the gateway still serves pages that say so."""
    return jsonify(status="ok", services={name: state(name) for name in SERVICES})


def state(service: str) -> str:
    """`ok`, `degraded` or `away`."""
    try:
        answer = here().send(service, "GET", "/readyz", timeout=SECONDS)
    except Late:
        return "away"
    if answer.status != 200 or read(service, answer).body.get("status") == "degraded":
        return "degraded"
    return "ok"
