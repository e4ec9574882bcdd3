"""Whether an assumption of a plan is a number in its range."""

from __future__ import annotations

import math

from tools.errors import InvalidInput


def check_number(
    name: str, value: float, *, above: float = -math.inf, below: float = math.inf, hint: str = ""
) -> float:
    """The value as it is, when above < value < below.

    Raises:
        InvalidInput: out of range or not a number; names what it is, the value and the range.
    """
    if not above < value < below:
        raise InvalidInput(
            f"{name} is {value:g}; it must be {_range(above, below)}.",
            code="usage",
            value=value if math.isfinite(value) else str(value),
            allowed=[_range(above, below)],
            hint=hint,
        )
    return value


def check_share(name: str, value: float, *, hint: str = "") -> float:
    """A share that is neither 0 nor 1."""
    return check_number(name, value, above=0, below=1, hint=hint)


def check_count(name: str, value: int, *, least: int = 1) -> int:
    """A whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidInput(
            f"{name} is {value}; it must be a whole number of at least {least:,}.",
            code="usage",
            value=value if isinstance(value, int) else str(value),
            allowed=[f"{least:,} and more"],
        )
    return value


def _range(above: float, below: float) -> str:
    if math.isinf(below):
        return f"above {above:g}" if math.isfinite(above) else "a number"
    return f"below {below:g}" if math.isinf(above) else f"between {above:g} and {below:g}"
