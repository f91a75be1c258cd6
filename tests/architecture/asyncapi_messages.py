"""The messages of the AsyncAPI document: what each says, who says it, who hears it, and a good one."""

import inspect
import json
from typing import Any
from uuid import UUID

import msgspec

from chassis import envelope
from chassis import service as manifests
from contracts.event import Event, Message
from services.notify import reactions
from tests.architecture.golden import AT, DECISION, GOLDEN
from tests.architecture.test_events import FROM_OUTSIDE, declared

Json = dict[str, Any]
BINDING = "0.3.0"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TAGS = [
    {"name": "agencies", "description": "What an agency's back office receives or sends."},
    {"name": "services", "description": "Only between the portal's own services."},
]


def components() -> Json:
    return {
        "schemas": _schemas(),
        "messages": {event.type: _message(event) for event in declared()}
        | {for_agency(event): _agency_message(event) for event in in_the_agency_log()},
    }


def in_the_agency_log() -> list[type[Event]]:
    """What notify appends to the log of the agency that an event names."""
    heard = manifests.load("notify").reactions
    return [event for event in declared() if reactions.append_to_agency_log in heard.get(event, ())]


def heard_by(event: type[Event]) -> list[str]:
    return [
        service.name
        for service in map(manifests.load, manifests.names())
        if event in service.reactions or event in [door.event for door in service.doors]
    ]


def announced_by(event: type[Event]) -> str:
    return "an agency" if event.source == FROM_OUTSIDE else event.source.removeprefix("/services/")


def _message(event: type[Event]) -> Json:
    ours = event.source != FROM_OUTSIDE
    constants = {"type": {"const": event.type}} | ({"source": {"const": event.source}} if ours else {})
    return _described(event) | {
        "tags": TAGS[1:] if ours else TAGS[:1],
        "payload": _payload("CloudEvent", constants, ref("schemas", event.__name__)),
        "x-announced-by": announced_by(event),
        "x-heard-by": heard_by(event),
        "examples": [{"name": "golden", "payload": golden(event)}],
    }


def _agency_message(event: type[Event]) -> Json:
    constants = {"type": {"const": event.type}, "source": {"const": event.source}}
    return _described(event) | {
        "tags": TAGS[:1],
        "payload": _payload("AgencyCloudEvent", constants, ref("schemas", _agency_schema(event))),
        "x-announced-by": announced_by(event),
        "x-heard-by": ["the agency"],
        "examples": [{"name": "golden", "payload": golden_for_agency(event)}],
    }


def _described(event: type[Event]) -> Json:
    kinds = event.__mro__[: event.__mro__.index(Event)]
    text = "\n\n".join(inspect.cleandoc(kind.__doc__) for kind in kinds if kind.__doc__)
    correlation: Json = {}
    if "decision_id" in event.__struct_fields__:
        correlation = {"correlationId": {"location": "$message.payload#/data/decision_id"}}
    return correlation | {
        "name": event.type,
        "title": event.__name__,
        "summary": " ".join(text.partition("\n\n")[0].split()),
        "description": text,
        "contentType": envelope.CONTENT_TYPE,
        "bindings": amqp({"messageType": event.type}),
    }


def _payload(base: str, constants: Json, data: Json) -> Json:
    return {"allOf": [ref("schemas", base), {"type": "object", "properties": constants | {"data": data}}]}


def golden(event: type[Event]) -> Json:
    """The whole message as it travels between services."""
    id = DECISION if event.source == FROM_OUTSIDE else UUID("01a207b0-fb11-7c3a-8a55-2f6f0d1c9e01")
    found: Json = json.loads(envelope.seal_up(GOLDEN[event], id, AT, 1, TRACE))
    return found


def golden_for_agency(event: type[Event]) -> Json:
    """As its agency reads it: nothing sealed, at a position of the agency's log."""
    message = golden(event)
    sealed = _sealed(msgspec.json.schema_components([event])[1][event.__name__])
    data = {name: value for name, value in message["data"].items() if name not in sealed}
    return message | {"data": data, "position": 1}


def _schemas() -> Json:
    _, found = msgspec.json.schema_components(declared(), ref_template="#/components/schemas/{name}")
    schemas = {name: tidy(schema) for name, schema in found.items()}
    schemas["CloudEvent"] = cloud_event()
    position = {"type": "integer", "minimum": 1, "description": "In the agency's log: rises by one."}
    schemas["AgencyCloudEvent"] = {
        "allOf": [ref("schemas", "CloudEvent")],
        "required": ["position"],
        "properties": {"position": position},
    }
    for event in in_the_agency_log():
        schemas[_agency_schema(event)] = _without(schemas[event.__name__], _sealed(found[event.__name__]))
    return schemas


def cloud_event() -> Json:
    """The envelope without `user`, which is never in the body."""
    _, found = msgspec.json.schema_components([Message], ref_template="#/components/schemas/{name}")
    schema = _without(found["Message"], {"user"})
    schema["properties"] |= {
        "specversion": {"const": "1.0"},
        "datacontenttype": {"const": "application/json"},
    }
    return schema | {
        "title": "CloudEvent",
        "description": "`id` (UUIDv7) is what repeats are known by; `sequence` rises by one per `subject`.",
    }


def _agency_schema(event: type[Event]) -> str:
    sealed = _sealed(msgspec.json.schema_components([event])[1][event.__name__])
    return f"{event.__name__}.agency" if sealed else event.__name__


def _sealed(schema: Json) -> set[str]:
    return {name for name, value in schema["properties"].items() if "/Sealed" in json.dumps(value)}


def _without(schema: Json, names: set[str]) -> Json:
    properties = {name: value for name, value in schema["properties"].items() if name not in names}
    return schema | {"properties": properties, "required": [n for n in schema["required"] if n not in names]}


def tidy(value: Any) -> Any:
    """Docstrings without the indentation that they have in a class."""
    if isinstance(value, list):
        return [tidy(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: inspect.cleandoc(one) if name == "description" and isinstance(one, str) else tidy(one)
        for name, one in value.items()
    }


def from_outside() -> list[type[Event]]:
    return [event for event in declared() if event.source == FROM_OUTSIDE]


def for_agency(event: type[Event]) -> str:
    return f"{event.type}.agency"


def amqp(binding: Json) -> Json:
    return {"amqp": binding | {"bindingVersion": BINDING}}


def ref(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}
