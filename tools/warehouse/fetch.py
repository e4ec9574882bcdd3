"""A query started so that its rows come out as plain Python values."""

from __future__ import annotations

import duckdb

from tools.warehouse.rows import Params

_ZONED = "TIMESTAMP WITH TIME ZONE"


def start_query(cursor: duckdb.DuckDBPyConnection, sql: str, params: Params) -> tuple[str, ...]:
    """Run `sql` on the cursor, ready to fetch; returns its column names.

    Times with a zone come out as wall-clock times of the workspace's zone, without one: fetched as they are they would
    need a package that is not a dependency.
    """
    cursor.execute(sql, params or None)
    described = cursor.description or []
    columns = tuple(str(item[0]) for item in described)
    kinds = [str(item[1]) for item in described]
    if any(_ZONED in kind for kind in kinds):
        names = [f"c{i}" for i in range(len(columns))]
        shown = ", ".join(
            f"{name}::{kind.replace(_ZONED, 'TIMESTAMP')}" if _ZONED in kind else name
            for name, kind in zip(names, kinds, strict=True)
        )
        inner = sql.rstrip().removesuffix(";")
        cursor.execute(f"select {shown} from ({inner}\n) as q({', '.join(names)})", params or None)
    return columns
