"""What a workspace holds besides answers: asking a question must leave all of it as it was."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_OURS = ".transect"
_COUNTED = ("effects", "attempts", "labels")


@dataclass(frozen=True)
class Footprint:
    """Files outside `.transect` by size and time of change; rows of effects, attempts and labels; audited actions."""

    files: frozenset[tuple[str, int, int]]
    rows: tuple[tuple[str, int], ...]
    actions: tuple[tuple[str, int], ...]


def take_footprint(directory: Path) -> Footprint:
    """The workspace as it stands. A store that does not exist yet holds nothing."""
    files = frozenset(
        (path.relative_to(directory).as_posix(), path.stat().st_size, path.stat().st_mtime_ns)
        for path in directory.rglob("*")
        if path.is_file() and _OURS not in path.relative_to(directory).parts
    )
    rows, actions = _count(directory / _OURS / "state.db")
    return Footprint(files, rows, actions)


def _count(store: Path) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]:
    import sqlite3  # start-up

    if not store.is_file():
        return (), ()
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        there = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
        rows = tuple(
            (name, connection.execute(f"select count(*) from {name}").fetchone()[0])
            for name in _COUNTED
            if name in there
        )
        audited = "select action, count(*) from audit group by 1 order by 1" if "audit" in there else None
        actions = tuple(connection.execute(audited).fetchall()) if audited else ()
    connection.close()
    return tuple((n, c) for n, c in rows if c), actions
