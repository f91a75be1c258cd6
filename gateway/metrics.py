"""Counts and request lines for the operator: no addresses, no paths with codes in them."""

import time

import structlog
from flask import Blueprint, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Histogram, generate_latest

log = structlog.get_logger()
blueprint = Blueprint("metrics", __name__)
REQUESTS = Counter("gateway_requests_total", "Answers given", ["endpoint", "method", "status"])
SECONDS = Histogram("gateway_request_seconds", "Time from head to answer", ["endpoint"])


@blueprint.get("/metrics")
def metrics() -> Response:
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def begin() -> None:
    g.began = time.perf_counter()


def count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    REQUESTS.labels(endpoint, request.method, response.status_code).inc()
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    SECONDS.labels(endpoint).observe(seconds)
    if not endpoint.startswith(("health.", "metrics.", "static")):
        log.info(
            "request",
            method=request.method,
            endpoint=endpoint,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            request_id=g.get("request_id"),
        )
    return response
