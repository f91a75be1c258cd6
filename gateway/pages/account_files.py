"""Files through the pages: the service's answer passed on, always as a download."""

from flask import Response, g

from gateway import passing, route_table
from gateway.backend import here, read

KEPT = ("Content-Type", "Content-Disposition", "Content-Length")


def fetched(path: str) -> Response:
    """The file at `path` below /api/v1, as this browser's session may have it. Problem when it may not."""
    service = route_table.service_of(here().routes, path)
    if service is None:
        raise KeyError(f"routes.toml lists no service for {path}")
    sent = passing.headers(passing.client_address(here().settings.trusted_hops))
    sent["Authorization"] = f"Bearer {g.get('access_token')}"
    answer = here().send(service, "GET", "/api/v1" + path, headers=sent)
    if answer.status >= 400:
        read(service, answer)
    kept = {name: answer.headers[name] for name in KEPT if name in answer.headers}
    return Response(answer.data, answer.status, {**kept, "Cache-Control": "no-store"})
