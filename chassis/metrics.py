"""Prometheus figures of every process at `/metrics`. Labels are route patterns, never paths."""

from flask import Flask, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

REQUESTS = Histogram("motcua_request_seconds", "Time to answer a request", ["method", "route", "status"])
SENT = Counter("motcua_events_sent_total", "Events the relay saw safe on the bus", ["service"])
HANDLED = Counter("motcua_reactions_total", "Reactions committed", ["service", "handler"])
PARKED = Counter(
    "motcua_events_parked_total", "Events put aside after a failed reaction", ["service", "handler"]
)
UNSENT = Gauge("motcua_outbox_unsent", "Events waiting in the outbox at the last look", ["service"])

OLDEST_UNSENT = Gauge(
    "motcua_outbox_oldest_seconds", "How long the oldest event not yet sent has waited", ["service"]
)


def add(app: Flask) -> None:
    app.add_url_rule(
        "/metrics", "metrics", lambda: Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
    )


def observe(method: str, route: str, status: int, seconds: float) -> None:
    REQUESTS.labels(method, route, str(status)).observe(seconds)
