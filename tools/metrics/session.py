"""One query's run: what it reads, who asks, and what was sent to the warehouse."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tools.access import Asker
from tools.errors import Declined
from tools.metrics.catalog import Catalog
from tools.metrics.cut import Cut
from tools.metrics.definitions import Metric
from tools.metrics.outcome import CellKey
from tools.metrics.profile import Profile
from tools.metrics.profile_data import plain_value
from tools.metrics.selection import Selection, select_sql
from tools.metrics.sql import Values, show_sql

if TYPE_CHECKING:
    from tools.metrics.sample_design import SampleDesign
    from tools.warehouse import Rows, Warehouse


@dataclass
class Session:
    """One query's run.

    Attributes:
        min_cell: fewest distinct protected units and positives of a shown cell; 1 = off.
        level: of intervals.
        sql, receipts: of every statement sent, in order.
        caveats: found on the way.
        designs: of sampled datasets, read once.
        most_cells: cells of one answer.
    """

    catalog: Catalog
    profile: Profile
    warehouse: Warehouse
    asker: Asker
    min_cell: int = 1
    level: float = 0.95
    sql: list[str] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    caveats: list[str] = field(default_factory=list)
    designs: dict[str, SampleDesign] = field(default_factory=dict)
    most_cells: int = 10_000

    @property
    def guarded(self) -> bool:
        """Whether small cells are hidden, so that protected units must be counted."""
        return self.min_cell > 1

    def run(self, sql: str, values: Values) -> Rows:
        """Run a compiled statement and keep its text and receipt."""
        rows = self.warehouse.run_compiled(sql, tuple(values.bound), asker=self.asker)
        if rows.truncated:
            raise Declined(
                "The result is larger than limits allow.", reason="too_expensive", hint="Ask for the top 10."
            )
        shown = show_sql(sql, tuple(values.bound))
        if shown not in self.sql:
            self.sql.append(shown)
        if rows.receipt.id not in self.receipts:
            self.receipts.append(rows.receipt.id)
        return rows

    def select(self, dataset: str, cut: Cut, values: Values, metric: Metric) -> Selection:
        """The rows of one dataset for a metric's cut."""
        of = self.catalog.datasets[dataset]
        time = metric.time if metric.time is not None else of.time
        at = cut.datasets.index(dataset)
        return Selection(self.catalog, self.profile, of, cut, at, values, time, metric.where)

    def count_units(self, dataset: str, cut: Cut, metric: Metric, *, filled: str) -> dict[CellKey, int]:
        """Distinct protected units per cell, among rows where a column is filled."""
        values = Values()
        selection = self.select(dataset, cut, values, metric)
        actor = selection.dataset.actor
        counted = "count(*)" if actor is None else f"count(distinct {selection.column(actor)})"
        keys = list(zip(selection.key_sql(), selection.key_names(), strict=True))
        where = selection.where_sql()
        if filled:
            where.append(f"{selection.column(filled)} is not null")
        sql = select_sql([*keys, (counted, "units")], source=selection.from_sql(), where=where, groups=len(keys))
        return {cell_key(row[:-1]): int(row[-1]) for row in self.run(sql, values).rows}


def cell_key(row: tuple[Any, ...]) -> CellKey:
    """A row's key as plain values."""
    return tuple(plain_value(v) for v in row)
