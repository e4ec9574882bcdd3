"""A study's frame resolved: the names as the warehouse spells them, the conditions and the period as SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.access import Allowed, Asker, Usage, decide
from tools.errors import Declined, InvalidInput
from tools.metrics import catalog_of
from tools.metrics.conditions import predicate_sql
from tools.metrics.definitions import Dataset, Predicate
from tools.metrics.sql import Values, quote, quote_table, show_sql
from tools.metrics.time_column import TimeColumn, time_kind
from tools.study.spec import Frame, StratifiedDesign, StudySpec
from tools.warehouse import open_warehouse
from tools.workspace import Workspace
from tools.workspace.nearest import nearest


@dataclass(frozen=True)
class _Time:
    """The time column; `within` is the condition of the period, empty without one."""

    column: str
    local: str
    within: str


@dataclass(frozen=True)
class FrameParts:
    """A frame resolved.

    Attributes:
        table, unit, id: of the rows. dataset: its name, None for a bare table. actor: whom a row is about.
        shown: columns that a drawn row carries; types: theirs. conditions: SQL, all of which hold.
        filtered: some of them are required filters of the dataset. time: None without a time column.
    """

    table: str
    unit: str
    id: str
    dataset: str | None
    actor: str | None
    shown: tuple[str, ...]
    types: dict[str, str]
    conditions: tuple[str, ...]
    filtered: bool
    time: _Time | None

    def rows(self, *, period: bool = True, more: str = "") -> str:
        """`table where conditions`, for a FROM clause."""
        within = self.time.within if self.time and period else ""
        every = [each for each in (*self.conditions, within, more) if each]
        source = quote_table(self.table if "." in self.table else f"main.{self.table}")
        return source + (f" where {' and '.join(every)}" if every else "")


def find_dataset(frame: Frame, workspace: Workspace, asker: Asker) -> Dataset | None:
    """The dataset that a frame names, None for a bare table; raises InvalidInput when the asker sees none."""
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


class FrameColumns:
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


def resolve_frame(spec: StudySpec, dataset: Dataset | None, columns: FrameColumns, *, zone: str) -> FrameParts:
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
    return FrameParts(
        table=columns.table,
        unit=frame.unit or (dataset.unit if dataset else "row"),
        id=id,
        dataset=dataset.name if dataset else None,
        actor=columns.find_for_asker(dataset.actor if dataset else None),
        shown=shown,
        types={column: columns.used[column] for column in shown},
        conditions=conditions,
        filtered=bool(dataset and dataset.where),
        time=time,
    )


def _design_columns(spec: StudySpec, columns: FrameColumns) -> Iterator[str]:
    if isinstance(spec.design, StratifiedDesign):
        yield columns.find(spec.design.strata)
        if spec.design.spread is not None:
            yield columns.find(spec.design.spread)


def _conditions(predicates: Sequence[Predicate], columns: FrameColumns) -> tuple[str, ...]:
    found = []
    for predicate in predicates:
        column, values = columns.find(predicate.column), Values()
        sql = predicate_sql(predicate, quote(column), columns.used[column], values)
        found.append(show_sql(sql, tuple(values.bound)))
    return tuple(dict.fromkeys(found))


def _time(frame: Frame, dataset: Dataset | None, columns: FrameColumns, *, zone: str) -> _Time | None:
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
