"""Whether prose says that something rose or fell when its figure does not."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files

from tools.figure import Figure

_TEXT = tomllib.loads(files(__package__).joinpath("quantity_words.toml").read_text(encoding="utf-8"))
_RISING, _FALLING = frozenset(_TEXT["rising"].split()), frozenset(_TEXT["falling"].split())


def check_direction(text: str, changes: Sequence[Figure]) -> list[str]:
    """What is wrong with the direction that the prose gives, where all changes it can speak of point one way.

    Args:
        text: a model's prose.
        changes: the differences among the figures it may speak of.
    """
    known = [c for c in changes if c.value is not None]
    if not known:
        return []
    words = set(re.findall(r"[a-z]+", text.casefold()))
    unclear = any(c.low is not None and c.high is not None and c.low <= 0 <= c.high for c in known)
    if unclear and len(known) == 1 and words & (_RISING | _FALLING):
        return ["The interval of the change includes no change at all: say that it did not change measurably."]
    values = [c.value for c in known if c.value is not None]
    if words & _RISING and all(v <= 0 for v in values):
        return ["The figures did not rise."]
    if words & _FALLING and all(v >= 0 for v in values):
        return ["The figures did not fall."]
    return []
