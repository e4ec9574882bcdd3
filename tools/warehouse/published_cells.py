"""The cells that a statement publishes: whose rows are in each, and where it is decided that it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

from tools.warehouse.cell_relations import Relation
from tools.warehouse.tree_parts import Tree, call, compare, every, named, number, operator, truth


@dataclass
class Published:
    """One aggregation over rows, in one of its grouping sets.

    Attributes:
        table: whose rows are put into cells.
        membership: a statement of r, u, c, k for each of them: row, unit, cell, and a list with a hash of each key.
        keys: how many keys there are.
        place, key: where in the rewritten tree the condition stands under which the cell is shown.
        cells: the expressions of the cells that are shown or hidden there together.
        chosen: where the grouping set is one of several, the condition that it is that one.
        whole: whether there is no answer without them: the groups themselves, or an aggregate that is all there is.
    """

    table: str
    membership: Tree
    keys: int
    place: Tree
    key: str
    cells: tuple[Tree, ...]
    chosen: Tree | None
    whole: bool

    def leave_out(self, cells: frozenset[int]) -> None:
        """Do not show these cells."""
        if cells:
            listed = [number(cell) for cell in sorted(cells)]
            for cell in self.cells:
                inside = every([self.chosen, operator("COMPARE_IN", cell, *listed)])
                assert inside is not None
                self.place[self.key] = every([self.place[self.key], operator("OPERATOR_NOT", inside)])


@dataclass(frozen=True)
class Group:
    """An aggregation over rows before its aggregates were rewritten.

    Attributes:
        node: the SELECT, with all the common table expressions it can see.
        source: what it goes over.
        keys: what it groups by.
        sets: the places of the keys in each grouping set.
    """

    node: Tree
    source: Relation
    keys: list[Tree]
    sets: list[list[int]]

    def published(self, place: Tree, key: str, condition: Tree | None) -> Iterator[Published]:
        """Its cells for each table and grouping set; with a condition, each in two: where it holds and where not."""
        for row, unit in ((row, each.unit) for each in self.source.units for row in each.rows):
            for chosen in self.sets:
                keys = [named(self.keys[i], "") for i in chosen]
                mask = _grouping(self.keys, chosen) if len(self.sets) > 1 else None
                held = [] if condition is None else [call("ifnull", condition, truth(False))]
                parts: list[list[Tree]] = [[]] if condition is None else [[truth(True)], [truth(False)]]
                cells = tuple(_cell([*keys, *part]) for part in parts)
                membership = _membership(self.node, row.each(), unit, [*keys, *held])
                yield Published(
                    row.table, membership, len(keys) + len(held), place, key, cells, mask, condition is None or not keys
                )


def _grouping(keys: list[Tree], chosen: list[int]) -> Tree:
    """`grouping(keys) = n`: that a row belongs to the grouping set of these keys."""
    mask = sum(1 << (len(keys) - 1 - i) for i in range(len(keys)) if i not in chosen)
    return compare("EQUAL", operator("GROUPING_FUNCTION", *(named(key, "") for key in keys)), number(mask))


def _cell(keys: list[Tree]) -> Tree:
    """The number of a cell, made of its keys."""
    return call("hash", call("row", number(1), *keys))


def _membership(node: Tree, row: Tree, unit: Tree, keys: list[Tree]) -> Tree:
    """Which row of a table, about whom, is in which cell of the aggregation."""
    hashes = call("list_value", *(call("hash", call("row", key)) for key in keys))
    return {
        **deepcopy(node),
        "select_list": [named(row, "r"), named(unit, "u"), named(_cell(keys), "c"), named(hashes, "k")],
        "group_expressions": [],
        "group_sets": [],
        "having": None,
        "qualify": None,
        "modifiers": [],
        "aggregate_handling": "STANDARD_HANDLING",
    }
