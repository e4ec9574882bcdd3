"""Files of known totals: post-strata, margins, auxiliaries."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np

from tools.errors import InvalidInput
from tools.estimation.calibration import Calibration, CalibrationMethod
from tools.estimation.file.header import find_column, read_header
from tools.estimation.file.sample_file import SampleFile
from tools.estimation.tables import Floats, Ints
from tools.labeling.column_file import MISSING

INTERCEPT = "(Intercept)"
_UNREAD = np.zeros(0)  # weights are put in when they are known


@dataclass(frozen=True)
class KnownTotal:
    """A line of a file.

    Attributes:
        values: of the category columns; for margins one value, None for a number.
        columns: these columns; `(Intercept)` is the size of the population.
    """

    columns: tuple[str, ...]
    values: tuple[str | None, ...]
    total: float
    line: int


def read_totals(path: Path, *, method: CalibrationMethod) -> list[KnownTotal]:
    """The lines of a file: category columns and `total`, or `column,value,total`.

    Raises:
        InvalidInput: no such file or columns, a line twice, a total that is no number, or a category's not above 0.
    """
    if not path.is_file():
        raise InvalidInput(f"There is no file {str(path)!r}.", code="no_such_file", value=str(path), where=str(path))
    separator, header = read_header(path)
    find_column("total", header, file=path.name)
    cells = method == "post-stratification"
    if not cells:
        for name in ("column", "value"):
            find_column(name, header, file=path.name)
    elif len(header) < 2:
        _refuse(path, 1, "needs a column of categories beside `total`")
    found: list[KnownTotal] = []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for fields in (reader := csv.DictReader(stream, delimiter=separator)):
            found.append(_read_line(path, reader.line_num, fields, header, cells=cells))
    if not found:
        _refuse(path, 2, "has no line below the names")
    seen: dict[tuple[object, ...], int] = {}
    for line in found:
        key = (*line.columns, *line.values)
        if key in seen:
            _refuse(path, line.line, f"repeats line {seen[key]}", value=", ".join(map(str, key)))
        seen[key] = line.line
    return found


def columns_of(totals: Sequence[KnownTotal]) -> list[str]:
    """The sample's columns that these totals are of."""
    return list(dict.fromkeys(name for line in totals for name in line.columns if name != INTERCEPT))


def match_totals(
    path: Path, totals: Sequence[KnownTotal], sample: SampleFile, *, method: CalibrationMethod
) -> Calibration:
    """What each row of the sample adds to each total.

    Raises:
        InvalidInput: a category without a row, a row without a category, a missing or non-numeric auxiliary.
    """
    if method == "post-stratification":
        return _cells(path, totals, sample)
    if method == "raking":
        _check_margins(path, totals, sample)
    columns = []
    for line in totals:
        name, value = line.columns[0], line.values[0]
        if name == INTERCEPT:
            columns.append(np.ones(sample.rows))
            continue
        column = sample.numbers(name) if value is None else sample.equals(name, value)
        if np.isnan(column).any():
            absent = int(np.isnan(column).sum())
            sample.refuse(int(np.argmax(np.isnan(column))), name, "is missing", code="missing_value", rows=absent)
        if not column.any():
            _refuse(path, line.line, f"names {name} {value}, which no row of the sample has", value=value)
        columns.append(column)
    return Calibration(
        method=method,
        base=_UNREAD,
        totals=np.array([line.total for line in totals]),
        names=tuple(_name(line) for line in totals),
        auxiliary=np.stack(columns, axis=1),
    )


def _cells(path: Path, totals: Sequence[KnownTotal], sample: SampleFile) -> Calibration:
    """One post-stratum a row, as the combination of its categories."""
    names = totals[0].columns
    cell: Ints = np.full(sample.rows, -1, dtype=np.int64)
    matches: dict[tuple[str, str], Floats] = {}
    for name in names:
        sample.labels(name)  # every row has a category
    for place, line in enumerate(totals):
        inside = np.ones(sample.rows, dtype=bool)
        for name, value in zip(names, line.values, strict=True):
            assert value is not None
            if (name, value) not in matches:
                matches[name, value] = sample.equals(name, value)
            inside &= matches[name, value] == 1
        if not inside.any():
            _refuse(path, line.line, f"names {_name(line)}, which no row of the sample has", value=_name(line))
        cell[inside] = place
    if (cell < 0).any():
        row, count = int(np.argmax(cell < 0)), int((cell < 0).sum())
        sample.refuse(row, names[0], f"belongs to no cell of {path.name}", code="no_cell", rows=count)
    return Calibration(
        method="post-stratification",
        base=_UNREAD,
        totals=np.array([line.total for line in totals]),
        names=tuple(_name(line) for line in totals),
        cell=cell,
    )


def _check_margins(path: Path, totals: Sequence[KnownTotal], sample: SampleFile) -> None:
    """Every row has a category of every margin, and margins agree on the size; an intercept stands for one left out."""
    sizes: dict[str, float] = {}
    for name in columns_of(totals):
        lines = [line for line in totals if line.columns[0] == name]
        if any(line.values[0] is None for line in lines) or any(line.columns[0] == INTERCEPT for line in totals):
            continue
        sample.labels(name)  # none is missing
        covered = np.zeros(sample.rows, dtype=bool)
        for line in lines:
            covered |= sample.equals(name, str(line.values[0])) == 1
        if not covered.all():
            row, count = int(np.argmin(covered)), int((~covered).sum())
            sample.refuse(row, name, f"has no total in {path.name}", code="no_cell", rows=count)
        sizes[name] = sum(line.total for line in lines)
    if sizes and max(sizes.values()) - min(sizes.values()) > 1e-6 * max(sizes.values()):
        listed = ", ".join(f"{name} {size:,.10g}" for name, size in sizes.items())
        _refuse(path, 2, f"holds margins that do not agree on the size of the population: {listed}", value=listed)


def _read_line(path: Path, line: int, fields: dict[str, str], header: Sequence[str], *, cells: bool) -> KnownTotal:
    if None in fields or None in fields.values():
        _refuse(path, line, f"does not have {len(header)} fields")
    text = fields["total"]
    try:
        total = float(text)
    except ValueError:
        total = float("nan")
    if not np.isfinite(total):
        _refuse(path, line, f"has a total that is no number: {text!r}", value=text)
    if cells:
        columns = tuple(name for name in header if name != "total")
        values: tuple[str | None, ...] = tuple(fields[name] for name in columns)
        empty = [name for name, value in zip(columns, values, strict=True) if value in MISSING]
        if empty:
            _refuse(path, line, f"has no {empty[0]}", value="")
    else:
        columns, values = (fields["column"],), (fields["value"] if fields["value"] not in MISSING else None,)
    number = values[0] is None and columns[0] != INTERCEPT
    if total <= 0 and not number:
        _refuse(path, line, f"has a total that is not above 0: {text}", value=total)
    return KnownTotal(columns, values, total, line)


def _name(line: KnownTotal) -> str:
    return ", ".join(
        name if value is None else f"{name}={value}" for name, value in zip(line.columns, line.values, strict=True)
    )


def _refuse(path: Path, line: int, fault: str, *, value: object = None) -> NoReturn:
    raise InvalidInput(
        f"Line {line} of {path.name} {fault}.", code="invalid_totals", value=value, where=f"{path.name}:{line}"
    )
