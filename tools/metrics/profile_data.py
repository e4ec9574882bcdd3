"""The profile computed from the warehouse: one statement per dataset."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

from tools.access import Asker
from tools.errors import InvalidWorkspace
from tools.metrics.catalog import Catalog
from tools.metrics.check_columns import check_columns
from tools.metrics.conditions import is_number, predicate_sql
from tools.metrics.definitions import Dataset, Relationship
from tools.metrics.metric_columns import columns_used, times_used
from tools.metrics.profile import MOST_VALUES, DatasetProfile, Kind, Profile, TimeProfile
from tools.metrics.sql import Values, quote, quote_table
from tools.metrics.time_column import TimeColumn, time_kind

if TYPE_CHECKING:
    from tools.warehouse import Warehouse

_READER = Asker(person="transect", roles=(), surface="python")


def profile_data(catalog: Catalog, warehouse: Warehouse, *, zone: str) -> Profile:
    """Profile every dataset.

    Raises:
        InvalidWorkspace: a definition names a table or column that does not exist, or one of the wrong type.
    """
    tables = warehouse.tables()
    faults = check_columns(catalog, tables)
    if faults:
        raise InvalidWorkspace(faults)
    datasets = {
        name: _profile(dataset, catalog, types=tables[dataset.source], warehouse=warehouse, zone=zone)
        for name, dataset in catalog.datasets.items()
    }
    leads = {r.name: leads_to_one(r, catalog.datasets[r.to], warehouse) for r in catalog.relationships}
    return Profile(datasets=datasets, leads_to_one=leads)


def leads_to_one(relationship: Relationship, to: Dataset, warehouse: Warehouse) -> bool:
    """Whether no two rows of the target share a key (rows without a key are never matched)."""
    keys = ", ".join(quote(c) for c in relationship.to_columns)
    filled = " and ".join(f"{quote(c)} is not null" for c in relationship.to_columns)
    sql = f"select 1\nfrom {quote_table(to.source)}\nwhere {filled}\ngroup by {keys}\nhaving count(*) > 1\nlimit 1"
    return not warehouse.run_compiled(sql, asker=_READER).rows


def _profile(
    dataset: Dataset, catalog: Catalog, *, types: dict[str, str], warehouse: Warehouse, zone: str
) -> DatasetProfile:
    folded = {name.casefold(): kind for name, kind in types.items()}
    times = times_used(dataset, catalog)
    columns = columns_used(dataset, catalog)
    sql, values = _statement(dataset, columns, times, folded)
    rows = warehouse.run_compiled(sql, tuple(values.bound), asker=_READER).rows
    summary = next(r for r in rows if r[0] == -1)
    total, counts = int(summary[1]), summary[2 : 2 + len(columns)]
    spans = summary[2 + len(columns) : 2 + len(columns) + 2 * len(times)]
    nulls = {c: total - int(n) for c, n in zip(columns, counts, strict=True)}
    found = {
        column: _time(folded[column.casefold()], spans[2 * i], spans[2 * i + 1], nulls[column], zone)
        for i, column in enumerate(times)
    }
    start = 2 + len(columns) + 2 * len(times)
    values_of: dict[str, tuple[tuple[Any, int], ...]] = {}
    kinds: dict[str, Kind] = {}
    for i, d in enumerate(dataset.dimensions):
        values_of[d.name] = tuple((plain_value(r[start + i]), int(r[1])) for r in rows if r[0] == i)
        kinds[d.name] = _kind(folded[d.column.casefold()], [v for v, _ in values_of[d.name]])
    own = found.get(dataset.time) if dataset.time is not None else None
    return DatasetProfile(
        rows=total,
        first=_day(own.first) if own else None,
        last=_day(own.newest) if own else None,
        newest=own.newest if own else None,
        values={k: v[:MOST_VALUES] for k, v in values_of.items()},
        truncated=frozenset(k for k, v in values_of.items() if len(v) > MOST_VALUES),
        kinds=kinds,
        nulls={d.name: nulls[d.column] for d in dataset.dimensions},
        column_nulls=nulls,
        types=dict(types),
        times=found,
    )


def _statement(dataset: Dataset, columns: list[str], times: list[str], types: dict[str, str]) -> tuple[str, Values]:
    """Row -1 counts rows, filled columns and spans of time; row i holds the values of dimension i."""
    bound = Values()
    where = [predicate_sql(p, quote(p.column), types[p.column.casefold()], bound) for p in dataset.where]
    table = quote_table(dataset.source)
    counted = [f"count({_counted(c, types, times)}) as c{i}" for i, c in enumerate(columns)]
    spans = []
    for i, column in enumerate(times):
        read = _span(column, types[column.casefold()])
        spans += [f"min({read}) as first{i}", f"max({read}) as newest{i}"]
    condition = f" where {' and '.join(where)}" if where else ""
    parts = [f"select -1 as i, count(*) as n{''.join(', ' + s for s in counted + spans)} from {table}{condition}"]
    for i, d in enumerate(dataset.dimensions):
        value = value_sql(quote(d.column), types[d.column.casefold()])
        filled = " and ".join([f"{quote(d.column)} is not null", *where])
        parts.append(
            f"(select {i} as i, count(*) as n, {value} as v{i} from {table} where {filled} "
            f"group by 3 order by 2 desc, 3 limit {MOST_VALUES + 1})"
        )
    return "\nunion all by name\n".join(parts), bound


def value_sql(column: str, kind: str) -> str:
    """A dimension's column as what Python and JSON can hold: exotic types become text."""
    name = kind.upper()
    plain = is_number(name) or name in ("VARCHAR", "BOOLEAN", "DATE") or name.startswith(("TIMESTAMP", "ENUM"))
    return (
        f"{column}::timestamp"
        if name in ("TIMESTAMP_NS", "TIMESTAMP_S", "TIMESTAMP_MS")
        else (column if plain else f"{column}::varchar")
    )


