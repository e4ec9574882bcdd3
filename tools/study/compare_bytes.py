"""Where two versions of a file begin to differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tools.errors import TransectError

T = TypeVar("T")
_SHOWN = 160  # characters of a line


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it is computed again.

    Attributes:
        file: its name. what: a sentence.
        byte, line: where the bytes begin to differ, from 0 and from 1; None where no bytes were compared.
        stored, computed: that line in the folder, and as computed again.
    """

    file: str
    what: str
    byte: int | None = None
    line: int | None = None
    stored: str = ""
    computed: str = ""


@dataclass
class Findings:
    """What a verification found so far; `causes` lie behind differences of `files`."""

    same: list[str] = field(default_factory=list)
    causes: list[Difference] = field(default_factory=list)
    files: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def compare(self, path: Path, computed: bytes) -> None:
        """Byte for byte."""
        if not path.is_file():
            self.files.append(Difference(path.name, "is missing"))
            return
        stored = path.read_bytes()
        if stored == computed:
            self.same.append(path.name)
            return
        self.files.append(first_difference(path.name, stored, computed))

    def attempt(self, path: Path, make: Callable[[], T]) -> T | None:
        """What `make` gives; a difference of the file when it cannot be made."""
        try:
            return make()
        except TransectError as error:
            self.files.append(Difference(path.name, f"cannot be computed again: {error.message}"))
            return None


def first_difference(name: str, stored: bytes, computed: bytes) -> Difference:
    """The first byte and line in which the bytes differ."""
    shorter = min(len(stored), len(computed))
    at = next((i for i in range(shorter) if stored[i] != computed[i]), shorter)
    line = computed[:at].count(b"\n") + 1
    what = f"differs from byte {at:,} on (line {line:,})"
    if at == shorter:
        what = f"ends early, after byte {at:,}" if len(stored) < len(computed) else f"goes on after byte {at:,}"
    return Difference(name, what, at, line, _line(stored, at), _line(computed, at))


def _line(content: bytes, at: int) -> str:
    """The line around a byte, of long lines the part around it."""
    start = content.rfind(b"\n", 0, at) + 1
    end = content.find(b"\n", at)
    start, end = max(start, at - _SHOWN // 2), min(end if end >= 0 else len(content), at + _SHOWN // 2)
    return content[start:end].decode("utf-8", "replace")
