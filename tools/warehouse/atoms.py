"""Rows by the large cells they are in, kept as temporary tables of one child and refined by one split after another.

Of a table $ there are
- rows_$_0, rows_$_1, ...: the unit and the atom of each row, in parts by its hash;
- within_$: the large cells of each atom;
- cells_$: those cells, numbered;
- units_$: the units of each atom that has few, NULL for the others.

What passes through memory at once is a part of the rows: a whole table of them, sorted out in one statement, would take
several times what a child may have.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from tools.sandbox.worker import Kept
from tools.warehouse.answered_cells import Split

_BYTES_A_ROW = 200  # of the largest statement, measured


def parts_of(rows: int, memory_mb: int) -> int:
    """How many parts a table of so many rows is handled in, so that half of the memory will do."""
    return max(1, -(-rows * _BYTES_A_ROW // (memory_mb << 19)))


def begin_atoms(name: str, parts: int) -> Kept:
    """Empty tables."""
    rows = [f"create temp table rows_{name}_{i} (r bigint, u ubigint, a ubigint)" for i in range(parts)]
    within = f"create temp table within_{name} (a ubigint, i bigint)"
    cells = f"create temp table cells_{name} (i bigint, q bigint, c ubigint, own boolean, n bigint)"
    return Kept(name, (*rows, within, cells))


def refine_atoms(name: str, split: Split, min_cell: int, parts: int) -> Kept:
    """Rows of one atom that the split tells apart become atoms of their own."""
    return Kept(f"{name} {split.key}", (*_count(name, split, min_cell, parts), *_refine(name, split, min_cell, parts)))


def number_of(split: Split) -> int:
    """A number for the split, the same in every process."""
    return int(split.key[:15], 16)


def _count(name: str, split: Split, min_cell: int, parts: int) -> Iterator[str]:
    """The cells of the split, and of what it adds up to over some of its keys, that are large enough."""
    cells, own = _cells_of(split)
    yield "create temp table n (c ubigint, own boolean, n bigint)"
    for i in range(parts):
        each = f"select u, unnest({cells}) as c, unnest({own}) as own from ({_rows(split)} and hash(u) % {parts} = {i})"
        yield f"insert into n select c, bool_or(own), count(distinct u) from ({each}) group by c"
    yield (
        f"insert into cells_{name} select (select count(*) from cells_{name}) + row_number() over (order by c), "
        f"{number_of(split)}, c, bool_or(own), sum(n)::bigint from n group by c having sum(n) >= {min_cell}"
    )
    yield "drop table n"


def _refine(name: str, split: Split, min_cell: int, parts: int) -> Iterator[str]:
    """New tables beside the old ones, which then take their place."""
    for i in range(parts):
        yield (
            f"create temp table new_{i} as select coalesce(o.r, x.r) as r, coalesce(o.u, x.u) as u, "
            f"hash(coalesce(o.a, 0), coalesce(x.s, 0)) as a from rows_{name}_{i} o "
            f"full join ({_marks(split, f'hash(r) % {parts} = {i}')}) x using (r)"
        )
    old = " union all ".join(f"from rows_{name}_{i}" for i in range(parts))
    new = " union all ".join(f"from new_{i}" for i in range(parts))
    yield f"create temp table p as select a, min(r) as r from ({new}) group by a"
    yield f"create temp table p0 as select r, a as a0 from ({old}) where r in (select r from p)"
    cells, _ = _cells_of(split)
    of_one_row = f"select r, unnest({cells}) as c from ({_rows(split)} and r in (select r from p))"
    yield (
        f"create or replace temp table within_{name} as "
        f"select p.a, o.i from p join p0 using (r) join within_{name} o on o.a = p0.a0 union "
        f"select p.a, z.i from p join ({of_one_row}) y using (r) "
        f"join cells_{name} z on z.q = {number_of(split)} and z.c = y.c"
    )
    yield "create temp table m (a ubigint, n bigint)"
    for i in range(parts):
        yield f"insert into m select a, count(distinct u) from ({new}) where hash(u) % {parts} = {i} group by a"
    yield (
        f"create or replace temp table units_{name} as with t as (select a, sum(n) as n from m group by a), few as ("
        f"select a, list(distinct u) as units from ({new}) where a in (select a from t where n < {min_cell}) group by a"
        ") select a, units from t left join few using (a)"
    )
    yield from (f"drop table {each}" for each in ("p", "p0", "m", *(f"rows_{name}_{i}" for i in range(parts))))
    yield from (f"alter table new_{i} rename to rows_{name}_{i}" for i in range(parts))


def _marks(split: Split, where: str) -> str:
    """Each row once, with its unit and a mark that is the same for rows in the same cells of the split.

    Most rows are in one cell; only those in several, as after a join, have to be sorted out.
    """
    rows = f"{_rows(split)} and {where}"
    distinct = f"select distinct r, c from ({rows}) where r in (select r from g where low <> high)"
    return (
        f"with g as materialized (select r, min(u) as u, min(c) as low, max(c) as high from ({rows}) group by r), "
        "several as (select r, (sum(hash(c)) % 18446744073709551557)::ubigint as s "
        f"from ({distinct}) group by r) "
        "select r, u, if(low = high, hash(low), s) as s from g left join several using (r)"
    )


def _rows(split: Split) -> str:
    """r, u, c, k of the split's rows, open for one more condition."""
    return f"select r, u, c, k from ({split.membership}) where r is not null"


def _cells_of(split: Split) -> tuple[str, str]:
    """Lists of the cells a row is in, and of which of them was asked for itself: the others are totals."""
    totals = [f"hash('total', {list(chosen)}{''.join(f', k[{i + 1}]' for i in chosen)})" for chosen in _margins(split)]
    return f"[{', '.join(['c', *totals])}]", f"[{', '.join(['true', *['false'] * len(totals)])}]"


def _margins(split: Split) -> list[tuple[int, ...]]:
    """The sets of keys to add up over: every one up to four keys, else all but one key, and none."""
    keys = split.keys
    if keys <= 4:
        return [chosen for size in range(keys) for chosen in combinations(range(keys), size)]
    return [*combinations(range(keys), keys - 1), ()]
