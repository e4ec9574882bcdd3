"""A text file of a workspace, and how faults name it."""

from __future__ import annotations

from pathlib import Path

from tools.errors import Fault

_MAX_BYTES = 10_000_000


def read_text(path: Path) -> tuple[str | None, Fault | None]:
    """A text file of the workspace as UTF-8, or the fault that says why not."""
    shown = show_path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        return None, Fault(f"{shown}:1", f"cannot be read: {error.strerror or error}")
    if len(raw) > _MAX_BYTES:
        return None, Fault(f"{shown}:1", f"is larger than {_MAX_BYTES // 1_000_000} MB", "split it into several files")
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return None, Fault(f"{shown}:{line}", f"is not UTF-8: byte {raw[error.start]:#04x}", "save it as UTF-8")


def show_path(path: Path) -> str:
    """The path as people would type it: relative when it lies below the current folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def in_line_order(faults: list[Fault]) -> list[Fault]:
    """Faults of one file by line; equal lines keep their order."""

    def line(fault: Fault) -> int:
        tail = fault.where.rpartition(":")[2]
        return int(tail) if tail.isdigit() else 0

    return sorted(faults, key=line)
