"""The prompts, read from agent/prompts when this module loads: a missing one stops the start."""

from __future__ import annotations

import re
from hashlib import sha256
from importlib.resources import files

_NAMES = ("planner", "question", "repair", "nothing_found")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_TEXTS = {name: files("agent.prompts").joinpath(f"{name}.md").read_text(encoding="utf-8") for name in _NAMES}

PROMPT_HASHES = {name: sha256(text.encode()).hexdigest()[:16] for name, text in _TEXTS.items()}


def fill_prompt(name: str, **values: str) -> str:
    """A prompt with every placeholder filled in.

    Raises:
        ValueError: a placeholder without a value, or a value without a placeholder.
    """
    text = _TEXTS[name]
    wanted = set(_PLACEHOLDER.findall(text))
    if wanted != set(values):
        raise ValueError(f"prompt {name!r}: placeholders and values differ: {sorted(wanted ^ set(values))}")
    return _PLACEHOLDER.sub(lambda m: values[m[1]], text)
