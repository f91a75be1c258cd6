"""The AsyncAPI document is valid by the public schema, and what it says of our messages is so."""

import gzip
import json
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from chassis import envelope
from chassis import service as manifests
from contracts.event import Event
from tests.architecture.asyncapi_messages import golden, golden_for_agency, in_the_agency_log
from tests.architecture.snapshots import ASYNCAPI, SCHEMAS
from tests.architecture.source import ROOT
from tests.architecture.test_events import FROM_OUTSIDE, announced, declared

PUBLIC = ROOT / "tests" / "architecture" / "data" / "asyncapi-3.0.0.json.gz"
DOCUMENT: Any = json.loads(ASYNCAPI.read_text())
MESSAGES = DOCUMENT["components"]["messages"]
each_event = pytest.mark.parametrize("event", declared(), ids=lambda event: event.type)
each_of_an_agency = pytest.mark.parametrize("event", in_the_agency_log(), ids=lambda event: event.type)


@pytest.fixture(scope="module")
def public() -> Draft7Validator:
    return Draft7Validator(json.loads(gzip.decompress(PUBLIC.read_bytes())))


def payload_of(message: str) -> Draft7Validator:
    return Draft7Validator({**DOCUMENT, "$ref": f"#/components/messages/{message}/payload"})


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for one in value for found in references(one)]
    if not isinstance(value, dict):
        return []
    mine = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return mine + [found for one in value.values() for found in references(one)]


def at(pointer: str) -> Any:
    found = DOCUMENT
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_the_document_is_valid_by_the_public_schema(public: Draft7Validator) -> None:
    assert [error.message for error in public.iter_errors(DOCUMENT)] == []


@pytest.mark.parametrize(
    "broken",
    [
        {"asyncapi": "2.6.0"},
        {"operations": {"x": {"action": "publish", "channel": {"$ref": "#/channels/decisions"}}}},
        {"channels": {"x": {"bindings": {"amqp": {"is": "queue", "bindingVersion": "0.3.0"}}}}},
        {"servers": {"x": {"protocol": "amqps"}}},
    ],
    ids=["another version", "no such action", "a queue without a name", "a server without a host"],
)
def test_the_public_schema_would_say_so_if_it_were_not(public: Draft7Validator, broken: Any) -> None:
    assert not public.is_valid(DOCUMENT | broken)


def test_every_reference_leads_somewhere() -> None:
    found = references(DOCUMENT)
    assert len(found) > 100
    for reference in found:
        assert at(reference), reference


def test_every_event_is_described_once_for_our_services_and_once_for_agencies_if_they_get_it() -> None:
    agencies = {f"{event.type}.agency" for event in in_the_agency_log()}
    assert set(MESSAGES) == {event.type for event in declared()} | agencies
    for name, message in MESSAGES.items():
        mine = "agencies" if name in agencies or message["x-announced-by"] == "an agency" else "services"
        assert [tag["name"] for tag in message["tags"]] == [mine], name


@each_event
def test_a_message_says_who_announces_and_who_hears_it(event: type[Event]) -> None:
    message = MESSAGES[event.type]
    if event.source != FROM_OUTSIDE:
        assert event in manifests.load(message["x-announced-by"]).announces
    assert message["x-heard-by"]
    for name in message["x-heard-by"]:
        service = manifests.load(name)
        assert event in service.reactions or event in [door.event for door in service.doors]


@each_event
def test_the_golden_event_is_one_by_the_document_by_its_own_schema_and_by_the_code(
    event: type[Event],
) -> None:
    (example,) = MESSAGES[event.type]["examples"]
    payload_of(event.type).validate(example["payload"])
    schema = json.loads((SCHEMAS / f"{event.type}.json").read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(example["payload"]["data"])
    message = envelope.open_up(json.dumps(example["payload"]))
    assert type(envelope.data_of(message, event)) is event
    assert example["payload"] == golden(event)


@each_of_an_agency
def test_an_agencys_golden_event_has_a_position_and_nothing_sealed(event: type[Event]) -> None:
    (example,) = MESSAGES[f"{event.type}.agency"]["examples"]
    payload_of(f"{event.type}.agency").validate(example["payload"])
    assert "box" not in json.dumps(example)
    assert example["payload"] == golden_for_agency(event)
    schema = json.loads((SCHEMAS / f"{event.type}.json").read_text())
    Draft202012Validator(schema).validate(example["payload"]["data"])


@each_of_an_agency
def test_another_type_a_missing_datum_or_no_position_is_no_message_of_the_kind(event: type[Event]) -> None:
    good = golden_for_agency(event)
    kind = payload_of(f"{event.type}.agency")
    for wrong in (good | {"type": "motcua.dossier.else.v1"}, good | {"data": {}}, good | {"position": 0}):
        assert not kind.is_valid(wrong)
    assert not kind.is_valid({name: value for name, value in good.items() if name != "position"})


def test_each_service_announces_and_hears_in_the_document_what_its_manifest_says() -> None:
    operations = DOCUMENT["operations"]
    for service in map(manifests.load, manifests.names()):
        for name, events in (("announces", service.announces), ("hears", service.reactions)):
            told = operations.get(f"{service.name}.{name}", {"messages": []})["messages"]
            assert {at(ref["$ref"])["$ref"] for ref in told} == {
                f"#/components/messages/{event.type}" for event in events
            }
    assert len(DOCUMENT["channels"]["services"]["messages"]) == len(announced())
