"""Labels as a file brings them: CSV, TSV, Parquet, or the JSON export of Label Studio."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from tools.errors import Fault
from tools.labeling.column_file import ColumnFile, parse_columns, read_bytes, read_columns

LABELLER = "labeller"
OPTIONAL = ("time", "policy", "version", "hash")
OUR_EXPORT = {"kind", "hash", "run", "recorded_at"}  # only there is `kind` who labelled; elsewhere it may be anything
MACHINES = ("embedded", "model")


@dataclass(frozen=True)
class GivenLabel:
    """One row of a file.

    Attributes:
        where: `file:line`, or the task of a Label Studio export.
        item, labeller: as written. label: None where the labeller gave none.
        outcome: label, or skip and abstain where the file says so.
        time: ISO 8601 in UTC, None when the file does not say.
        policy, version, hash: of the policy the label was given under, where the file says.
    """

    where: str
    item: str
    labeller: str
    label: str | None
    time: str | None = None
    outcome: Literal["label", "skip"] = "label"
    policy: str | None = None
    version: str | None = None
    hash: str | None = None


@dataclass(frozen=True)
class LabelFile:
    """A file's rows, and what is wrong with it; `machine` counts rows left out because a machine gave the label."""

    name: str
    raw: bytes
    rows: tuple[GivenLabel, ...]
    faults: tuple[Fault, ...]
    machine: int = 0


def read_label_file(
    path: Path,
    *,
    zone: ZoneInfo,
    item: str = "item",
    label: str = "label",
    labeller: str = LABELLER,
    by: str | None = None,
) -> LabelFile:
    """The labels of a file.

    Args:
        path: .json is Label Studio's export; anything else has a row per label.
        zone: of times that name none.
        item, label, labeller: columns; in an export of Label Studio `item` is the key of a task's data.
        by: who gave every label of a file without a labeller.

    Raises:
        InvalidInput: the file cannot be read as what it is.
    """
    if path.suffix.lower() == ".json":
        from tools.labeling.label_studio import read_label_studio  # start-up

        raw = read_bytes(path)
        rows, found = read_label_studio(path.name, raw, item=item, by=by, zone=zone)
        return LabelFile(path.name, raw, tuple(rows), tuple(found))
    wanted = [item, label] if by is not None else [item, label, labeller]
    raw = read_bytes(path) if path.is_file() else b""
    header = _read(path, raw, ()).header
    known = (*OPTIONAL, "kind") if set(header) >= OUR_EXPORT else OPTIONAL
    extra = [name for name in known if name in header and name not in wanted]
    machine = 0
    table = _read(path, raw, [*wanted, *extra])
    given: list[GivenLabel] = []
    faults: list[Fault] = []
    for line, fields in zip(table.lines, table.columns, strict=True):
        where = f"{path.name}:{line}"
        row = dict(zip([*wanted, *extra], (f.strip() if f else None for f in fields), strict=True))
        if row.get("kind") in MACHINES:  # taken in, it would pass for a label of a person
            machine += 1
            continue
        who, what = (by if by is not None else row[labeller]), row[item]
        if not what or not who:
            faults.append(Fault(where, f"has no {item if not what else labeller}"))
            continue
        try:
            time = read_time(row["time"], zone) if row.get("time") else None
        except ValueError as error:
            faults.append(Fault(where, f"the time {row['time']!r} is none: {error}", "write 2026-03-01T12:00:00Z"))
            continue
        policy, version, hash = row.get("policy"), row.get("version"), row.get("hash")
        given.append(GivenLabel(where, what, who, row[label] or None, time, "label", policy, version, hash))
    return LabelFile(path.name, raw, tuple(given), tuple(faults), machine)


def read_time(text: str | None, zone: ZoneInfo) -> str | None:
    """An ISO 8601 time as UTC to the microsecond; raises ValueError, also for one that is yet to come.

    What a labeller said last stands, so a label of the year 2062 would outlive every correction. A day is left for
    clocks and zones.
    """
    if not text:
        return None
    time = datetime.fromisoformat(text)
    try:
        time = (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise ValueError("a time out of range") from None
    if time > datetime.now(UTC) + timedelta(days=1):
        raise ValueError("a time yet to come")
    return time.isoformat()


def _read(path: Path, raw: bytes, names: list[str] | tuple[()]) -> ColumnFile:
    """The same bytes are parsed that are hashed."""
    if path.suffix.lower() in (".csv", ".tsv") and path.is_file():
        return parse_columns(path.name, raw, names, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
    return read_columns(path, names)
