"""What stands between SQL text and harm, each part of it by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layers:
    """All on, always. The tests leave one out at a time, to show that the others hold without it.

    Attributes:
        projection: the database holds only what the role may see.
        engine_tree: DuckDB's own parse tree is checked against lists of what may be in it.
        second_parser: the text's tokens, and the tables that sqlglot finds.
        locked: read-only, no external access, settings locked.
        confined: no network, files or further memory for the process.
    """

    projection: bool = True
    engine_tree: bool = True
    second_parser: bool = True
    locked: bool = True
    confined: bool = True


EVERY_LAYER = Layers()
