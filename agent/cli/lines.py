"""JSON lines on stdin: one request a line, one answer a line, in the same order."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn

from tools.errors import InvalidInput, TransectError

_LINE_BYTES = 1 << 22


@dataclass(frozen=True)
class Line:
    """One request: its id as given, and the text under the command's key."""

    id: Any
    text: str


def read_lines(key: str) -> Iterator[Line | InvalidInput]:
    """Every line of stdin as a request, or what is wrong with it. A request is `{"id": ..., "<key>": "..."}`."""
    for number, raw in enumerate(_bounded(_stdin()), start=1):
        try:
            yield _read_line(raw, key)
        except InvalidInput as error:
            error.where = f"line {number}"
            yield error


def answer_each(key: str, answer: Callable[[Line], Any], *, invalid: Callable[[InvalidInput], Any]) -> None:
    """Print one JSON line per line read. A request that fails is answered with its error; the rest goes on."""
    from agent.cli.output import print_json_line  # start-up

    for line in read_lines(key):
        print_json_line(invalid(line) if isinstance(line, InvalidInput) else answer(line))


def check_text(text: str, *, name: str) -> str:
    """The text, stripped; InvalidInput when it is empty or not text at all (bytes that are not UTF-8)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidInput(f"The {name} is not valid UTF-8 text.", value=ascii(text)) from None
    if not text.strip():
        raise InvalidInput(f"The {name} is empty.", value=text)
    return text.strip()


def failure_of(error: Exception) -> TransectError:
    """What a failed request says; an interruption ends the batch, whatever error came of it."""
    from agent.cli.failure import describe_failure  # start-up
    from agent.cli.interruption import was_interrupted

    if was_interrupted():
        raise KeyboardInterrupt from error
    return describe_failure(error)[0]


def read_stdin() -> str:
    """All of stdin as text; bytes that are not UTF-8 are kept as surrogates, for `check_text` to name."""
    return _stdin().read().decode("utf-8-sig", "surrogateescape")


def _bounded(stream: BinaryIO) -> Iterator[bytes]:
    """Its lines; of one that is longer than any request no more is kept than shows that it is."""
    while raw := stream.readline(_LINE_BYTES + 1):
        rest = raw
        while len(rest) > _LINE_BYTES and not rest.endswith(b"\n"):
            rest = stream.readline(_LINE_BYTES + 1)
        yield raw


def _stdin() -> BinaryIO:
    if sys.stdin is None:
        raise InvalidInput("There is no stdin to read from.", code="usage")
    return sys.stdin.buffer


def _read_line(raw: bytes, key: str) -> Line:
    keys = ["id", key]
    if len(raw) > _LINE_BYTES:
        raise InvalidInput(f"This line is longer than {_LINE_BYTES:,} bytes.", value=_shorten(raw), allowed=keys)
    try:
        found = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "This line is not valid JSON.", value=_shorten(raw), allowed=keys, hint=str(error)[:200]
        ) from None
    if not isinstance(found, dict) or "id" not in found or not isinstance(found.get(key), str):
        message = f'This line is not an object with the keys "id" and "{key}" (text).'
        raise InvalidInput(message, value=_shorten(raw), allowed=keys, hint=f'{{"id": 1, "{key}": "..."}}')
    return Line(id=found["id"], text=found[key])


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _shorten(raw: bytes) -> str:
    return raw[:200].decode("utf-8", "replace").strip()
