"""Prose with placeholders: the writer's words hold no digit, so every number in an answer came from a tool."""

from __future__ import annotations

import re
import unicodedata

_PLACEHOLDER = re.compile(r"\{(\w+(?:\.\w+)?)\}")


def render(template: str, **values: str) -> str:
    """The template with its placeholders filled in.

    Raises:
        ValueError: a digit, of any script, outside the placeholders; a placeholder without a value; a value unused.
    """
    words = _PLACEHOLDER.sub("", template)
    typed = [c for c in words if unicodedata.category(c).startswith("N")]
    if typed:
        raise ValueError(f"a number was typed into the prose: {typed[0]!r} in {template!r}")
    wanted = set(_PLACEHOLDER.findall(template))
    if wanted != set(values):
        raise ValueError(f"placeholders and values differ: {sorted(wanted ^ set(values))}")
    return _PLACEHOLDER.sub(lambda m: values[m[1]], template)
