"""Events as bytes: CloudEvents 1.0, structured JSON."""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from contracts.event import Event, Message, Sealed

CONTENT_TYPE = "application/cloudevents+json"
BLANK = Sealed(kid="", box="")

E = TypeVar("E", bound=Event)

_decoder = msgspec.json.Decoder(Message)


class Undecodable(Exception):
    """Not an event: it can never be handled, whoever tries."""


def seal_up(event: Event, id: UUID, time: datetime, sequence: int, traceparent: str | None) -> bytes:
    return msgspec.json.encode(
        Message(
            id=id,
            source=event.source,
            type=event.type,
            subject=event.subject,
            time=time,
            sequence=sequence,
            data=msgspec.Raw(msgspec.json.encode(event)),
            specversion="1.0",
            datacontenttype="application/json",
            traceparent=traceparent,
        )
    )


def open_up(body: bytes | str, user: str | None = None) -> Message:
    """`user` is who the broker says sent it."""
    try:
        message = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Undecodable(str(error)) from error
    return message if message.user == user else msgspec.structs.replace(message, user=user)


def data_of(message: Message, event: type[E]) -> E:
    """The typed fact inside. Fields it does not know are ignored."""
    return msgspec.json.decode(message.data, type=event)


def blanked(event: Event) -> Event | None:
    """The event without what must not be kept once it was sent; None when all of it may."""
    if not event.blanked_once_sent:
        return None
    blanks: dict[str, Any] = dict.fromkeys(event.blanked_once_sent, BLANK)
    return msgspec.structs.replace(event, **blanks)


def routing_key(type: str) -> str:
    """`motcua.dossier.submitted.v1` travels as `dossier.submitted`."""
    return type.removeprefix("motcua.").rpartition(".v")[0]
