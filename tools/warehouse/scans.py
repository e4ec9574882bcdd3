"""Where a statement reads its tables, and between which bounds its conditions keep a column there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tools.warehouse.parse_tree import Known, Scope, inside, path_of
from tools.warehouse.spread import Spread
from tools.warehouse.tree_parts import Tree, conjuncts, names_of


@dataclass(frozen=True)
class Scan:
    """One place where a table is read.

    Attributes:
        table: its own name.
        item: the part of the tree that names it.
        select: the SELECT whose FROM it is in; None elsewhere, as under a PIVOT.
    """

    table: str
    item: Tree
    select: Tree | None

    @property
    def alone(self) -> bool:
        """Whether the SELECT reads nothing else, under the table's own names of columns."""
        return self.select is not None and self.select["from_table"] is self.item and not self._renamed

    def bounds(self, spread: Spread) -> tuple[int | None, int | None]:
        """From where to before where its conditions keep the column; None where they do not."""
        if self._renamed:
            return None, None
        names = {self.item.get("alias", "").lower() or path_of(self.item)[-1]}
        lows, highs = [], []
        for each in conjuncts(self.select["where_clause"] if self.select else None):
            low, high = _bounds(each, spread, names)
            lows += [] if low is None else [low]
            highs += [] if high is None else [high]
        return max(lows, default=None), min(highs, default=None)

    @property
    def _renamed(self) -> bool:
        return bool(self.item.get("column_name_alias"))


def find_scans(tree: Tree, known: Known) -> list[Scan]:
    """Every place of a checked statement that reads a table of the warehouse."""
    return list(_find(tree["statements"][0], frozenset(), None, known))


def _find(item: Any, scope: Scope, select: Tree | None, known: Known) -> Iterator[Scan]:
    if isinstance(item, list):
        for each in item:
            yield from _find(each, scope, None, known)
        return
    if not isinstance(item, dict):
        return
    kind = item.get("class", item.get("type"))
    if kind == "BASE_TABLE":
        path = path_of(item)
        if path in known.tables and not (len(path) == 1 and path[0] in scope):
            yield Scan(known.tables[path], item, select)
    for part, seen in inside(item, scope):
        if kind == "SELECT_NODE" and part is item["from_table"]:
            yield from _find(part, seen, item, known)
        else:
            keeps = kind == "JOIN" and (part is item["left"] or part is item["right"])
            yield from _find(part, seen, select if keeps else None, known)


def _bounds(condition: Tree, spread: Spread, names: set[str]) -> tuple[int | None, int | None]:
    """What one condition says of the column: from, and before."""
    kind = condition["type"]
    if kind == "COMPARE_BETWEEN":
        if not _is_column(condition["input"], spread, names):
            return None, None
        return _from(condition["lower"], spread), _before(condition["upper"], spread, within=True)
    if condition["class"] != "COMPARISON":
        return None, None
    left, right = condition["left"], condition["right"]
    if _is_column(right, spread, names):
        left, right, kind = right, left, _TURNED.get(kind, kind)
    if not _is_column(left, spread, names):
        return None, None
    low = _from(right, spread) if kind in ("COMPARE_GREATERTHAN", "COMPARE_GREATERTHANOREQUALTO", _EQUAL) else None
    if kind in ("COMPARE_LESSTHAN", "COMPARE_LESSTHANOREQUALTO", _EQUAL):
        return low, _before(right, spread, within=kind != "COMPARE_LESSTHAN")
    return low, None


_EQUAL = "COMPARE_EQUAL"
_TURNED = {
    "COMPARE_GREATERTHAN": "COMPARE_LESSTHAN",
    "COMPARE_LESSTHAN": "COMPARE_GREATERTHAN",
    "COMPARE_GREATERTHANOREQUALTO": "COMPARE_LESSTHANOREQUALTO",
    "COMPARE_LESSTHANOREQUALTO": "COMPARE_GREATERTHANOREQUALTO",
}


def _is_column(item: Tree, spread: Spread, names: set[str]) -> bool:
    path = names_of(item)
    return bool(path) and path[-1] == spread.column.lower() and (len(path) == 1 or path[-2] in names)


def _from(item: Tree, spread: Spread) -> int | None:
    value = _constant(item)
    if value is None or not spread.dates:
        return _whole(value)
    moment = _moment(value)
    return None if moment is None else moment.toordinal()


def _before(item: Tree, spread: Spread, *, within: bool) -> int | None:
    """`within` when the value itself is meant, too."""
    value = _constant(item)
    if value is None or not spread.dates:
        number = _whole(value)
        return None if number is None else number + within
    moment = _moment(value)
    if moment is None:
        return None
    midnight = moment == datetime(moment.year, moment.month, moment.day)
    return moment.toordinal() + (within or not midnight)


def _constant(item: Tree) -> str | None:
    """The text of a constant, also of one that is cast."""
    if item["class"] == "CAST":
        return _constant(item["child"])
    literal = item.get("literal") if item["class"] == "CONSTANT" else None
    return str(literal["text"]) if literal and literal.get("kind") != "NULL_LITERAL" else None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=None)
    except ValueError:
        return None


def _whole(text: str | None) -> int | None:
    try:
        return None if text is None else int(text.replace("_", ""))
    except ValueError:
        return None
