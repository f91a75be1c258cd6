"""The AsyncAPI document: who says what to whom on the broker, made of contracts and manifests.

Every operation is named after who performs it, and its action is theirs: an agency's back office
receives events and sends decisions, services of ours announce and hear.
"""

from typing import Any

from chassis import envelope
from chassis import service as manifests
from chassis.bus import topology
from contracts.event import Event
from services.notify.model.agency import Access, log_key
from tests.architecture.asyncapi_messages import (
    TAGS,
    Json,
    amqp,
    components,
    for_agency,
    from_outside,
    in_the_agency_log,
    ref,
)
from tests.architecture.test_events import announced

KEY = "{agency_key}"
ACCESS = Access(KEY)

ABOUT = """Events are CloudEvents 1.0 in structured JSON over RabbitMQ (AMQP 0-9-1).

**Agencies** read channel `agency-queue` and write to channel `decisions`; nothing else is open to them.
The same events in the same order, with the same `position`, can be pulled or come by webhook: see
`/api/v1/openapi.json`. Messages tagged `services` are only for the portal's own services: they are
described here so that a service can be added or replaced.

Each message comes at least once and in order per `subject`: drop an `id` you have. `position` rises by
one per agency; a gap is a loss. Ignore fields you do not know: within a version a type may only gain
optional fields. Each type's `data` has a JSON Schema of its own at `/api/v1/events/schemas/<type>`.
"""


def document() -> Json:
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "motcua",
            "version": "v1",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
            "tags": TAGS,
        },
        "defaultContentType": envelope.CONTENT_TYPE,
        "servers": {"broker": _server()},
        "channels": _channels(),
        "operations": _operations(),
        "components": components()
        | {
            "parameters": {"agency_key": _agency_key()},
            "securitySchemes": {
                "broker-account": {
                    "type": "userPassword",
                    "description": "As `motcua agency connect` printed them.",
                }
            },
        },
    }


def _server() -> Json:
    return {
        "host": "{host}:{port}",
        "pathname": "/{vhost}",
        "protocol": "amqps",
        "protocolVersion": "0.9.1",
        "description": "The portal's RabbitMQ. Without TLS (`amqp`) only on one machine, for trying.",
        "variables": {
            "host": {"description": "As the portal's operator tells you."},
            "port": {"default": "5671"},
            "vhost": {"default": "%2F", "description": "The virtual host, percent-encoded."},
        },
        "security": [{"$ref": "#/components/securitySchemes/broker-account"}],
    }


def _agency_key() -> Json:
    return {
        "description": "The agency's code with `_` for each dot, so that it is one word of a routing key.",
        "examples": ["H01", "H55_242"],
    }


def _channels() -> Json:
    any_event = f"{KEY}.{{service}}.{{fact}}"
    assert any_event == log_key(KEY, "{service}.{fact}")
    agency = {"agency_key": {"$ref": "#/components/parameters/agency_key"}}
    names = {
        "service": {"description": "Whose event it is.", "enum": _speakers()},
        "fact": {
            "description": "The type without `motcua.`, service and version.",
            "examples": ["submitted"],
        },
    }
    logged = {event.type: ref("messages", for_agency(event)) for event in in_the_agency_log()}
    return {
        "services": {
            "address": "{service}.{fact}.{bucket}",
            "description": "The exchange of the portal's own services, each of which has a queue.",
            "parameters": names | {"bucket": _bucket()},
            "messages": {event.type: ref("messages", event.type) for event in announced()},
            "bindings": _through(topology.EVENTS),
        },
        "agencies": {
            "address": any_event,
            "description": "The exchange from which each agency's queue gets what its log has.",
            "parameters": agency | names,
            "messages": logged,
            "bindings": _through(topology.AGENCIES),
        },
        "agency-queue": {
            "address": ACCESS.queue,
            "description": f"An agency's queue, bound by `{ACCESS.binding_key}`. Acknowledge what is stored.",
            "parameters": agency,
            "messages": logged,
            "bindings": amqp({"is": "queue", "queue": _kept({"name": ACCESS.queue, "exclusive": False})}),
        },
        "decisions": {
            "address": ACCESS.decision_key,
            "description": "Where an agency's back office writes its decisions, under its own key only.",
            "parameters": agency,
            "messages": {event.type: ref("messages", event.type) for event in from_outside()},
            "bindings": _through(topology.DECISIONS),
        },
    }


def _operations() -> Json:
    operations: Json = {}
    for service in map(manifests.load, manifests.names()):
        if service.announces:
            operations[f"{service.name}.announces"] = _operation("send", "services", service.announces)
        if service.reactions:
            operations[f"{service.name}.hears"] = _operation("receive", "services", service.reactions)
        for door in service.doors:
            operations[f"{service.name}.takes"] = _operation("receive", "decisions", [door.event])
    logged = in_the_agency_log()
    answers = [event for event in logged if "decision_id" in event.__struct_fields__]
    account = amqp(
        {"userId": ACCESS.account, "cc": [ACCESS.decision_key], "deliveryMode": 2, "mandatory": True}
    )
    return operations | {
        "notify.delivers": _operation("send", "agencies", logged)
        | {
            "bindings": amqp({"cc": [log_key(KEY, "{service}.{fact}")], "deliveryMode": 2, "mandatory": True})
        },
        "back-office.receives": _operation("receive", "agency-queue", logged)
        | {"tags": TAGS[:1], "bindings": amqp({"ack": True})},
        "back-office.decides": _operation("send", "decisions", from_outside())
        | {
            "tags": TAGS[:1],
            "description": "With publisher confirms. The property `user_id` is required: your account, which "
            "the broker checks. The same `decision_id` again is answered again and applied once.",
            "bindings": account,
            "reply": {
                "channel": {"$ref": "#/channels/agency-queue"},
                "messages": [_in_channel("agency-queue", event) for event in answers],
            },
        },
    }


def _bucket() -> Json:
    last = topology.BUCKETS - 1
    return {"description": f"0 to {last}: CRC-32 of the event's subject modulo {topology.BUCKETS}."}


def _operation(action: str, channel: str, events: Any) -> Json:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [_in_channel(channel, event) for event in sorted(events, key=lambda event: event.type)],
    }


def _speakers() -> list[str]:
    return [name for name in manifests.names() if manifests.load(name).announces]


def _through(exchange: Any) -> Json:
    named = _kept({"name": exchange.name, "type": exchange.type})
    return amqp({"is": "routingKey", "exchange": named})


def _kept(named: Json) -> Json:
    return named | {"durable": True, "autoDelete": False}


def _in_channel(channel: str, event: type[Event]) -> Json:
    return {"$ref": f"#/channels/{channel}/messages/{event.type}"}
