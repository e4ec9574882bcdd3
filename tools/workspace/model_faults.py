"""pydantic's errors in our words, each on the line of the file that caused it."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from tools.errors import Fault
from tools.workspace.nearest import nearest

Loc = tuple[str | int, ...]


def model_faults(
    error: ValidationError, *, model: Any, path: str, line_of: Callable[[Loc], int], data: Any
) -> list[Fault]:
    """One fault for each place in the file, in line order; alternatives of a union are joined.

    Args:
        error: what pydantic raised for `data`.
        model: the type that was validated, to name its allowed keys.
        path: the file, as shown to people.
        line_of: from a pydantic location to a line of the file.
        data: the plain data, to tell keys from the names of union members in a location.
    """
    found: dict[Loc, list[tuple[str, str]]] = {}
    for item in error.errors(include_url=False):
        place = _in_file(item["loc"], data, keep_last=item["type"] in ("missing", "extra_forbidden"))
        message, hint = _say(item, place, model)
        found.setdefault(place, []).append((message, hint))
    faults = [(line_of(place), *_join(said)) for place, said in found.items()]
    return [Fault(f"{path}:{line}", message, hint) for line, message, hint in sorted(faults, key=lambda f: f[0])]


def _join(said: list[tuple[str, str]]) -> tuple[str, str]:
    """Alternatives of a union as one message."""
    messages = list(dict.fromkeys(message for message, _ in said))
    hints = list(dict.fromkeys(hint for _, hint in said if hint))
    if len(messages) == 1:
        return messages[0], "; ".join(hints)
    heads = {message.partition(": ")[0] for message in messages}
    if len(heads) == 1:
        tails = [message.partition(": ")[2] for message in messages]
        return f"{heads.pop()}: {', or '.join(tails)}", "; ".join(hints)
    return ", or ".join(messages), "; ".join(hints)


def _in_file(loc: Loc, data: Any, *, keep_last: bool) -> Loc:
    """The parts of a location that are keys or positions in the file, without union tags and member names."""
    place: list[str | int] = []
    for i, part in enumerate(loc):
        items = dict(enumerate(data)) if isinstance(data, list) else data
        if isinstance(items, dict) and part in items:
            data = items[part]
        elif not (keep_last and i == len(loc) - 1):
            continue
        place.append(part)
    return tuple(place)


def _say(item: Any, place: Loc, model: Any) -> tuple[str, str]:
    """Message and hint for one pydantic error."""
    kind, context, last = item["type"], item.get("ctx", {}), place[-1] if place else ""
    if kind == "extra_forbidden":
        allowed = _keys(model, item["loc"][:-1])
        near = nearest(str(last), allowed)
        return f"unknown key {str(last)!r}", f"did you mean {near!r}?" if near else _list("allowed", allowed)
    if kind == "missing":
        return f"the key {str(last)!r} is missing", ""
    if kind == "union_tag_not_found":
        return f"the key {context['discriminator']} is missing", ""
    if kind in ("union_tag_invalid", "literal_error", "enum"):
        raw = context.get("expected_tags") or context.get("expected", "")
        allowed = [w.strip(" '\"") for w in raw.replace(" or ", ", ").split(",")]
        value = str(context.get("tag", item["input"]))
        near = nearest(value, allowed)
        name = str(context.get("discriminator", last)).strip("'")
        return f"{name}: {value!r} is not one of {', '.join(allowed)}", f"did you mean {near!r}?" if near else ""
    named = next((part for part in reversed(place) if isinstance(part, str)), "")
    head = f"{named}: " if named else ""
    if kind in ("value_error", "assertion_error"):
        return head + str(context.get("error", item["msg"])), ""
    return head + _plain(item), "put it in quotes" if kind == "string_type" and _is_number(item["input"]) else ""


def _plain(item: Any) -> str:
    """pydantic's sentence without its vocabulary, with the value."""
    kinds = {
        "string_type": "must be text",
        "string_too_short": "must not be empty",
        "int_type": "must be a whole number",
        "int_parsing": "must be a whole number",
        "int_from_float": "must be a whole number",
        "float_type": "must be a number",
        "float_parsing": "must be a number",
        "bool_type": "must be true or false",
        "bool_parsing": "must be true or false",
        "too_short": "must not be empty",
        "tuple_type": "must be a list",
        "list_type": "must be a list",
        "dict_type": "must be a mapping of keys to values",
        "model_type": "must be a mapping of keys to values",
        "model_attributes_type": "must be a mapping of keys to values",
    }
    text = kinds.get(item["type"]) or item["msg"].removeprefix("Input ").replace("should ", "must ")
    value = item["input"]
    shown = "" if isinstance(value, (dict, list)) or value is None else f", not {value!r}"
    return "has no value; it " + text if value is None else text + shown


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float))


def _list(label: str, words: Iterable[str]) -> str:
    return f"{label}: {', '.join(words)}"


def _keys(model: Any, loc: Loc) -> list[str]:
    """Keys that the models at `loc` allow, as written in files."""
    types_here = _members(model)
    for part in loc:
        step = [inner for t in types_here for inner in _descend(t, part)]
        types_here = step or [t for t in types_here if _is_tag(t, part)] or types_here
    keys: dict[str, None] = {}
    for t in types_here:
        if isinstance(t, type) and issubclass(t, BaseModel):
            keys.update((field.alias or name, None) for name, field in t.model_fields.items())
    return list(keys)


def _descend(kind: Any, part: str | int) -> list[Any]:
    """The types of the item `part` of a value of type `kind`; empty when it has no such item."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [t for n, f in kind.model_fields.items() if part in (f.alias or n, n) for t in _members(f.annotation)]
    origin, args = get_origin(kind), get_args(kind)
    if origin in (tuple, list) and isinstance(part, int):
        return _members(args[0])
    return _members(args[1]) if origin is dict else []


def _members(kind: Any) -> list[Any]:
    """A type without Annotated, unions taken apart."""
    if get_origin(kind) is Annotated:
        return _members(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return [inner for arg in get_args(kind) for inner in _members(arg)]
    return [kind]


def _is_tag(kind: Any, part: str | int) -> bool:
    """Whether `part` is the discriminator value, or the name, of the model `kind`."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return False
    literals = [get_args(f.annotation) for f in kind.model_fields.values() if get_origin(f.annotation) is Literal]
    return part == kind.__name__ or any(part in values for values in literals)
