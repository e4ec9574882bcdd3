"""Rows by the cells they are in: against sets made by hand, whatever the number of parts."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.corpus.place import plain_database
from tools.warehouse.answered_cells import Split
from tools.warehouse.atoms import begin_atoms, parts_of, refine_atoms

MOST = 40  # cells with fewer users are not published, atoms with fewer are listed
# (keys of a row as SQL, FROM, WHERE): the second is a join, in which a user is in several cells and twice in one.
CUTS = [
    (("country",), "users", "true"),
    (("e.kind", "e.id % 2"), "users join events e on e.user_id = users.id", "e.amount < 20"),
    (("users.id < 30",), "users", "country <> 'SE'"),
    ((), "users", "users.id % 40 = 1"),
]


def split(number: int) -> Split:
    keys, source, where = CUTS[number]
    cell = f"hash(row(1{''.join(f', {key}' for key in keys)}))"
    hashes = f"[{', '.join(f'hash(row({key}))' for key in keys)}]::ubigint[]"
    membership = (
        f"select users.id as r, hash(users.id // 2) as u, {cell} as c, {hashes} as k from {source} where {where}"
    )
    return Split("users", f"{number + 1}" * 32, membership, len(keys))


@pytest.mark.parametrize("parts", [1, 3])
def test_atoms_are_the_rows_that_are_in_the_same_cells(parts: int, tmp_path: Path) -> None:
    with plain_database(tmp_path) as connection:
        splits = [split(number) for number in range(len(CUTS))]
        for kept in (begin_atoms("t", parts), *(refine_atoms("t", each, MOST, parts) for each in splits)):
            for statement in kept.statements:
                connection.execute(statement)
        assert atoms_found(connection, parts) == atoms_by_hand(connection, splits)


def atoms_found(connection: duckdb.DuckDBPyConnection, parts: int) -> dict[frozenset[int], object]:
    """Rows of an atom -> (its large own cells and totals by number of units, its units where they are few)."""
    every = " union all ".join(f"from rows_t_{i}" for i in range(parts))
    found = connection.execute(
        "select list(distinct r), (select list(n order by n) from within_t w join cells_t using (i) where w.a = x.a), "
        f"(select list_sort(units) from units_t t where t.a = x.a) from ({every}) x group by a"
    ).fetchall()
    return {frozenset(rows): (tuple(sizes or ()), units) for rows, sizes, units in found}


def atoms_by_hand(connection: duckdb.DuckDBPyConnection, splits: list[Split]) -> dict[frozenset[int], object]:
    """The same from Python sets."""
    cells: dict[object, set[int]] = defaultdict(set)  # rows of each cell and total
    unit: dict[int, int] = {}
    own: dict[int, set[object]] = defaultdict(set)
    for number, each in enumerate(splits):
        for r, u, c, k in connection.execute(each.membership).fetchall():
            unit[r] = u
            own[r].add((number, c))
            cells[number, c].add(r)
            for chosen in range(2 ** len(k) - 1):  # every set of keys but all of them
                total = tuple(value if chosen >> i & 1 else None for i, value in enumerate(k))
                cells[number, "total", total].add(r)
    large = {name: rows for name, rows in cells.items() if len({unit[r] for r in rows}) >= MOST}
    atoms: dict[frozenset[object], set[int]] = defaultdict(set)
    for r, names in own.items():
        atoms[frozenset(names)].add(r)
    found: dict[frozenset[int], object] = {}
    for rows in atoms.values():
        one = next(iter(rows))
        sizes = tuple(sorted(len({unit[r] for r in members}) for members in large.values() if one in members))
        units = {unit[r] for r in rows}
        found[frozenset(rows)] = sizes, sorted(units) if len(units) < MOST else None
    return found


def test_half_of_the_memory_will_do() -> None:
    assert parts_of(7_200, 512) == 1
    assert parts_of(5_000_000, 512) == 4
    assert parts_of(5_000_000, 4_096) == 1
