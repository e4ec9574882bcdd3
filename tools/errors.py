"""Every error transect raises on purpose, drawn as one tree.

TransectError            exit 1   something failed
  InvalidInput           exit 2   wrong usage, or a file that cannot be read as asked
    InvalidWorkspace     exit 2   every fault of a workspace at once, each with file and line
  Declined               exit 3   readable, but the answer is withheld or unsupported
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Reason = Literal[
    "no_data",
    "unsupported_cut",
    "underpowered",
    "uncorrectable",
    "stale",
    "not_permitted",
    "small_cell",
    "off_topic",
    "unsafe",
    "too_expensive",
]


class TransectError(Exception):
    """What was wrong, the value, what is allowed, and how to mend it."""

    exit_code = 1
    code = "failed"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        value: Any = None,
        allowed: Sequence[str] = (),
        hint: str = "",
        where: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code or type(self).code
        self.message = message
        self.value = value
        self.allowed = list(allowed)
        self.hint = hint
        self.where = where

    def to_dict(self) -> dict[str, Any]:
        """The `error` object of the CLI contract."""
        return {
            "code": self.code,
            "message": self.message,
            "value": self.value,
            "allowed": self.allowed,
            "hint": self.hint,
            "where": self.where,
        }


class InvalidInput(TransectError):
    """Wrong usage, or input that cannot be read as asked."""

    exit_code = 2
    code = "invalid_input"


@dataclass(frozen=True)
class Fault:
    """One mistake in a workspace file; `where` is `path:line`."""

    where: str
    message: str
    hint: str = ""


class InvalidWorkspace(InvalidInput):
    """Every fault found in a workspace, reported together."""

    code = "invalid_workspace"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        lines = [f"{f.where}: {f.message}" + (f" ({f.hint})" if f.hint else "") for f in faults]
        super().__init__(
            "The workspace has " + (f"{len(lines)} faults" if len(lines) > 1 else "a fault") + ":\n" + "\n".join(lines),
            where=faults[0].where if faults else "",
        )


class Declined(TransectError):
    """The input was understood; the answer is withheld or cannot be supported."""

    exit_code = 3
    code = "declined"

    def __init__(
        self,
        message: str,
        *,
        reason: Reason,
        rule: str = "",
        value: Any = None,
        allowed: Sequence[str] = (),
        hint: str = "",
        where: str = "",
    ) -> None:
        super().__init__(message, code=reason, value=value, allowed=allowed, hint=hint, where=where)
        self.reason: Reason = reason
        self.rule = rule or reason
