"""A statement for a role that sees no small cells: rewritten, and compared with what the role was answered before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import combinations

from tools.errors import Declined
from tools.sandbox.worker import Found, Kept
from tools.warehouse.answered_cells import AnsweredCells, Split
from tools.warehouse.cell_rules import CellRules, row_level
from tools.warehouse.differencing import Atom, TooManyCells, gives_away, without
from tools.warehouse.parse_tree import Known
from tools.warehouse.protected_units import Protected
from tools.warehouse.tree_parts import Tree, walk, without_places

Run = Callable[..., Found]  # a statement, and statements that make temporary tables for it
Write = Callable[[Sequence[Tree]], list[str]]


def hide_small_cells(
    tree: Tree,
    *,
    min_cell: int,
    known: Known,
    protected: dict[str, Protected],
    texts: frozenset[str],
    answered: AnsweredCells,
    write: Write,
    run: Run,
) -> str:
    """The text to run in the place of a statement.

    Args:
        tree: DuckDB's tree of the statement, checked.
        min_cell: fewest distinct protected units of a shown cell.
        known, protected, texts: what the role sees, whom it is about, which columns hold texts.
        answered: what the role was answered before.
        write: makes SQL of trees.
        run: runs SQL of ours on the same data.

    Raises:
        Declined: rule row_level when a cell cannot be proved large enough, rule differencing when the answer, together
            with earlier ones, would give away a small cell.
    """
    rules = CellRules(min_cell, known.tables, protected, texts)
    plain = without_places(tree)
    _name_results(plain, write)
    rewritten = rules.rewrite(plain)
    memberships = write([_statement(each.membership) for each in rules.published])
    for each, membership in zip(rules.published, memberships, strict=True):
        left_out = answered.find(each.table, membership)
        if left_out is None:
            split = Split(each.table, _key(membership, run), membership, each.keys)
            choose = partial(_choose, min_cell=min_cell, run=run, tag=answered.tag, whole=each.whole)
            left_out = answered.ask(split, choose)
        each.leave_out(left_out)
    return write([rewritten])[0]


def _statement(node: Tree) -> Tree:
    return {"error": False, "statements": [{"node": node, "named_param_map": []}]}


def _name_results(tree: Tree, write: Write) -> None:
    """Results keep the names that DuckDB gives them, whatever is put around them."""
    node = tree["statements"][0]["node"]
    while node.get("type") == "SET_OPERATION_NODE":
        node = (node["children"] or [node["left"]])[0]
    unnamed = [
        item
        for item in node.get("select_list", ())
        if not item["alias"] and item["class"] not in ("COLUMN_REF", "STAR") and any(_is_call(e) for e in walk(item))
    ]
    empty = {"type": "EMPTY", "alias": "", "sample": None}
    bare = {**node, "from_table": empty, "cte_map": {"map": []}, "modifiers": [], "where_clause": None}
    bare |= {"group_expressions": [], "group_sets": [], "having": None, "qualify": None, "sample": None}
    bare |= {"aggregate_handling": "STANDARD_HANDLING"}
    for item, text in zip(unnamed, write([_statement({**bare, "select_list": [i]}) for i in unnamed]), strict=True):
        item["alias"] = text.removeprefix("SELECT ").strip()


def _is_call(item: Tree) -> bool:
    return str(item["class"]) in ("FUNCTION", "CAST")


def _key(membership: str, run: Run) -> str:
    """Equal for equal splits of equal rows, in whatever words they were asked for."""
    cells = f"select distinct r, c from ({membership})"
    found = run(f"select count(*), bit_xor(hash(r, c)), sum(hash(r, c) % 1000003) from ({cells})")
    return sha256(json.dumps([str(value) for value in found.rows[0]]).encode()).hexdigest()[:32]


def _choose(splits: list[Split], min_cell: int, run: Run, *, tag: str, whole: bool) -> frozenset[int]:
    """Which cells of the last split to leave out, so that all splits together give away nobody; the smallest first.

    What a split adds up to over some of its keys, and over all, counts as answered: those totals can be asked for, and
    must not have to be declined then; only where nothing else helps they do not. All cells may be left out, unless they
    are the `whole` answer.
    """
    atoms, cells = _atoms(splits, min_cell, run, tag)
    last = len(splits) - 1
    hidden = {cells[i, c].number for i, split in enumerate(splits) for c in split.left_out if (i, c) in cells}
    own = sorted((cell.units, c) for (q, c), cell in cells.items() if q == last and cell.own)
    totals = frozenset(c for (q, c), cell in cells.items() if q == last and not cell.own)
    for kept_out in (frozenset[int](), totals):
        left_out = set(kept_out)
        for _, smallest in [(0, None), *own[: len(own) - whole]]:
            if smallest is not None:
                left_out.add(smallest)
            if not _gives_away(atoms, hidden | {cells[last, c].number for c in left_out}, min_cell):
                return frozenset(left_out)
    raise _differencing(min_cell)


def _gives_away(atoms: list[Atom], hidden: set[int], min_cell: int) -> bool:
    try:
        seen: object = gives_away(without(atoms, frozenset(hidden), min_cell=min_cell), min_cell=min_cell)
    except TooManyCells:
        raise row_level("The cells asked for so far are too many to compare.") from None
    return seen is not None


@dataclass(frozen=True)
class _Cell:
    """A cell that is large enough: its number, its units, and whether it was asked for itself or is a total."""

    number: int
    units: int
    own: bool


def _atoms(splits: list[Split], min_cell: int, run: Run, tag: str) -> tuple[list[Atom], dict[tuple[int, int], _Cell]]:
    """Rows by the large cells they are in, and those cells by split and key."""
    name = sha256(f"{tag} {splits[-1].source}".encode()).hexdigest()[:16]
    kept = [Kept(name, _EMPTY), *(Kept(f"{name} {split.key}", (*_fill(split, min_cell),)) for split in splits)]
    kept = [Kept(each.name, tuple(text.replace("$", name) for text in each.statements)) for each in kept]
    listed = run(f"select i, q, c, own, n from cells_{name}", *kept)
    found = run(
        f"with units as (select a, if(count(distinct u) >= {min_cell}, null, list(distinct u)) as units "
        f"from rows_{name} group by a) "
        f"select list(i), any_value(units) from within_{name} join units using (a) group by a",
        *kept,
    )
    if found.truncated or listed.truncated:
        raise row_level("The cells asked for so far are too many to compare.")
    places = {_number(split): i for i, split in enumerate(splits)}
    cells = {(places[q], c): _Cell(i, n, own) for i, q, c, own, n in listed.rows if q in places}
    known = {cell.number for cell in cells.values()}
    return [Atom(frozenset(i) & known, None if u is None else frozenset(u)) for i, u in found.rows], cells


# Tables of one child: rows_$ has each row's unit and atom, within_$ the large cells of each atom, cells_$ those cells.
_EMPTY = (
    "create temp table rows_$ (r bigint, u ubigint, a ubigint)",
    "create temp table within_$ (a ubigint, i bigint)",
    "create temp table cells_$ (i bigint, q bigint, c ubigint, own boolean, n bigint)",
)


def _fill(split: Split, min_cell: int) -> Iterator[str]:
    """Refine the atoms by one more split: rows of one atom that it tells apart become atoms of their own."""
    totals = "".join(f" union select r, u, {_total(chosen)}, false from x" for chosen in _margins(split.keys))
    distinct = f"select distinct r, u, c, k from ({split.membership}) where r is not null"
    yield f"create or replace temp table x as {distinct}"
    yield f"create or replace temp table y as select r, u, c, true as own from x{totals}"
    yield (
        "insert into cells_$ select (select count(*) from cells_$) + row_number() over (order by c), "
        f"{_number(split)}, c, bool_or(own), count(distinct u) from y group by c having count(distinct u) >= {min_cell}"
    )
    yield (
        "create or replace temp table w as select coalesce(o.r, x.r) as r, coalesce(o.u, x.u) as u, "
        "coalesce(o.a, 0) as a0, coalesce(x.s, 0) as s from rows_$ o full join "
        "(select r, min(u) as u, (sum(hash(c)) % 18446744073709551557)::ubigint as s from x group by r) x using (r)"
    )
    yield "create or replace temp table rows_$ as select r, u, hash(a0, s) as a from w"
    yield (
        "create or replace temp table within_$ as "
        "with p as (select hash(a0, s) as a, a0, s, min(r) as r from w group by all) "
        "select p.a, o.i from p join within_$ o on o.a = p.a0 union "
        "select p.a, z.i from p join y on y.r = p.r and p.s <> 0 "
        f"join cells_$ z on z.q = {_number(split)} and z.c = y.c"
    )
    yield from (f"drop table {each}" for each in "xyw")


def _number(split: Split) -> int:
    """A number for the split, the same in every process."""
    return int(split.key[:15], 16)


def _margins(keys: int) -> list[tuple[int, ...]]:
    """The sets of keys to add up over: every one up to four keys, else all but one key, and none."""
    if keys <= 4:
        return [chosen for size in range(keys) for chosen in combinations(range(keys), size)]
    return [*combinations(range(keys), keys - 1), ()]


def _total(chosen: tuple[int, ...]) -> str:
    """The number of a cell of a total, made of its keys."""
    return f"hash('total', {list(chosen)}{''.join(f', k[{i + 1}]' for i in chosen)})"


def _differencing(min_cell: int) -> Declined:
    return Declined(
        f"Together with what this role can see, this would show something about fewer than {min_cell} units.",
        reason="small_cell",
        rule="differencing",
        hint="Ask for larger groups, or for the same groups as before.",
    )
