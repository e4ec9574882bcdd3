"""Calls that grow with a number in the text: declined above ten million, never silently shortened."""

from __future__ import annotations

import re
from typing import Any

from tools.errors import Declined

MAX_ARGUMENT = 10_000_000
_GROWING_WORDS = """
range generate_series generate_subscripts repeat repeat_row lpad rpad bitstring list_resize array_resize to_base
equi_width_bins bar format printf
"""
GROWING = frozenset(_GROWING_WORDS.split())
_WIDTH = re.compile(r"\d{8,}")


def check_arguments(name: str, call: dict[str, Any]) -> None:
    """Decline a growing function whose argument is above ten million, as far as the text alone tells.

    Arguments that only the data gives are left to the limits on memory and time.
    """
    if name not in GROWING:
        return
    for expression in _arguments(call):
        value = _number(expression)
        too_wide = name in ("format", "printf") and _WIDTH.search(_text(expression))
        if too_wide or (value is not None and not abs(value) <= MAX_ARGUMENT):
            raise Declined(
                f"An argument of {name!r} is above {MAX_ARGUMENT:,}.",
                reason="too_expensive",
                rule="argument",
                value=name,
                hint="Make it smaller, or read the numbers from a table.",
            )


def _arguments(call: dict[str, Any]) -> list[Any]:
    return [each["expression"] for each in call.get("arguments", ())]


def _number(item: Any) -> float | None:
    """The number that an expression of constants stands for; None when it holds anything else."""
    if not isinstance(item, dict):
        return None
    kind = item.get("class")
    if kind == "CONSTANT":
        return _read(_text(item))
    if kind == "CAST":
        return _number(item.get("child"))
    if kind == "FUNCTION" and item.get("is_operator", False):
        values = [_number(each) for each in _arguments(item)]
        known = [value for value in values if value is not None]
        return _apply(str(item["function_name"]), known) if len(known) == len(values) else None
    return None


def _apply(operator: str, values: list[float]) -> float | None:
    try:
        if len(values) == 1 and operator in "+-":
            return -values[0] if operator == "-" else values[0]
        if len(values) == 2:
            left, right = values
            simple = {"+": left + right, "-": left - right, "*": left * right}
            if operator in simple:
                return simple[operator]
            if operator in ("**", "^"):
                return float(left**right)
            if operator in ("/", "//") and right:
                return left / right
            if operator == "<<":
                return left * 2**right
    except (OverflowError, ValueError, TypeError):
        return float("inf")
    return None


def _text(constant: dict[str, Any]) -> str:
    literal = constant.get("literal") or {}
    found = literal.get("text", (constant.get("value") or {}).get("value", ""))
    return "" if found is None else str(found)


def _read(text: str) -> float | None:
    try:
        return float(text.replace("_", ""))
    except (ValueError, OverflowError):
        return None
