"""SQL text as a lower tier of answers: its numbers belong to no definition, and say so.

A number of SQL text is a figure only when it counts everything that the asker may see. What reads a sample's rows
without their weights, a part of the rows, or lists rows instead of counting them has no value here, but a reason.
"""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tools.access import Allowed, Asker, Usage, decide
from tools.errors import Declined, InvalidInput
from tools.figure import Figure, Unit
from tools.metrics.catalog import Catalog, catalog_of
from tools.metrics.query import QueryResult, Table
from tools.metrics.sql_reach import SqlReach, read_reach

if TYPE_CHECKING:
    from tools.workspace import Workspace

SQL = "sql"
UNGOVERNED = (
    "This number comes from SQL text that a model wrote, not from a definition: nobody owns what it means, and nobody "
    "has checked it."
)
WITHHELD = "(text withheld)"
MOST_ROWS = 50


@dataclass(frozen=True)
class SqlResult:
    """What SQL text found.

    Attributes:
        columns: of the result; the last one is the value. A name that is no column's own is one of ours: what it
            is called in the text is the writer's word.
        result: the figures, one a row, and the rest that an answer needs.
    """

    columns: tuple[str, ...]
    result: QueryResult


def run_sql(sql: str, *, workspace: Workspace, asker: Asker, shown: frozenset[str]) -> SqlResult:
    """Run SQL text in the sandbox and give each row's last column as a figure.

    Args:
        sql: one SELECT: what it groups by first, the number last.
        workspace: its columns of item text are not there for this SQL.
        asker: who asks and who reads along.
        shown: texts that may appear in the result, such as values of dimensions; any other is withheld.

    Raises:
        InvalidInput: it is not SQL, does not fit the tables, or its last column is no number.
        Declined: it asks for what the asker may not use, or for too much.
    """
    from tools.warehouse import open_warehouse  # start-up: duckdb

    _refuse_small_cells(workspace, asker)
    catalog = catalog_of(workspace)
    warehouse = open_warehouse(without_texts(workspace, catalog))
    rows = warehouse.run_untrusted(sql, asker=asker)
    columns = _name_columns(rows.columns, {c.lower() for known in warehouse.tables().values() for c in known})
    reach = read_reach(sql, samples={d.source.lower() for d in catalog.datasets.values() if d.design is not None})
    why_not = reach.why_not or ("its result was cut" if rows.truncated else "")
    kept = rows.rows[:MOST_ROWS]
    figures = tuple(
        _figure(f"f{number}", columns, row, reach, why_not, shown) for number, row in enumerate(kept, start=1)
    )
    more = len(rows.rows) - len(kept)
    cut = (f"{more:,} more rows are not shown.",) if more > 0 else ()
    return SqlResult(
        columns,
        QueryResult(
            figures=figures,
            table=_table(columns, kept, figures, shown),
            sql=(rows.receipt.sql,),
            caveats=(UNGOVERNED, *cut),
            tables=reach.tables,
            receipts=(rows.receipt.id,),
        ),
    )


def _refuse_small_cells(workspace: Workspace, asker: Asker) -> None:
    """Groups left out for their size would be missing from a figure that says it counts everything."""
    allowed = decide(asker, Usage(), workspace.settings.access)
    if isinstance(allowed, Allowed) and allowed.min_cell > 1:
        raise Declined(
            "SQL text gives no figures to a role whose small cells are kept back: a group left out would not show.",
            reason="small_cell",
            rule="row_level",
            hint="Ask for a metric of the catalog.",
        )


def without_texts(workspace: Workspace, catalog: Catalog) -> Workspace:
    """The workspace with every column of item text denied to every role."""
    texts = tuple(f"{d.source}.{d.text}" for d in catalog.datasets.values() if d.text is not None)
    access = workspace.settings.access
    roles = {
        name: role.model_copy(update={"deny_columns": (*role.deny_columns, *texts)})
        for name, role in access.roles.items()
    }
    narrowed = access.model_copy(update={"roles": roles})
    return replace(workspace, settings=workspace.settings.model_copy(update={"access": narrowed}))


def _figure(
    name: str, columns: Sequence[str], row: Sequence[Any], reach: SqlReach, why_not: str, shown: frozenset[str]
) -> Figure:
    value = _number(row[-1])
    reason = f"this SQL gives no figure: {why_not}" if why_not else "no value" if value is None else None
    unit: Unit = "count" if reach.is_count else "index"
    return Figure(
        id=name,
        metric=SQL,
        value=None if reason is not None else value,
        unit=unit,
        basis="full_count",
        method="SQL text",
        slice={c: _shown(v, shown) for c, v in zip(columns[:-1], row[:-1], strict=True)},
        undefined=reason,
    )


def _name_columns(written: Sequence[str], known: Set[str]) -> tuple[str, ...]:
    """`channel`, `group 2`, `value`."""
    groups = [c if c.lower() in known else f"group {at}" for at, c in enumerate(written[:-1], start=1)]
    return (*groups, "value")


def _number(value: Any) -> float | int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise InvalidInput(
            "The last column holds no numbers.",
            hint="Select what is grouped by first and one number last.",
        )
    number = value if isinstance(value, int) else float(value)
    return number if math.isfinite(number) else None


def _shown(value: Any, shown: frozenset[str]) -> Any:
    """A group as it may be shown: numbers, times, flags, and texts that are values of dimensions."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, str) and value in shown else WITHHELD


def _table(
    columns: tuple[str, ...], kept: Sequence[Sequence[Any]], figures: Sequence[Figure], shown: frozenset[str]
) -> Table | None:
    if len(figures) < 2:
        return None
    body = tuple(
        (*(_shown(v, shown) for v in row[:-1]), figure.value) for row, figure in zip(kept, figures, strict=True)
    )
    return Table(columns=columns, rows=body)
