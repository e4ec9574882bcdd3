"""Why DuckDB could not read a file, in our own words, with the fix."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tools.errors import InvalidInput, TransectError

_DAMAGE = ("not a valid DuckDB", "orrupt", "enough bytes", "read from file", "erializ", "checksum")


def file_error(path: Path, raw: str) -> TransectError:
    """The error to raise for what DuckDB said about the file at `path`."""
    name = str(path)
    if path.is_dir():
        return InvalidInput(
            f"The warehouse {name!r} is a folder, not a DuckDB file.", value=name, where="transect.toml"
        )
    if is_damage(raw):
        return InvalidInput(
            f"The warehouse {name!r} is damaged or is not a DuckDB file.",
            value=name,
            hint="Rebuild it with `transect demo` or `transect init`, or restore it from a copy.",
            where="transect.toml",
        )
    if "lock" in raw.lower() or "different configuration" in raw or "already attached" in raw:
        return TransectError(
            f"The warehouse {name!r} is open for writing elsewhere.",
            code="warehouse_locked",
            value=name,
            hint="Close the program that writes to it, or wait until it has finished; then ask again.",
        )
    if "ermission" in raw:
        return TransectError(
            f"The warehouse {name!r} may not be read by this user.", value=name, hint="Check its permissions."
        )
    if "version" in raw or "storage" in raw:
        return InvalidInput(
            f"The warehouse {name!r} was written by another version of DuckDB than {duckdb.__version__}.",
            value=name,
            hint="Export it with that version and load it again.",
        )
    return TransectError(f"The warehouse {name!r} cannot be read by DuckDB {duckdb.__version__}.", value=name)


def is_damage(raw: str) -> bool:
    """Whether DuckDB's text says that the file's content is not what it should be."""
    return any(part in raw for part in _DAMAGE)
