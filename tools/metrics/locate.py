"""Where in a YAML file a value stands, and faults in the order of where they stand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tools.errors import Fault


def locate(path: Path, keys: tuple[str | int, ...]) -> str:
    """`file:line` of the deepest part of `keys` that exists in the file."""
    from tools.workspace.yaml12 import open_yaml, show_path  # start-up: only faults need it

    tree = open_yaml(path)[0] if path.is_file() else None
    return f"{show_path(path)}:{tree.line_of(keys) if tree is not None else 1}"


def in_file_order(faults: Iterable[Fault]) -> list[Fault]:
    """Each fault once, by file and line."""

    def place(fault: Fault) -> tuple[str, int]:
        path, _, line = fault.where.rpartition(":")
        return path, int(line)

    return sorted(dict.fromkeys(faults), key=place)
