"""Plain scalars of the YAML 1.2 core schema: `NO` is a word, `1_000` is a word, `0o17` is 15."""

from __future__ import annotations

import math
import re

Scalar = str | int | float | bool | None

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+\Z", re.ASCII)
_BASED = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", re.ASCII)
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)\Z")
_MAX_DIGITS = 300  # far beyond any number a definition needs, far below where int() refuses


def read_plain(text: str) -> Scalar:
    """The value of an unquoted scalar (YAML 1.2.2, section 10.3.2). Timestamps, `yes` and `on` stay text.

    Raises:
        ValueError: a number with more than 300 digits.
    """
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if text[0] not in "-+.0123456789":
        return text
    if len(text) > _MAX_DIGITS and (_INT.match(text) or _BASED.match(text)):
        raise ValueError(f"a number of {len(text)} digits; quote it if it is text")
    if _INT.match(text):
        return int(text)
    if _BASED.match(text):
        return int(text, 0)
    if _FLOAT.match(text):
        return float(text)
    if _INFINITE.match(text):
        return -math.inf if text[0] == "-" else math.inf
    return math.nan if text in (".nan", ".NaN", ".NAN") else text


def read_tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar with an explicit core tag such as `!!str`.

    Raises:
        ValueError: a tag outside the core schema, or text that is not of the tag's type.
    """
    name = tag.removeprefix("tag:yaml.org,2002:")
    if name == "str" or tag == "!":
        return text
    kinds: dict[str, type | tuple[type, ...]] = {"int": int, "float": (int, float), "bool": bool, "null": type(None)}
    if name not in kinds:
        raise ValueError(f"the tag {tag!r} is not part of the core schema (!!str, !!int, !!float, !!bool, !!null)")
    value = read_plain(text)
    if not isinstance(value, kinds[name]) or (isinstance(value, bool) and name != "bool"):
        raise ValueError(f"{text!r} is not a !!{name}")
    return float(value) if name == "float" and isinstance(value, int) else value
