"""A workspace full of canaries, and the corpora that are run against it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

CANARY = "CANARY"  # in every value, name and definition that the role analyst must not see
FOLDER = Path(__file__).parent
VISIBLE = (FOLDER / "visible.sql").read_text("utf-8")
HIDDEN = (FOLDER / "hidden.sql").read_text("utf-8")


@dataclass(frozen=True)
class Statement:
    """One line of a corpus: its class, its text, and whether it is marked with `mark`."""

    group: str
    sql: str
    mark: str = ""


def read_corpus(name: str, *, marks: str = "~") -> list[Statement]:
    """The statements of one file, in order; a mark is one character and a space before the text."""
    return list(_read((FOLDER / name).read_text("utf-8"), marks))


def _read(text: str, marks: str) -> Iterator[Statement]:
    group = ""
    for line in text.splitlines():
        if line.startswith("## "):
            group = line[3:]
        elif line.strip() and not line.startswith("# "):
            marked = line[0] in marks and line[1:2] == " "
            yield Statement(group, line[2:] if marked else line, line[0] if marked else "")


def make_place(root: Path) -> Path:
    """The workspace's folder, its warehouse with everything that must stay hidden."""
    (root / "data").mkdir(parents=True)
    (root / "metrics").mkdir()
    shutil.copy(FOLDER / "transect.toml", root)
    shutil.copy(FOLDER / "metrics.yml", root / "metrics" / "all.yml")
    (root / "data" / "CANARY_file.csv").write_text("a,b\nCANARY_csv,1\n")
    with duckdb.connect(str(root / "data" / "warehouse.duckdb")) as connection:
        connection.execute(VISIBLE)
        connection.execute(HIDDEN)
    return root


def plain_database(path: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB itself on the visible tables and columns, made by hand, with no guard: what honest SQL gives."""
    connection = duckdb.connect(str(path / "warehouse.duckdb"), config={"python_enable_replacements": "false"})
    connection.execute("set TimeZone = 'Europe/Oslo'")
    connection.execute(VISIBLE)
    connection.execute("create view v_users as select id, country from users")
    return connection
