"""Data in a prompt: as JSON between marks that it cannot close."""

from __future__ import annotations

import json
from typing import Any

_MOST_CHARACTERS = 12_000


def as_data(value: Any) -> str:
    """JSON without angle brackets, so that no value of the data can end the block it stands in; cut when too long."""
    text = json.dumps(value, ensure_ascii=False, default=str, indent=None)
    text = text.replace("<", "\\u003c").replace(">", "\\u003e")
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + ' ... (cut)"'


def fence(value: Any) -> str:
    """The data between its marks."""
    return f"<data>\n{as_data(value)}\n</data>"
