"""A file of sampled rows, column by column as numpy arrays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn, Protocol

import duckdb
import numpy as np
from numpy.typing import NDArray

from tools.errors import InvalidInput
from tools.estimation.factorise import Codes, factorise
from tools.estimation.file.header import find_column, read_header
from tools.estimation.tables import Floats, Ints
from tools.metrics.sql import quote

SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet", ".pq")
MEMORY_MB = 800
_FEW_LABELS = 50_000  # above it labels are told apart by two 64-bit hashes, which are far faster than a dictionary
_SHOWN = 8
_NUMBERS = "A missing number is an empty field or NA."
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_WHOLE, _REAL = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT"), ("FLOAT", "DOUBLE", "DECIMAL", "HUGEINT")


@contextmanager
def open_sample(path: Path) -> Iterator[SampleFile]:
    """A file of sampled rows; what is staged of it is gone afterwards.

    Raises:
        InvalidInput: no such file or kind of file, or not readable as what its name says.
    """
    kind = next((suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix)), "")
    if not path.is_file():
        raise InvalidInput(f"There is no file {str(path)!r}.", code="no_such_file", value=str(path), where=str(path))
    if not kind:
        raise InvalidInput(
            f"{path.name!r} is no kind of file that is estimated from.",
            code="file_kind",
            value=path.name,
            allowed=SUFFIXES,
            where=str(path),
        )
    with TemporaryDirectory(prefix="transect-") as folder:
        connection = duckdb.connect(
            config={
                "memory_limit": f"{MEMORY_MB}MB",
                "temp_directory": str(Path(folder) / "spill"),
                "python_enable_replacements": "false",
                "autoinstall_known_extensions": "false",
                "allow_community_extensions": "false",
            }
        )
        link = Path(folder) / f"source{kind}"  # a plain name keeps the path out of globs and quotes
        link.symlink_to(path.resolve())
        try:
            kind_of = _Parquet if kind in (".parquet", ".pq") else _Text
            yield SampleFile(path.name, connection, kind_of(connection, path, link))
        except duckdb.Error as error:
            raise _unreadable(path.name, error, str(link)) from None
        finally:
            connection.close()


class _Stage(Protocol):
    """One kind of file."""

    header: tuple[str, ...]

    def read(self, names: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Make the table `sample` with these columns; the SQL and the type of each."""
        ...


