"""Prompts are files: text with placeholders, each filled exactly once, checked when the file is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

_PLACEHOLDER = re.compile(r"\{\{([a-z_]+)\}\}")
_ROLE = re.compile(r"^# (system|user)\n", re.MULTILINE)


@dataclass(frozen=True)
class Prompt:
    """A prompt file, in parts by role.

    Attributes:
        system, user: the two parts; `{{name}}` is a placeholder.
        hash: sha256 of the file.
    """

    system: str
    user: str
    hash: str

    def placeholders(self) -> set[str]:
        """Every name that must be given."""
        return set(_PLACEHOLDER.findall(self.system + self.user))


def read_prompt(package: str, name: str, *, placeholders: set[str]) -> Prompt:
    """A prompt from a package's files: `# system`, its text, `# user`, its text.

    Args:
        package: such as `tools.labeling`.
        name: the file's path in it, such as `prompts/label.md`.
        placeholders: the names that the caller will fill.

    Raises:
        ValueError: the file's placeholders are others, or it lacks a part: a fault of the program.
        FileNotFoundError: likewise.
    """
    text = files(package).joinpath(name).read_text("utf-8")
    parts = _ROLE.split(text)
    if parts[0].strip() or parts[1::2] != ["system", "user"]:
        raise ValueError(f"{package}/{name} must have the parts '# system' and '# user', in this order")
    prompt = Prompt(parts[2].strip(), parts[4].strip(), sha256(text.encode()).hexdigest())
    if prompt.placeholders() != placeholders:
        raise ValueError(f"{package}/{name} has the placeholders {sorted(prompt.placeholders())}, not {placeholders}")
    return prompt


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in one pass: what is filled in is never searched for more of them.

    Raises:
        KeyError: a placeholder without a value.
    """
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)
