"""The frame of a study: rows of a table under its conditions, with a fingerprint of what they say."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from tools.access import Allowed, Asker, Usage, decide
from tools.errors import Declined, InvalidInput
from tools.metrics import catalog_of
from tools.metrics.conditions import predicate_sql
from tools.metrics.definitions import Dataset, Predicate
from tools.metrics.sql import Values, quote, quote_table, show_sql
from tools.metrics.time_column import TimeColumn, time_kind
from tools.sampling import open_table
from tools.study.spec import Frame, StratifiedDesign, StudySpec
from tools.warehouse import open_warehouse
from tools.warehouse.rows import Receipt
from tools.workspace import Workspace
from tools.workspace.nearest import nearest


@dataclass(frozen=True)
class Span:
    """First and last local day of some rows; None where they have no time."""

    first: date | None = None
    last: date | None = None


class FrameSource:
    """A source for `tools.sampling.draw` that shows the design's columns and nothing else of a row.

    Attributes:
        name: the table. unit: what a row is. id: its column. time: the column of the period, None without one.
        actor: the column of whom a row is about, for small cells; None where the frame has none that may be used.
        dataset: its name, None for a bare table.
        columns: column -> type, of what a drawn row carries.
        relation: the rows in SQL.
        min_cell: the least that a shown cell may hold, for everybody who will read the draft.
        receipts: of every statement that ran.
    """

    is_text = False

    def __init__(self, parts: _Parts, *, workspace: Workspace, asker: Asker, min_cell: int) -> None:
        self._warehouse = open_warehouse(workspace)
        self._asker = asker
        self._parts = parts
        self.name = parts.table
        self.unit, self.id, self.actor, self.dataset = parts.unit, parts.id, parts.actor, parts.dataset
        self.time = parts.time.column if parts.time else None
        self.columns = {column: parts.types[column] for column in parts.shown}
        self.relation = f"(select {', '.join(map(quote, parts.shown))} from {parts.rows()})"
        self.min_cell = min_cell
        self.receipts: list[Receipt] = []

    def fingerprint(self) -> str:
        """Sixteen hex digits over what the rows say in the design's columns, in whatever order and file they lie."""
        cells = " || ".join(_cell(column) for column in self.columns)
        halves = ", ".join(f"sum(('0x' || substr(h, {at}, 16))::ubigint)::varchar" for at in (1, 17))
        found = self.query(f"select count(*), {halves} from (select md5({cells}) as h from {self.relation})")[0]
        return sha256("|".join([*self.columns, *map(str, found)]).encode()).hexdigest()[:16]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        found = self._warehouse.run_compiled(sql, asker=self._asker)
        self.receipts.append(found.receipt)
        return found.rows

    def write(self, sql: str, path: Path) -> None:
        """Every value as its text: the same bytes on every machine."""
        columns = [str(row[0]) for row in self.query(f"describe {sql}")]
        rows = self.query(f"select {', '.join(f'{quote(c)}::varchar' for c in columns)} from ({sql})")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)

    def span(self) -> Span:
        """Days of the frame's rows."""
        return self._span(self._parts.rows())

    def span_of_data(self) -> Span:
        """Days of the rows that the frame would hold without its period."""
        return self._span(self._parts.rows(period=False))

    def actors_of(self, ids: Sequence[str]) -> dict[str, str]:
        """Drawn id -> whom the row is about; empty where the frame has nobody."""
        if self.actor is None:
            return {}
        listed = ", ".join("'" + each.replace("'", "''") + "'" for each in ids)
        key = f"{quote(self.id)}::varchar"
        rows = self.query(
            f"select {key}, {quote(self.actor)}::varchar from {self._parts.rows(more=f'{key} in ({listed})')}"
        )
        return {str(id): str(actor) for id, actor in rows}

    def _span(self, rows: str) -> Span:
        if self._parts.time is None:
            return Span()
        local = self._parts.time.local
        first, last = self.query(f"select min({local})::date, max({local})::date from {rows}")[0]
        return Span(first, last)


