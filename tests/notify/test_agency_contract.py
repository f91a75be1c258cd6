"""What stands in an agency's log is a message as the AsyncAPI document describes it."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from sqlalchemy import select

from chassis.testing import ServiceUnderTest
from contracts.dossier import DOSSIER_EVENTS, DossierEvent, DossierSnapshot
from services.notify.tables import agency_log
from tests.notify.builders import about_dossier, registered

DOCUMENT: Any = json.loads((Path(__file__).parents[2] / "contracts" / "asyncapi.json").read_text())


@pytest.mark.parametrize("event", [*DOSSIER_EVENTS, DossierSnapshot], ids=lambda event: event.type)
def test_a_logged_event_is_what_the_document_promises(
    notify: ServiceUnderTest, event: type[DossierEvent]
) -> None:
    notify.hear(registered(notify))
    more: dict[str, Any] = {"reason": notify.sealed("vì sao", "notify")}
    if event is DossierSnapshot:
        more["answer_due_at"] = notify.clock.now
    notify.hear(about_dossier(notify, event, **more))
    with notify.units() as uow:
        logged = uow.session.execute(select(agency_log.c.event)).scalar_one()
    message = DOCUMENT["channels"]["agency-queue"]["messages"][event.type]["$ref"]
    Draft7Validator({**DOCUMENT, "$ref": f"{message}/payload"}).validate(logged)
    data = DOCUMENT["components"]["schemas"][f"{event.__name__}.agency"]
    assert set(logged["data"]) == set(data["properties"])
