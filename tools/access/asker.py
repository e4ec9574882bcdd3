"""Who asks, and who will see the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Surface = Literal["cli", "chat", "python", "slack", "eval", "ci"]


@dataclass(frozen=True)
class Asker:
    """A person, the roles they hold, and the roles of everyone who will see the answer.

    Attributes:
        person: an identifier for the audit line, never shown to others.
        roles: roles of the asker; what any one of them allows, the asker may use.
        audience_roles: roles of the readers; every one of them must allow what is shown.
            Empty means the asker alone reads the answer.
        surface: where the question came from.
    """

    person: str
    roles: tuple[str, ...]
    audience_roles: tuple[str, ...] = ()
    surface: Surface = "cli"
