"""The public look-up by code, without login."""

import hmac
from typing import Any

from chassis.auth import allow
from chassis.web import api, language, unit_of_work
from services.dossier import queries
from services.dossier.commands.submission import digest
from services.dossier.routes import shown
from services.dossier.schemas import incoming, outgoing

blp = api("tracking")


@blp.route("/tracking/<code>", methods=["GET"])
@allow("anyone")
@blp.arguments(incoming.TrackingQuery, location="query")
@blp.response(200, outgoing.Tracking, headers={"Cache-Control": {"schema": {"type": "string"}}})
def track(query: dict[str, Any], code: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Status and dates; with the receipt's key also what it is, where it lies and its history."""
    with unit_of_work() as uow:
        found = queries.submitted(uow, code)
        has_key = hmac.compare_digest(digest(query["key"]), found.receipt_digest or b"")
        return shown.tracking(found, has_key, language()), 200, {"Cache-Control": "no-store"}
