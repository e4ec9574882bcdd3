"""What tells the rows of a sample from others, in whatever order they lie."""

from __future__ import annotations

from pathlib import Path

from tools.metrics.sql import quote
from tools.sampling.manifest import DrawnMark
from tools.sampling.sql_literal import double

_UNIT = 2.0**60  # probabilities as whole numbers, so that the order of the rows does not move their sum


def mark_sql(key: str, pi: str, relation: str) -> str:
    """SQL for `mark_of`: rows, the sum of the ids' hashes (52 bits each), and that of the probabilities."""
    return (
        f"select count(*), sum(('0x' || substr(md5(coalesce({key}, '')), 1, 13))::ubigint::hugeint), "
        f"sum(floor({pi}::double * {double(_UNIT)})::hugeint) from {relation}"
    )


def mark_of(ids: int | None, pi_sum: int | None) -> DrawnMark:
    """The sums as a mark; None without rows."""
    return DrawnMark(ids=f"{int(ids or 0):x}", pi_sum=int(pi_sum or 0) / _UNIT)


def mark_file(path: Path, *, id: str) -> tuple[int, DrawnMark]:
    """Rows and mark of a file that `copy_sql` wrote."""
    import duckdb

    if path.suffix.lower() == ".parquet":
        reader = "read_parquet(?)"
    else:
        delimiter = "delim = '\t', " if path.suffix.lower() == ".tsv" else ""
        reader = f"read_csv(?, {delimiter}all_varchar = true, header = true, nullstr = '')"
    with duckdb.connect(":memory:") as connection:
        sql = mark_sql(f"{quote(id)}::varchar", "_pi", reader)
        rows, ids, pi_sum = connection.execute(sql, [str(path)]).fetchall()[0]
    return int(rows), mark_of(ids, pi_sum)
