"""A number of a settings file: true, false and text are none."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator


def _read_number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{value!r} is not a number")
    return float(value)


Number = Annotated[float, BeforeValidator(_read_number)]
