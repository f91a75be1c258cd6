"""`/livez`: the process runs. `/readyz`: it can do its work, all of it or not, and says what is missing."""

import threading

from flask import Flask, Response, jsonify
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.serving import make_server

from chassis import backlog, metrics
from chassis.bus import condition


def add(app: Flask, engine: Engine) -> None:
    app.add_url_rule("/livez", "livez", lambda: jsonify(status="alive"))
    app.add_url_rule("/readyz", "readyz", lambda: ready(engine))


def ready(engine: Engine) -> Response:
    """503 only without the database: while the broker is away, work is taken on and events wait.

    A web process has no connection to the broker: it goes by how long the oldest event has waited.
    """
    try:
        with engine.connect() as connection:
            waited = backlog.oldest_unsent_seconds(connection)
    except SQLAlchemyError:
        return _answer(503, {"status": "not-ready", "database": "away"})
    trouble = condition.trouble()
    degraded = trouble is not None or waited > backlog.LATE_SECONDS
    said: dict[str, object] = {"status": "degraded" if degraded else "ready", "database": "ok"}
    if degraded:
        said |= {"broker": "away", "why": trouble or "events wait longer than they should"}
    return _answer(200, said | {"oldest_unsent_seconds": round(waited, 1)})


def _answer(status: int, said: dict[str, object]) -> Response:
    answer = jsonify(said)
    answer.status_code = status
    return answer


def serve(service: str, engine: Engine, port: int) -> None:
    """The same three addresses for a worker, which answers no other HTTP; in a thread of its own."""
    app = Flask(f"{service}-worker", static_folder=None)
    add(app, engine)
    metrics.add(app)
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