@dataclass(frozen=True)
class _Time:
    """The time column; `within` is the condition of the period, empty without one."""

    column: str
    local: str
    within: str


@dataclass(frozen=True)
class _Parts:
    """A frame resolved: names as the warehouse spells them."""

    table: str
    unit: str
    id: str
    dataset: str | None
    actor: str | None
    shown: tuple[str, ...]
    types: dict[str, str]
    conditions: tuple[str, ...]
    time: _Time | None

    def rows(self, *, period: bool = True, more: str = "") -> str:
        """`table where conditions`, for a FROM clause."""
        within = self.time.within if self.time and period else ""
        every = [each for each in (*self.conditions, within, more) if each]
        source = quote_table(self.table if "." in self.table else f"main.{self.table}")
        return source + (f" where {' and '.join(every)}" if every else "")


def open_frame(spec: StudySpec, *, workspace: Workspace, asker: Asker) -> FrameSource:
    """The frame that a study describes, when the asker may draw from it and the audience may read of it.

    Raises:
        InvalidInput: a dataset, table, column, value or period that cannot be.
        Declined: a role may not see it, or sees groups only.
    """
    dataset = _dataset(spec.frame, workspace, asker)
    inner = open_table(dataset.source if dataset else str(spec.frame.table), workspace=workspace, asker=asker)
    readers = replace(asker, audience_roles=(*asker.audience_roles, *spec.audience))
    columns = _Columns(inner.name, inner.columns, workspace, readers)
    parts = _resolve(spec, dataset, columns, zone=workspace.zone.key)
    used = frozenset(f"{inner.name}.{column}" for column in columns.used)
    allowed = decide(readers, Usage(tables=frozenset({inner.name}), columns=used), workspace.settings.access)
    if isinstance(allowed, Declined):
        raise allowed
    return FrameSource(parts, workspace=workspace, asker=asker, min_cell=allowed.min_cell)


def _dataset(frame: Frame, workspace: Workspace, asker: Asker) -> Dataset | None:
    if frame.dataset is None:
        return None
    policy = workspace.settings.access
    datasets = {
        name: dataset
        for name, dataset in catalog_of(workspace).datasets.items()
        if not isinstance(decide(asker, Usage(tables=frozenset({dataset.source})), policy), Declined)
    }
    if frame.dataset in datasets:
        return datasets[frame.dataset]
    near = nearest(frame.dataset, datasets)
    raise InvalidInput(
        f"There is no dataset {frame.dataset!r} that you may see.",
        code="no_such_source",
        value=frame.dataset,
        allowed=sorted(datasets),
        hint=f"Did you mean {near!r}?" if near else "Name a dataset of metrics/*.yml, or a table with `table:`.",
    )


class _Columns:
    """The columns of a table that may be used; `used` are those that were asked for, each with its type."""

    def __init__(self, table: str, visible: dict[str, str], workspace: Workspace, readers: Asker) -> None:
        self.table = table
        self._types = visible
        self._by_lower = {column.lower(): column for column in visible}
        self._all = {column.lower() for column in open_warehouse(workspace).tables()[table]}
        self._policy = workspace.settings.access
        self._readers = readers
        self.used: dict[str, str] = {}

    def find(self, name: str) -> str:
        """The column as the warehouse spells it."""
        if name.lower() in self._by_lower:
            column = self._by_lower[name.lower()]
            self.used[column] = self._types[column]
            return column
        refused = self._decide(name)
        if isinstance(refused, Declined):
            raise refused
        if name.lower() in self._all:
            raise Declined(
                f"The column {name!r} is item text, which no draw, stratum or breakdown reads.",
                reason="not_permitted",
                rule="item_text",
                value=name,
            )
        near = nearest(name, self._types)
        raise InvalidInput(
            f"{self.table} has no column {name!r}.",
            code="no_such_column",
            value=name,
            allowed=list(self._types),
            hint=f"Did you mean {near!r}?" if near else "",
            where=self.table,
        )

    def find_for_all(self, name: str | None) -> str | None:
        """The column, or None where there is none that everybody may use."""
        if name is None or name.lower() not in self._by_lower or isinstance(self._decide(name), Declined):
            return None
        return self.find(name)

    def find_for_asker(self, name: str | None) -> str | None:
        """The column that only counts rows of one person together; it is shown to nobody."""
        return None if name is None else self._by_lower.get(name.lower())

    def _decide(self, name: str) -> Allowed | Declined:
        return decide(self._readers, Usage(columns=frozenset({f"{self.table}.{name}"})), self._policy)


