"""Files into tables of one DuckDB database, with an account of every row."""

from __future__ import annotations

import gzip
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from tools.errors import InvalidInput
from tools.ingest.column_types import NO_VALUES, ColumnType, infer_column
from tools.ingest.name_tables import name_table
from tools.ingest.parsed import Parsed
from tools.ingest.read_csv import read_csv
from tools.ingest.read_json import read_json
from tools.ingest.read_parquet import read_parquet
from tools.ingest.report import REPORTED_SHOWN, DeclinedFile, LoadedTable, LoadReport, ReportedRow

Progress = Callable[[str], None]
_JSON = {".jsonl", ".ndjson", ".json"}
_PARQUET = {".parquet", ".pq"}
_DUCKDB = {".duckdb", ".ddb", ".db"}


def load_files(
    files: Sequence[Path],
    *,
    database: Path,
    reported: Callable[[ReportedRow], None] | None = None,
    progress: Progress | None = None,
) -> LoadReport:
    """Load each file into a table of `database`, or decline it with file, line and reason.

    Arguments:
        database: the DuckDB file to write; created when absent.
        reported: called with every row that was not loaded.
        progress: called with one line a file.

    Raises:
        InvalidInput: no file could be loaded, or a .duckdb file came with others.
    """
    if not files:
        raise InvalidInput("no data files were given", hint="transect init DIR --data FILE...")
    if any(_is_database(path) for path in files):
        return _in_place(files)
    tables: list[LoadedTable] = []
    declined: list[DeclinedFile] = []
    taken: set[str] = set()
    shown = _shown_names(files)
    with tempfile.TemporaryDirectory(prefix="transect-") as scratch, duckdb.connect(str(database)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set preserve_insertion_order = true")
        for path, name in zip(files, shown, strict=True):
            if progress:
                progress(f"reading {name}")
            try:
                table = _load(connection, path, name, taken, Path(scratch), reported)
            except InvalidInput as error:
                declined.append(_declined(name, error))
            else:
                tables.append(table)
                taken.add(table.table)
    if not tables:
        reasons = "\n".join(f"{d.file}:{d.line}: {d.reason}" for d in declined)
        where = f"{declined[0].file}:{declined[0].line}"
        raise InvalidInput(f"nothing could be loaded:\n{reasons}", code="nothing_loaded", where=where)
    return LoadReport(tuple(tables), tuple(declined))


def _in_place(files: Sequence[Path]) -> LoadReport:
    from tools.ingest.open_duckdb import describe_duckdb

    if len(files) > 1:
        raise InvalidInput(
            "a DuckDB database is used where it lies and cannot be mixed with other files",
            value=[path.name for path in files],
            hint="give the .duckdb file alone, or load the others into it first",
        )
    return describe_duckdb(files[0])


def _is_database(path: Path) -> bool:
    if path.suffix.lower() in _DUCKDB or not path.is_file():
        return path.suffix.lower() in _DUCKDB
    with path.open("rb") as stream:
        return stream.read(12)[8:] == b"DUCK"


def _load(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    shown: str,
    taken: set[str],
    scratch: Path,
    reported: Callable[[ReportedRow], None] | None,
) -> LoadedTable:
    _check_file(path, shown)
    kind = _kind(path)
    table = name_table(path, taken=taken)
    if kind == "parquet":
        return read_parquet(connection, path, table=table, shown=shown)
    path = _unpacked(path, shown, scratch)
    canonical = scratch / "canonical.csv"
    read = read_json if kind == "json" else read_csv
    parsed = read(path, canonical=canonical, shown=shown)
    for row in parsed.reported if reported else ():
        reported(row)  # type: ignore[misc]
    if not parsed.rows_kept:
        why = "a header and no rows" if not parsed.rows_in_file else f"none of its {parsed.rows_in_file} rows fits"
        line = parsed.reported[0].line if parsed.reported else 1
        raise InvalidInput(why, where=f"{shown}:{line}")
    return _typed_table(connection, parsed, canonical, table)


def _typed_table(connection: duckdb.DuckDBPyConnection, parsed: Parsed, canonical: Path, table: str) -> LoadedTable:
    staged = [f"c{i}" for i in range(len(parsed.names))]
    columns = ", ".join(f"'{c}': 'VARCHAR'" for c in staged) + ", 'line': 'BIGINT'"
    path = str(canonical).replace("'", "''")
    connection.execute(
        f"create or replace temp table staged as select * from read_csv('{path}', columns = {{{columns}}}, "
        "auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', new_line = '\\n', "
        "max_line_size = 300000000, parallel = false, strict_mode = true)"
    )
    found_types = _infer(connection, staged, parsed)
    selected: list[str] = []
    kinds: dict[str, str] = {}
    headers: dict[str, str] = {}
    units: dict[str, str] = {}
    notes = list(parsed.notes)
    for name, header in zip(parsed.names, parsed.headers, strict=True):
        found = found_types[name]
        if not header.strip() and found.note == NO_VALUES:
            notes.append(f"column {len(selected) + 1} has neither name nor values and was left out")
            continue
        selected.append(f'{found.expression} as "{name}"')
        kinds[name], headers[name] = found.type, header
        if found.unit:
            units[name] = found.unit
        if found.note and found.note != NO_VALUES:  # said with the assumptions about the table
            notes.append(f"{name}: {found.note}")
    connection.execute(f'create table "{table}" as select {", ".join(selected)} from staged order by line')
    loaded = _count(connection, table)
    connection.execute("drop table staged")
    if loaded != parsed.rows_kept or loaded + len(parsed.reported) != parsed.rows_in_file:
        raise AssertionError(f"{parsed.file}: {parsed.rows_in_file} rows, {loaded} loaded")
    changed = [f"{h.strip()!r} as {n}" for n, h in headers.items() if h != n and h.strip()]
    if changed:
        notes.append(f"columns renamed: {', '.join(changed)}")
    numbered = [n for n, h in headers.items() if not h.strip()]
    if numbered:
        notes.append(f"columns without a name: {', '.join(numbered)}")
    return LoadedTable(
        table=table,
        file=parsed.file,
        rows_in_file=parsed.rows_in_file,
        rows_loaded=loaded,
        rows_reported=len(parsed.reported),
        columns=kinds,
        headers=headers,
        units=units,
        blank_lines=parsed.blank_lines,
        reported=tuple(parsed.reported[:REPORTED_SHOWN]),
        notes=tuple(notes),
    )


def _infer(connection: duckdb.DuckDBPyConnection, staged: list[str], parsed: Parsed) -> dict[str, ColumnType]:
    """A type for each column; dates that read both ways follow the other dates of the file."""

    def infer(column: str, name: str, date_order: str = "") -> ColumnType:
        return infer_column(
            connection, table="staged", column=column, name=name, delimiter=parsed.delimiter, date_order=date_order
        )

    columns = dict(zip(parsed.names, staged, strict=True))
    found = {name: infer(column, name) for name, column in columns.items()}
    orders = {t.note for t in found.values() if t.note.startswith("dates read with the")}
    if len(orders) == 1:
        order = orders.pop()
        found |= {name: infer(columns[name], name, order) for name, t in found.items() if t.ambiguous}
    return found


def _check_file(path: Path, shown: str) -> None:
    if not path.exists():
        raise InvalidInput("there is no such file", where=f"{shown}:0", value=str(path))
    if path.is_dir():
        raise InvalidInput("this is a folder; name the files in it", where=f"{shown}:0")


def _kind(path: Path) -> str:
    suffixes = [s.lower() for s in path.suffixes]
    last = suffixes[-2] if len(suffixes) > 1 and suffixes[-1] == ".gz" else (suffixes[-1] if suffixes else "")
    with path.open("rb") as stream:
        head = stream.read(4)
    if head == b"PAR1" or last in _PARQUET:
        return "parquet"
    return "json" if last in _JSON or head[:2] == b'{"' else "csv"


def _unpacked(path: Path, shown: str, scratch: Path) -> Path:
    with path.open("rb") as stream:
        if stream.read(2) != b"\x1f\x8b":
            return path
    name = path.name[:-3] if path.name.lower().endswith(".gz") else path.name
    target = scratch / (Path(name).stem[:40] + Path(name).suffix)
    try:
        with gzip.open(path) as packed, target.open("wb") as out:
            shutil.copyfileobj(packed, out, 1 << 20)
    except (OSError, EOFError) as error:
        raise InvalidInput(f"the gzip archive is damaged: {error}", where=f"{shown}:0") from error
    return target


def _shown_names(files: Sequence[Path]) -> list[str]:
    """File names, with the parent folder where two files share a name."""
    names = [path.name for path in files]
    return [f"{p.resolve().parent.name}/{p.name}" if names.count(p.name) > 1 else p.name for p in files]


def _declined(shown: str, error: InvalidInput) -> DeclinedFile:
    _, _, line = error.where.rpartition(":")
    return DeclinedFile(shown, int(line) if line.isdigit() else 1, error.message)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f'select count(*) from "{table}"').fetchone()
    return int(row[0]) if row else 0