def plain_value(value: Any) -> Any:
    """A fetched value as JSON can hold it: decimals become numbers, what is not finite becomes text."""
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if isinstance(value, (str, bool, int, float, date, datetime)) or value is None:
        return value
    return str(value)


def _counted(column: str, types: dict[str, str], times: list[str]) -> str:
    """A text that is no time counts as missing."""
    return _span(column, types[column.casefold()]) if column in times else quote(column)


def _span(column: str, kind: str) -> str:
    """Times with a zone come back from the warehouse as local time; epochs stay numbers until their unit is known."""
    return f"try_cast({quote(column)} as timestamp)" if time_kind(kind) == "text" else quote(column)


def _time(kind: str, first: Any, newest: Any, missing: int, zone: str) -> TimeProfile:
    found = time_kind(kind)
    assert found is not None, "check_columns refuses other types"
    if found != "epoch":
        return TimeProfile(TimeColumn(found, zone), first, newest, missing)
    from zoneinfo import ZoneInfo

    top = max(abs(float(first or 0)), abs(float(newest or 0)))
    per_second = next((p for p in (1, 10**3, 10**6) if top < 1e11 * p), 10**9)

    def local(value: Any) -> datetime | None:
        if value is None:
            return None
        return datetime.fromtimestamp(float(value) / per_second, ZoneInfo(zone)).replace(tzinfo=None)

    return TimeProfile(TimeColumn("epoch", zone, per_second), local(first), local(newest), missing)


def _day(value: datetime | date | None) -> date | None:
    return value.date() if isinstance(value, datetime) else value


def _kind(duckdb_type: str, values: list[Any]) -> Kind:
    name = duckdb_type.upper()
    if name == "BOOLEAN":
        return "flag"
    if name == "DATE" or name.startswith("TIMESTAMP"):
        return "date"
    if is_number(name):
        return "flag" if values and set(values) <= {0, 1} else "number"
    return "category"
