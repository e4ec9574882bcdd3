"""A CSV or Parquet file as a frame."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb

from tools.errors import InvalidInput, TransectError
from tools.sampling.write_file import copy_sql

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CSV, PARQUET = (".csv", ".tsv", ".csv.gz", ".tsv.gz"), (".parquet", ".pq")
MEMORY_MB = 800
_BLOCK = 1 << 20
_DELIMITERS = (",", "\t", ";", "|")


@contextmanager
def open_file(path: Path) -> Iterator[FileSource]:
    """The file as a source; what is staged of it is gone afterwards.

    A CSV file is read once, every column as the text it holds, so that ids keep their padding and drawn rows their
    bytes; its first line names the columns. A Parquet file is read in place.

    Raises:
        InvalidInput: no such file, another kind of file, or not readable as what its name says.
    """
    if not path.is_file():
        raise InvalidInput(f"There is no file {str(path)!r}.", code="no_such_file", value=str(path), where=str(path))
    state = _state(path)
    with TemporaryDirectory(prefix="transect-") as folder:
        connection = _connect(Path(folder))
        try:
            yield FileSource(path, connection, _stage(connection, path, Path(folder)), state=state)
        finally:
            connection.close()


class FileSource:
    """A file staged under the name `frame` in a database of its own."""

    relation = "frame"

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection, is_text: bool, *, state: _State) -> None:
        self._path = path
        self._connection = connection
        self._state = state
        self._fingerprint: str | None = None
        self.name = path.name
        self.is_text = is_text
        self.columns = {str(row[0]): str(row[1]) for row in self.query("describe frame")}

    def fingerprint(self) -> str:
        """Sixteen hex digits of sha256 over the file's bytes, which are read again only if it was written to."""
        if _state(self._path) != self._state:
            return file_fingerprint(self._path)
        if self._fingerprint is None:
            self._fingerprint = file_fingerprint(self._path)
        return self._fingerprint

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql).fetchall()
        except duckdb.Error as error:
            raise _failed(self._path, error, sql) from error

    def hashes(self, sql: str) -> NDArray[np.uint64]:
        import numpy as np  # start-up

        try:
            (column,) = self._connection.execute(sql).fetchnumpy().values()
        except duckdb.Error as error:
            raise _failed(self._path, error, sql) from error
        return np.asarray(column, dtype=np.uint64)

    def write(self, sql: str, path: Path) -> None:
        self.query(copy_sql(sql, path))


_State = tuple[int, int, int]


def _state(path: Path) -> _State:
    """What tells one state of a file from another without reading it."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def file_fingerprint(path: Path) -> str:
    """Sixteen hex digits of sha256 over a file's bytes."""
    digest = sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()[:16]


def is_file_name(name: str) -> bool:
    """Whether this names a kind of file that can be drawn from."""
    return name.lower().endswith(CSV + PARQUET)


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        str(folder / "stage.duckdb"),
        config={
            "memory_limit": f"{MEMORY_MB}MB",
            "temp_directory": str(folder / "spill"),
            "python_enable_replacements": "false",
            "autoinstall_known_extensions": "false",
            "allow_community_extensions": "false",
        },
    )


def _stage(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> bool:
    """Make `frame`; true when it holds text. A link with a plain name keeps the path out of globs and quotes."""
    kind = next((suffix for suffix in CSV + PARQUET if path.name.lower().endswith(suffix)), "")
    if not kind:
        raise InvalidInput(
            f"{path.name!r} is no kind of file that can be drawn from.",
            code="file_kind",
            value=path.name,
            allowed=[*CSV, *PARQUET],
            hint="For JSONL and other files: transect init, then name the table.",
            where=str(path),
        )
    link = folder / f"source{kind}"
    link.symlink_to(path.resolve())
    if kind in CSV:
        made = (
            f"create table frame as select * from read_csv('{link}', all_varchar = true, header = true, skip = 0, "
            f"delim = '{_delimiter(path)}', comment = '', quote = '\"', escape = '\"', null_padding = false)"
        )
    else:
        made = f"create view frame as select * from read_parquet('{link}')"
    try:
        connection.execute(made)
    except duckdb.Error as error:
        raise _unreadable(path, error) from None
    return kind in CSV


def _delimiter(path: Path) -> str:
    """What separates the names on the first line most often: a guess from the data could drop rows to make them fit."""
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
        first = stream.readline(_BLOCK)
    return max(_DELIMITERS, key=lambda delimiter: first.count(delimiter.encode()))


def _unreadable(path: Path, error: duckdb.Error) -> InvalidInput:
    first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    first = re.sub(r"[^\s'\"]*/source\.[a-z.]+", lambda _: path.name, first)  # the link that stands for it
    return InvalidInput(
        f"{path.name} cannot be read: {first}",
        code="unreadable_file",
        value=str(path),
        hint="A CSV file needs UTF-8, one line of column names, and as many fields on every line. transect init is "
        "more forgiving; then name the table.",
        where=str(path),
    )


def _failed(path: Path, error: duckdb.Error, sql: str) -> TransectError:
    if isinstance(error, duckdb.IOException | duckdb.InvalidInputException) and "arquet" in str(error):
        return _unreadable(path, error)
    first = str(error).strip().splitlines()[0]
    return TransectError(f"The draw from {path.name} failed: {first}", code="query_failed", value=sql)