class SampleFile:
    """Columns by name, once they are read. Row numbers in messages start at 1 below the column names."""

    def __init__(self, name: str, connection: duckdb.DuckDBPyConnection, stage: _Stage) -> None:
        self.name = name
        self.header = stage.header
        self.rows = 0
        self._connection = connection
        self._stage = stage
        self._columns: dict[str, tuple[str, str]] = {}

    def read(self, names: Sequence[str]) -> None:
        """Read these columns: of a text file in one pass, of a Parquet file when they are used.

        Raises:
            InvalidInput: no such column, or one named twice.
        """
        for name in names:
            find_column(name, self.header, file=self.name)
        self._columns = self._stage.read(list(dict.fromkeys(names)))
        self.rows = int(self._query("select count(*) from sample")[0][0])

    def numbers(self, name: str, *, flags: bool = False, hint: str = "") -> Floats:
        """(n,) numbers, NaN where missing; with `flags` true and false are 1 and 0.

        Raises:
            InvalidInput: a field that is no finite number, with its row.
        """
        column, kind = self._columns[name]
        read = f"try_cast({column} as double)"
        if flags and kind == "VARCHAR":
            read = f"coalesce({read}, case lower({column}) when 'true' then 1e0 when 'false' then 0e0 end)"
        found = self._fetch(f"case when {self._missing(name)} then null else coalesce({read}, 'nan'::double) end")
        values, missing = _unmask(found, np.nan)
        bad = ~np.isfinite(values) & ~missing
        if bad.any():
            row, count = int(np.argmax(bad)), int(bad.sum())
            self.refuse(row, name, "is not a number", code="not_a_number", rows=count, hint=hint or _NUMBERS)
        return np.asarray(values, dtype=np.float64)

    def labels(self, name: str, *, missing: bool = False) -> Codes:
        """(n,) codes of the column's values in sort order; -1 where missing, which is refused unless `missing`.

        Raises:
            InvalidInput: a missing label, with its row.
        """
        codes, absent = self._codes(name)
        if absent.any() and not missing:
            self.refuse(int(np.argmax(absent)), name, "is missing", code="missing_value", rows=int(absent.sum()))
        return codes

    def equals(self, name: str, value: str) -> Floats:
        """(n,) 1 where the column holds the value, 0 where another, NaN where none."""
        column, kind = self._columns[name]
        literal = "'" + value.replace("'", "''") + "'"
        same = f"{column}::varchar = {literal}"
        if _DECIMAL.fullmatch(value):
            whole = "true" if kind != "VARCHAR" else f"regexp_full_match({column}, '{_DECIMAL.pattern}')"
            same = f"({same} or coalesce({whole} and try_cast({column} as double) = {literal}::double, false))"
        elif kind == "BOOLEAN":
            same = f"lower({column}::varchar) = lower({literal})"
        found = self._fetch(f"case when {self._missing(name)} then null when {same} then 1e0 else 0e0 end")
        return np.asarray(_unmask(found, np.nan)[0], dtype=np.float64)

    def some_values(self, name: str) -> list[str]:
        """A few of the column's values, for messages."""
        column = self._columns[name][0]
        sql = (
            f"select distinct {column}::varchar from sample where not ({self._missing(name)}) order by 1 limit {_SHOWN}"
        )
        return [str(row[0]) for row in self._query(sql)]

    def refuse(self, row: int, name: str, fault: str, *, code: str, rows: int = 1, hint: str = "") -> NoReturn:
        """InvalidInput naming the row, the column and what stands there."""
        column = self._columns[name][0]
        value = self._query(f"select {column}::varchar from sample limit 1 offset {row}")[0][0]
        more = f" ({rows:,} such rows)" if rows > 1 else ""
        shown = "" if value is None or value == "" or fault == "is missing" else f": {value}"
        raise InvalidInput(
            f"Row {row + 1:,} of {self.name}: column {name!r} {fault}{shown}{more}.",
            code=code,
            value=value,
            hint=hint,
            where=f"{self.name}: row {row + 1}, column {name}",
        )

    def _codes(self, name: str) -> tuple[Codes, NDArray[np.bool_]]:
        column, kind = self._columns[name]
        absent = self._missing(name)
        if kind.removeprefix("U") in _WHOLE or (kind == "VARCHAR" and self._is_whole(name)):
            read = column if kind == "UBIGINT" else f"{column}::bigint"
            values, missing = _unmask(self._fetch(f"case when {absent} then null else {read} end"), 0)
            return _hide(factorise(values[~missing]), missing), missing
        text = f"case when {absent} then null else {column}::varchar end"
        few = int(self._query(f"select approx_count_distinct({text}) from sample")[0][0]) <= _FEW_LABELS
        return self._by_dictionary(text) if few else self._by_hash(text)

    def _by_dictionary(self, text: str) -> tuple[Codes, NDArray[np.bool_]]:
        distinct = f"select distinct {text} as label from sample where {text} is not null order by 1"
        self._connection.execute(f"create or replace temp table labels as {distinct}")
        labels = np.array([row[0] for row in self._query("select label from labels order by 1")], dtype=object)
        if not len(labels):
            return Codes(np.full(self.rows, -1), labels), np.ones(self.rows, dtype=bool)
        self._connection.execute("create type label as enum (select label from labels order by 1)")
        try:
            codes, missing = _unmask(self._fetch(f"enum_code(({text})::label)::integer"), -1)
        finally:
            self._connection.execute("drop type label")
        return Codes(codes.astype(np.int64), labels), missing

    def _by_hash(self, text: str) -> tuple[Codes, NDArray[np.bool_]]:
        first, missing = _unmask(self._fetch(f"case when {text} is null then null else hash({text}) end"), 0)
        found = factorise(first[~missing])
        second, _ = _unmask(self._fetch(f"hash({text} || '|')"), 0)
        again = second[~missing]
        typical = np.empty(len(found.labels), dtype=again.dtype)
        typical[found.code] = again
        if np.any(typical[found.code] != again):  # two labels of one hash: tell them apart by both
            pairs = np.unique(np.stack([first[~missing], again]), axis=1, return_inverse=True)[1].ravel()
            found = factorise(pairs)
        return _hide(found, missing), missing

    def _is_whole(self, name: str) -> bool:
        """Whether every label is an integer as integers are written, so that digits with padding stay text."""
        column = self._columns[name][0]
        canonical = (
            f"bool_and({self._missing(name)} or coalesce(try_cast({column} as bigint)::varchar = {column}, false))"
        )
        return bool(self._query(f"select {canonical} from sample")[0][0])

    def _missing(self, name: str) -> str:
        column, kind = self._columns[name]
        return f"({column} is null or {column} in ('', 'NA'))" if kind == "VARCHAR" else f"{column} is null"

    def _fetch(self, expression: str) -> Any:
        return self._connection.execute(f"select {expression} as v from sample").fetchnumpy()["v"]

    def _query(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()


class _Text:
    """A CSV or TSV file. The named columns are read as text; nothing is guessed from the data."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, link: Path) -> None:
        self._separator, self.header = read_header(path)
        self._connection = connection
        self._link = link

    def read(self, names: Sequence[str]) -> dict[str, tuple[str, str]]:
        places = {name: self.header.index(name) for name in names}
        spec = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(self.header)))
        chosen = ", ".join(f"c{place}" for place in sorted(places.values()))
        self._connection.execute(
            f"create temp table sample as select {chosen} from read_csv('{self._link}', auto_detect = false, "
            f"header = true, columns = {{{spec}}}, delim = '{self._separator}', quote = '\"', escape = '\"', "
            "null_padding = false)"
        )
        return {name: (f"c{place}", "VARCHAR") for name, place in places.items()}


class _Parquet:
    """A Parquet file, read in place; columns that are neither numbers nor flags are read as text."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, link: Path) -> None:
        connection.execute(f"create temp view sample as select * from read_parquet('{link}')")
        described = connection.execute("describe sample").fetchall()
        self._kinds = {str(row[0]): str(row[1]).partition("(")[0] for row in described}
        self.header = tuple(self._kinds)

    def read(self, names: Sequence[str]) -> dict[str, tuple[str, str]]:
        known = (*_WHOLE, *_REAL, "BOOLEAN")
        return {
            name: (quote(name), self._kinds[name])
            if self._kinds[name].lstrip("U") in known
            else (f"{quote(name)}::varchar", "VARCHAR")
            for name in names
        }


def _unmask(found: Any, fill: Any) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """A column as an array with `fill` where it is null, and where that is."""
    if isinstance(found, np.ma.MaskedArray):
        return found.filled(fill), np.ma.getmaskarray(found)
    return np.asarray(found), np.zeros(len(found), dtype=bool)


def _hide(found: Codes, missing: NDArray[np.bool_]) -> Codes:
    if not missing.any():
        return found
    code: Ints = np.full(len(missing), -1, dtype=np.int64)
    code[~missing] = found.code
    return Codes(code, found.labels)


def _unreadable(name: str, error: duckdb.Error, link: str) -> InvalidInput:
    """What is wrong, without the file's content: DuckDB would print the line."""
    line = re.search(r"CSV Error on Line: (\d+)", str(error))
    if line is not None:
        fault, where = (
            f"line {int(line[1]):,} has another number of fields than the first, or broken quotes",
            f"{name}:{line[1]}",
        )
    else:
        fault, where = str(error).partition("\n")[0].partition("LINE ")[0].replace(link, name).strip(), name
    return InvalidInput(
        f"{name} cannot be read: {fault.rstrip('.')}.",
        code="unreadable_file",
        value=name,
        hint="A text file is UTF-8, with one line of column names and as many fields on every line.",
        where=where,
    )