def _resolve(spec: StudySpec, dataset: Dataset | None, columns: _Columns, *, zone: str) -> _Parts:
    frame = spec.frame
    grain = dataset.grain if dataset else ()
    named = frame.id or (grain[0] if len(grain) == 1 else None)
    if named is None:
        raise InvalidInput(
            "The frame does not say which column is one unit's own.",
            code="no_id",
            hint="Add `id:` to the frame, or a grain of one column to the dataset.",
        )
    id = columns.find(named)
    wanted = [id, *_design_columns(spec, columns), *(columns.find(name) for name in spec.breakdowns)]
    conditions = _conditions([*(dataset.where if dataset else ()), *frame.where], columns)
    time = _time(frame, dataset, columns, zone=zone)
    shown = tuple(dict.fromkeys(wanted))
    return _Parts(
        table=columns.table,
        unit=frame.unit or (dataset.unit if dataset else "row"),
        id=id,
        dataset=dataset.name if dataset else None,
        actor=columns.find_for_asker(dataset.actor if dataset else None),
        shown=shown,
        types={column: columns.used[column] for column in shown},
        conditions=conditions,
        time=time,
    )


def _design_columns(spec: StudySpec, columns: _Columns) -> Iterable[str]:
    if isinstance(spec.design, StratifiedDesign):
        yield columns.find(spec.design.strata)
        if spec.design.spread is not None:
            yield columns.find(spec.design.spread)


def _conditions(predicates: Sequence[Predicate], columns: _Columns) -> tuple[str, ...]:
    found = []
    for predicate in predicates:
        column, values = columns.find(predicate.column), Values()
        sql = predicate_sql(predicate, quote(column), columns.used[column], values)
        found.append(show_sql(sql, tuple(values.bound)))
    return tuple(dict.fromkeys(found))


def _time(frame: Frame, dataset: Dataset | None, columns: _Columns, *, zone: str) -> _Time | None:
    if frame.time is None and frame.period is None:  # the days of the data are said where they may be known
        named = columns.find_for_all(dataset.time if dataset else None)
    else:
        named = frame.time or (dataset.time if dataset else None)
        if named is None:
            raise InvalidInput(
                "The frame has a period and no time column.", code="no_time", hint="Add `time: COLUMN` to the frame."
            )
        named = columns.find(named)
    if named is None:
        return None
    kind = time_kind(columns.used[named])
    if kind not in ("date", "timestamp", "zoned", "text"):
        if frame.period is None:
            return None
        raise InvalidInput(
            f"The column {named!r} holds {columns.used[named]}, which is no time.",
            code="no_time",
            value=named,
            allowed=["DATE", "TIMESTAMP", "text as ISO 8601"],
        )
    clock, values = TimeColumn(kind, zone), Values()
    within = ""
    if frame.period is not None:
        left = clock.comparable(quote(named))
        start, end = clock.bound(frame.period.start, values), clock.bound(frame.period.end, values)
        within = show_sql(f"{left} >= {start} and {left} < {end}", tuple(values.bound))
    return _Time(named, clock.wall_clock(quote(named)), within)


def _cell(column: str) -> str:
    """A value with its length before it, so that no two rows read alike; `-` for none."""
    text = f"{quote(column)}::varchar"
    return f"coalesce(length({text})::varchar || ':' || {text}, '-')"
