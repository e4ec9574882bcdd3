"""Table names from file names, in snake_case."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

_SUFFIXES = {".csv", ".tsv", ".tab", ".txt", ".psv", ".gz", ".parquet", ".pq", ".jsonl", ".ndjson", ".json", ".dat"}
_LONGEST = 80


def name_table(path: Path, *, taken: set[str]) -> str:
    """A free table name for `path`; the parent folder, then a number, tells namesakes apart."""
    base = _snake(_stem(path)) or "data"
    base = f"{base}_table" if base in reserved_words() else base
    parent = _snake(path.resolve().parent.name)
    for name in (base, f"{parent}_{base.removeprefix('t_')}"):
        if name not in taken:
            return name
    n = 2
    while f"{base}_{n}" in taken:
        n += 1
    return f"{base}_{n}"


def _stem(path: Path) -> str:
    name = path.name
    while (suffix := Path(name).suffix.lower()) in _SUFFIXES:
        name = name[: -len(suffix)]
    return name


def _snake(text: str) -> str:
    text = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", text.replace("&", " and "))
    name = re.sub(r"\W+", "_", text).lower()
    name = re.sub(r"_+", "_", name).strip("_")[:_LONGEST].strip("_")
    return f"t_{name}" if name[:1].isdigit() else name


@lru_cache(maxsize=1)
def reserved_words() -> frozenset[str]:
    """Words DuckDB does not accept as a bare table name."""
    import duckdb  # start-up

    connection = duckdb.connect()
    try:
        rows = connection.execute("select keyword_name from duckdb_keywords() where keyword_category <> 'unreserved'")
        return frozenset(str(row[0]) for row in rows.fetchall()) | {"main", "temp"}
    finally:
        connection.close()
