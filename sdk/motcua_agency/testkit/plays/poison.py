"""Messages that cannot be handled, each with a good one behind it."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

from motcua_agency.testkit.plays.looking import code, look
from motcua_agency.testkit.portal import Told
from motcua_agency.testkit.stage import Stage

LOOP = 5
UNKNOWN_TYPE = "an event of an unknown type"


def poison(stage: Stage) -> None:
    """Nine kinds, one after the other. The first that does harm ends the play."""
    stage.program.start()
    before = stage.tell("submitted", code(stage, 100), 1)
    if not stage.until_applied([before]):
        return look(stage, [before])
    for number, (kind, make) in enumerate(KINDS.items(), start=1):
        body = make(_plain(stage, number))
        stage.portal.send(body)
        good = stage.tell("submitted", code(stage, 100 + number), 1)
        fine = stage.until(partial(_is_past, stage, body, good))
        stage.settle()
        if stage.program.exit_code is not None:
            return stage.fault("dies-on-poison", f"{kind}: {stage.how_it_is()}")
        if (times := stage.wire.times_delivered[body]) >= LOOP:
            name = "requeues-unknown-types" if kind == UNKNOWN_TYPE else "requeues-poison"
            return stage.fault(name, f"{kind} was delivered {times} times")
        if not fine:
            return stage.fault("stops-at-poison", f"behind {kind}, event {good.id} was not applied")
    return None


def _is_past(stage: Stage, body: bytes, good: Told) -> bool:
    return stage.wire.times_delivered[body] >= LOOP or not stage.missing([good])


def unknown_fields(stage: Stage) -> None:
    """A good event with fields in its data that no version before had."""
    stage.program.start()
    first = stage.tell("submitted", code(stage, 1), 1)
    new = stage.tell("submitted", code(stage, 2), 1, urgency={"level": 3}, note=None)
    last = stage.tell("submitted", code(stage, 3), 1)
    stage.until_applied([first, new, last])
    if stage.missing([first, last]):
        look(stage, [first, last])
    elif stage.missing([new]):
        stage.fault("refuses-unknown-fields", f"event {new.id} has the new fields urgency and note")


def _plain(stage: Stage, number: int) -> dict[str, Any]:
    """A good event, but of no position, as something that got into the queue by mistake."""
    dossier = code(stage, 50 + number)
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/services/dossier",
        "type": "motcua.dossier.accepted.v1",
        "subject": dossier,
        "time": "2026-11-22T09:00:00Z",
        "sequence": 2,
        "datacontenttype": "application/json",
        "data": {"code": dossier, "agency": stage.portal.agency, "status": 2, "version": 2},
    }


def _without(event: dict[str, Any], name: str) -> bytes:
    return json.dumps({key: value for key, value in event.items() if key != name}).encode()


def _changed(event: dict[str, Any], **changes: object) -> bytes:
    return json.dumps(event | changes).encode()


KINDS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "a body that is no JSON": lambda _: b"no event " + uuid4().bytes,
    "an empty body": lambda _: b"",
    "a body cut in the middle": lambda event: json.dumps(event).encode()[:-20],
    "JSON that is no object": lambda event: json.dumps([event]).encode(),
    "an event without an id": lambda event: _without(event, "id"),
    "an event without data": lambda event: _without(event, "data"),
    "an event whose data are a list": lambda event: _changed(event, data=[1, 2]),
    UNKNOWN_TYPE: lambda event: _changed(event, type="motcua.dossier.moved-to-the-moon.v1"),
    "an event of a dossier it never heard of": lambda event: _changed(event, sequence=9),
}
