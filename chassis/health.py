"""`/livez`: the process runs. `/readyz`: it can do its work, or says what is missing."""

import threading

from flask import Flask, Response, jsonify
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.serving import make_server

from chassis import metrics


def add(app: Flask, engine: Engine) -> None:
    app.add_url_rule("/livez", "livez", lambda: jsonify(status="alive"))
    app.add_url_rule("/readyz", "readyz", lambda: ready(engine))


def ready(engine: Engine) -> Response:
    database = "ok" if answers(engine) else "away"
    answer = jsonify(status="ready" if database == "ok" else "not-ready", database=database)
    answer.status_code = 200 if database == "ok" else 503
    return answer


def answers(engine: Engine) -> bool:
    try:
        with engine.connect() as connection:
            connection.execute(select(1))
        return True
    except SQLAlchemyError:
        return False


def serve(service: str, engine: Engine, port: int) -> None:
    """The same three addresses for a worker, which answers no other HTTP; in a thread of its own."""
    app = Flask(f"{service}-worker", static_folder=None)
    add(app, engine)
    metrics.add(app)
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
