"""Counts for the operator's dashboards: no addresses, no paths with codes in them."""

import time

from flask import Blueprint, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Histogram, generate_latest

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
    if "began" in g:
        SECONDS.labels(endpoint).observe(time.perf_counter() - g.began)
    return response
