"""How a command that lives outside this package ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ended:
    """One document for --json, the same as a page for people, and what they must hear on stderr."""

    document: Any
    page: str
    exit_code: int = 0
    warnings: tuple[str, ...] = ()
