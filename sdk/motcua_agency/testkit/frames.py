"""AMQP 0-9-1 on the wire, as far as the kit watches it."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PROTOCOL_HEADER_BYTES = 8
METHOD, HEADER, BODY = 1, 2, 3
NAMES = {
    (10, 31): "tune-ok",
    (60, 20): "consume",
    (60, 40): "publish",
    (60, 60): "deliver",
    (60, 71): "get-ok",
    (60, 70): "get",
    (60, 80): "ack",
    (60, 90): "reject",
    (60, 120): "nack",
    (85, 10): "confirm-select",
}


@dataclass(frozen=True)
class Frame:
    """`raw` is what goes on; `name` is the method's, or empty. The rest is what the method says."""

    raw: bytes
    kind: int = 0
    channel: int = 0
    payload: bytes = b""
    name: str = ""

    def fields(self) -> dict[str, Any]:
        """`tag`, `multiple`, `requeue`, `automatic`, `mandatory`, `exchange`, `heartbeat`: those it has."""
        return _READ[self.name](_Reader(self.payload[4:])) if self.name in _READ else {}

    @property
    def body_bytes(self) -> int:
        """Of a content header: how long the body is that follows."""
        size: int = struct.unpack_from(">Q", self.payload, 4)[0]
        return size


class FrameReader:
    """Bytes in, whole frames out. `greets` for the side that first says which protocol it speaks."""

    def __init__(self, greets: bool) -> None:
        self._buffer = b""
        self._greets = greets

    def feed(self, data: bytes) -> Iterator[Frame]:
        self._buffer += data
        if self._greets and len(self._buffer) >= PROTOCOL_HEADER_BYTES:
            self._greets = False
            yield Frame(self._cut(PROTOCOL_HEADER_BYTES))
        while not self._greets and len(self._buffer) >= 7:
            kind, channel, size = struct.unpack_from(">BHI", self._buffer)
            if len(self._buffer) < size + 8:
                return
            raw = self._cut(size + 8)
            yield _framed(raw, kind, channel, raw[7:-1])

    def _cut(self, length: int) -> bytes:
        raw, self._buffer = self._buffer[:length], self._buffer[length:]
        return raw


def _framed(raw: bytes, kind: int, channel: int, payload: bytes) -> Frame:
    name = NAMES.get(struct.unpack_from(">HH", payload), "") if kind == METHOD else ""
    return Frame(raw, kind, channel, payload, name)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self, format: str) -> int:
        found: int = struct.unpack_from(">" + format, self._data, self._at)[0]
        self._at += struct.calcsize(">" + format)
        return found

    def text(self) -> str:
        length = self.number("B")
        self._at += length
        return self._data[self._at - length : self._at].decode(errors="replace")


def _tag_and_bits(reader: _Reader) -> dict[str, Any]:
    tag, bits = reader.number("Q"), reader.number("B")
    return {"tag": tag, "multiple": bool(bits & 1), "requeue": bool(bits & 2)}


def _reject(reader: _Reader) -> dict[str, Any]:
    return {"tag": reader.number("Q"), "multiple": False, "requeue": bool(reader.number("B") & 1)}


def _deliver(reader: _Reader) -> dict[str, Any]:
    reader.text()
    return {"tag": reader.number("Q")}


def _consume(reader: _Reader) -> dict[str, Any]:
    reader.number("H"), reader.text(), reader.text()
    return {"automatic": bool(reader.number("B") & 2)}


def _get(reader: _Reader) -> dict[str, Any]:
    reader.number("H"), reader.text()
    return {"automatic": bool(reader.number("B") & 1)}


def _publish(reader: _Reader) -> dict[str, Any]:
    reader.number("H")
    exchange, _key = reader.text(), reader.text()
    return {"exchange": exchange, "mandatory": bool(reader.number("B") & 1)}


def _tune_ok(reader: _Reader) -> dict[str, Any]:
    reader.number("H"), reader.number("I")
    return {"heartbeat": reader.number("H")}


_READ = {
    "ack": _tag_and_bits,
    "nack": _tag_and_bits,
    "reject": _reject,
    "deliver": _deliver,
    "get-ok": lambda reader: {"tag": reader.number("Q")},
    "consume": _consume,
    "get": _get,
    "publish": _publish,
    "tune-ok": _tune_ok,
}
