"""What parent and child say to each other: length-prefixed JSON, so that nothing a child sends is ever executed."""

from __future__ import annotations

import json
import struct
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

HEADER = struct.Struct("!I")
_TAG = "$"


def pack(message: dict[str, Any]) -> bytes:
    """One frame."""
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return HEADER.pack(len(body)) + body


def unpack(body: bytes) -> dict[str, Any]:
    """The message of one frame; raises ValueError when it is none."""
    found = json.loads(body.decode("utf-8", "surrogatepass"))
    if not isinstance(found, dict):
        raise ValueError("a message is an object")
    return found


def encode(value: Any) -> Any:
    """A value of a row as JSON; what JSON lacks is an object with a tag."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {_TAG: "map", "v": [[encode(key), encode(item)] for key, item in value.items()]}
    if isinstance(value, tuple):
        return {_TAG: "tuple", "v": [encode(item) for item in value]}
    if isinstance(value, timedelta):
        return {_TAG: "timedelta", "v": [value.days, value.seconds, value.microseconds]}
    if isinstance(value, bytes | bytearray | memoryview):
        return {_TAG: "bytes", "v": bytes(value).hex()}
    kind = type(value).__name__.lower()
    return {_TAG: kind if kind in _DECODERS else "text", "v": str(value)}


def decode(value: Any) -> Any:
    """The value that was encoded."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind, inner = str(value[_TAG]), value["v"]
    if kind == "map":
        return {_hashable(decode(key)): decode(item) for key, item in inner}
    if kind == "tuple":
        return tuple(decode(item) for item in inner)
    if kind == "timedelta":
        return timedelta(*inner)
    return _DECODERS[kind](inner) if kind in _DECODERS else str(inner)


def size_of(value: Any) -> int:
    """Bytes a value takes, roughly; what `limits.result_bytes` counts."""
    if isinstance(value, str | bytes | bytearray):
        return len(value)
    if isinstance(value, list | tuple):
        return 8 + sum(size_of(inner) for inner in value)
    if isinstance(value, dict):
        return 8 + sum(size_of(key) + size_of(inner) for key, inner in value.items())
    return 8


def _hashable(key: Any) -> Any:
    return tuple(_hashable(item) for item in key) if isinstance(key, list) else key


_DECODERS: dict[str, Any] = {
    "decimal": Decimal,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "uuid": UUID,
    "bytes": bytes.fromhex,
}
