"""The frame of a study: rows of a table under its conditions, with a fingerprint of what they say."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from tools.access import Asker, Usage, decide
from tools.errors import Declined
from tools.metrics.sql import quote
from tools.sampling import open_table
from tools.study.resolve_frame import FrameColumns, FrameParts, find_dataset, resolve_frame
from tools.study.spec import StudySpec
from tools.warehouse import open_warehouse
from tools.warehouse.rows import Receipt
from tools.workspace import Workspace


@dataclass(frozen=True)
class Span:
    """First and last local day of some rows; None where they have no time."""

    first: date | None = None
    last: date | None = None


class FrameSource:
    """A source for `tools.sampling.draw` that shows the design's columns and nothing else of a row.

    Attributes:
        name: the table. unit: what a row is. id: its column. filtered: the dataset's required filters apply.
        actor: the column of whom a row is about, for small cells; None where the frame has none that may be used.
        dataset: its name, None for a bare table.
        columns: column -> type, of what a drawn row carries.
        relation: the rows in SQL.
        min_cell: the least that a shown cell may hold, for everybody who will read the draft.
        receipts: of every statement that ran.
    """

    is_text = False

    def __init__(self, parts: FrameParts, *, workspace: Workspace, asker: Asker, min_cell: int) -> None:
        self._warehouse = open_warehouse(workspace)
        self._asker = asker
        self._parts = parts
        self.name = parts.table
        self.unit, self.id, self.actor, self.dataset = parts.unit, parts.id, parts.actor, parts.dataset
        self.filtered = parts.filtered
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


def open_frame(spec: StudySpec, *, workspace: Workspace, asker: Asker) -> FrameSource:
    """The frame that a study describes, when the asker may draw from it and the audience may read of it.

    Raises:
        InvalidInput: a dataset, table, column, value or period that cannot be.
        Declined: a role may not see it, or sees groups only.
    """
    dataset = find_dataset(spec.frame, workspace, asker)
    inner = open_table(dataset.source if dataset else str(spec.frame.table), workspace=workspace, asker=asker)
    readers = replace(asker, audience_roles=(*asker.audience_roles, *spec.audience))
    columns = FrameColumns(inner.name, inner.columns, workspace, readers)
    parts = resolve_frame(spec, dataset, columns, zone=workspace.zone.key)
    used = frozenset(f"{inner.name}.{column}" for column in columns.used)
    allowed = decide(readers, Usage(tables=frozenset({inner.name}), columns=used), workspace.settings.access)
    if isinstance(allowed, Declined):
        raise allowed
    return FrameSource(parts, workspace=workspace, asker=asker, min_cell=allowed.min_cell)


def _cell(column: str) -> str:
    """A value with its length before it, so that no two rows read alike; `-` for none."""
    text = f"{quote(column)}::varchar"
    return f"coalesce(length({text})::varchar || ':' || {text}, '-')"
