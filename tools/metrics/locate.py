"""Where in a YAML file a value stands."""

from __future__ import annotations

from pathlib import Path


def locate(path: Path, keys: tuple[str | int, ...]) -> str:
    """`file:line` of the deepest part of `keys` that exists in the file."""
    from tools.workspace.yaml12 import open_yaml, show_path  # start-up: only faults need it

    tree = open_yaml(path)[0] if path.is_file() else None
    return f"{show_path(path)}:{tree.line_of(keys) if tree is not None else 1}"
