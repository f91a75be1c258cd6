import json
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.snapshots import ASYNCAPI, DOCUMENTS, SCHEMAS, breaks, wanted, written
from tests.architecture.source import ROOT
from tests.architecture.test_events import declared

WANTED = wanted()


def test_no_snapshot_is_missing_and_none_is_left_over() -> None:
    found = {path for folder in (SCHEMAS, ASYNCAPI.parent, DOCUMENTS) for path in folder.glob("*.json")}
    assert found == set(WANTED), "type: make snapshots"


def test_every_event_has_a_schema_under_the_address_where_it_is_served() -> None:
    for event in declared():
        schema = json.loads((SCHEMAS / f"{event.type}.json").read_text())
        assert schema["$id"] == f"/api/v1/events/schemas/{event.type}"


@pytest.mark.parametrize("path", [p for p in WANTED if p.parent == SCHEMAS], ids=lambda path: path.stem)
def test_a_changed_event_only_adds_optional_fields(path: Path) -> None:
    broken = breaks(json.loads(path.read_text()), WANTED[path])
    assert not broken, f"publish a new version beside the old one: {path.stem} breaks at {broken}"


@pytest.mark.parametrize("path", WANTED, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_snapshot_is_what_the_code_says(path: Path) -> None:
    assert path.read_text() == written(WANTED[path]), "if this change is wanted, type: make snapshots"


SCHEMA: Any = {
    "properties": {"code": {"type": "string"}, "at": {"type": "string"}},
    "required": ["code"],
    "description": "As it was.",
}


def test_a_new_optional_field_and_new_words_break_nothing() -> None:
    more = SCHEMA | {
        "properties": SCHEMA["properties"] | {"more": {"type": "integer"}},
        "description": "New.",
    }
    assert breaks(SCHEMA, more) == []


@pytest.mark.parametrize(
    "change",
    [
        {"properties": {"code": {"type": "string"}}},
        {"properties": {"code": {"type": "integer"}, "at": {"type": "string"}}},
        {"required": ["code", "at"]},
        {"required": []},
    ],
    ids=["field taken away", "type changed", "newly required", "no longer sure to be there"],
)
def test_every_other_change_of_an_event_breaks_somebody(change: Any) -> None:
    assert breaks(SCHEMA, SCHEMA | change)
