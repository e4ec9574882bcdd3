"""A statement for a role that sees no small cells: rewritten, and compared with what the role was answered before."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from hashlib import sha256

from tools.errors import Declined
from tools.sandbox.worker import Found
from tools.warehouse.answered_cells import AnsweredCells, Split
from tools.warehouse.atoms import begin_atoms, number_of, refine_atoms
from tools.warehouse.bind_clock import bind_clock
from tools.warehouse.cell_rules import HIDDEN, CellRules
from tools.warehouse.differencing import Atom, TooManyCells, gives_away, without
from tools.warehouse.parse_tree import Known
from tools.warehouse.protected_units import Protected
from tools.warehouse.row_level import row_level
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
    columns: dict[str, tuple[str, ...]],
    answered: AnsweredCells,
    new: list[Split],
    write: Write,
    run: Run,
    day: date,
    parts: Callable[[str], int] = lambda table: 1,
) -> str:
    """The text to run in the place of a statement.

    Args:
        tree: DuckDB's tree of the statement, checked.
        min_cell: fewest distinct protected units of a shown cell.
        known, protected, texts, columns: what the role sees, whom it is about, columns of texts, all columns.
        answered: what the role was answered before.
        new: gets what it would be answered with this statement, and was not before.
        write: makes SQL of trees.
        run: runs SQL of ours on the same data.
        day: what the clock shows.
        parts: in how many parts the rows of a table are to be handled, for the memory that takes.

    Raises:
        Declined: rule row_level when a cell cannot be proved large enough, rule differencing when the answer, together
            with earlier ones, would give away a small cell.
    """
    rules = CellRules(min_cell, known.tables, protected, texts, columns)
    plain = without_places(tree)
    _check_names(plain)
    _name_results(plain, write)
    rewritten = rules.rewrite(bind_clock(plain, day))
    memberships = write([_statement(each.membership) for each in rules.published])
    for each, membership in zip(rules.published, memberships, strict=True):
        left_out = answered.find(each.table, membership)
        if left_out is None:
            pieces = parts(each.table)
            split = Split(each.table, _key(membership, run), membership, each.keys)
            choose = partial(_choose, min_cell=min_cell, run=run, tag=answered.tag, whole=each.whole, parts=pieces)
            left_out = answered.ask(split, new, choose)
        each.leave_out(left_out)
    return write([rewritten])[0]


def _check_names(item: object) -> None:
    """No name of the text may be one of those that the hidden columns have."""
    if isinstance(item, list):
        for each in item:
            _check_names(each)
    elif isinstance(item, dict):
        for key, value in item.items():
            if key in ("alias", "column_names", "column_name_alias", "aliases", "using_columns", "key"):
                for name in value if isinstance(value, list) else [value]:
                    if str(name).lower().startswith(HIDDEN):
                        raise row_level(f"Names do not begin with {HIDDEN[0]!r} or {HIDDEN[1]!r} here.")
            _check_names(value)


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
    """Equal for equal splits of equal rows, in other words as well; it passes over the rows and keeps none of them."""
    found = run(f"select count(*), bit_xor(hash(r, c)), sum(hash(r, c)) from ({membership})")
    return sha256(json.dumps([str(value) for value in found.rows[0]]).encode()).hexdigest()[:32]


def _choose(splits: list[Split], min_cell: int, run: Run, *, tag: str, whole: bool, parts: int) -> frozenset[int]:
    """Which cells of the last split to leave out, so that all splits together give away nobody; the smallest first.

    What a split adds up to over some of its keys, and over all, counts as answered: those totals can be asked for, and
    must not have to be declined then; only where nothing else helps they do not. All cells may be left out, unless they
    are the `whole` answer.
    """
    atoms, cells = _atoms(splits, min_cell, run, tag, parts)
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


def _atoms(
    splits: list[Split], min_cell: int, run: Run, tag: str, parts: int
) -> tuple[list[Atom], dict[tuple[int, int], _Cell]]:
    """Rows by the large cells they are in, and those cells by split and key."""
    name = sha256(f"{tag} {splits[-1].source}".encode()).hexdigest()[:16]
    kept = [begin_atoms(name, parts), *(refine_atoms(name, split, min_cell, parts) for split in splits)]
    listed = run(f"select i, q, c, own, n from cells_{name}", *kept)
    each = f"select list(i), any_value(units) from within_{name} join units_{name} using (a) group by a"
    found = run(each, *kept)
    if found.truncated or listed.truncated:
        raise row_level("The cells asked for so far are too many to compare.")
    places = {number_of(split): i for i, split in enumerate(splits)}
    cells = {(places[q], c): _Cell(i, n, own) for i, q, c, own, n in listed.rows if q in places}
    known = {cell.number for cell in cells.values()}
    return [Atom(frozenset(i) & known, None if u is None else frozenset(u)) for i, u in found.rows], cells


def _differencing(min_cell: int) -> Declined:
    return Declined(
        f"Together with what this role can see, this would show something about fewer than {min_cell} units.",
        reason="small_cell",
        rule="differencing",
        hint="Ask for larger groups, or for the same groups as before.",
    )
