"""What a part of a statement stands for when small cells are hidden: published cells, or rows about somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tools.warehouse.tree_parts import Tree, call, column


@dataclass(frozen=True)
class Row:
    """Where a row comes from.

    Attributes:
        table: whose row it is.
        row: the expression of the row's number; of a list of them when `listed`, where rows were grouped per unit.
    """

    table: str
    row: Tree
    listed: bool = False

    def gathered(self) -> Row:
        """The rows of a group."""
        found = call("list", self.row)
        return Row(self.table, call("flatten", found) if self.listed else found, listed=True)

    def each(self) -> Tree:
        """One at a time."""
        return call("unnest", self.row) if self.listed else self.row


@dataclass(frozen=True)
class Unit:
    """Somebody that rows are about.

    Attributes:
        unit: the expression of the protected unit.
        rows: where they come from, for each table whose rows are about this unit.
        actors: paths of the columns that name the unit, lower case; equating two such columns joins rows of one unit.
    """

    unit: Tree
    rows: tuple[Row, ...]
    actors: frozenset[tuple[str, ...]] = frozenset()

    def merged(self, other: Unit) -> Unit:
        """One unit out of two that are always the same; either may be missing in an outer join."""
        return Unit(call("ifnull", self.unit, other.unit), self.rows + other.rows, self.actors | other.actors)

    def called(self, new: Mapping[str, str]) -> Unit:
        """Under other names for the columns of one table; a column that had a name that another has now is lost."""
        actors = {(*actor[:-1], new.get(actor[-1], actor[-1])) for actor in self.actors}
        kept = {actor for actor in self.actors if actor[-1] in new or actor[-1] not in new.values()}
        names = {(*actor[:-1], new.get(actor[-1], actor[-1])) for actor in kept}
        return replace(self, actors=frozenset(actors & names))


@dataclass(frozen=True)
class Relation:
    """A table, a subquery or a join of them.

    Attributes:
        units: who its rows are about; none when it holds published cells and constants only.
        conditions: name of a computed column -> the conditions that went into it.
        computed: names of columns that are not stored as they are.
        mixed: those of them that hold several columns at once.
        texts: those of them that hold a text.
        shapes: name of a computed column -> how it is made (tools/warehouse/shape.py), where it is not as stored.
    """

    units: tuple[Unit, ...] = ()
    conditions: dict[str, tuple[Tree, ...]] = field(default_factory=dict)
    computed: frozenset[str] = frozenset()
    mixed: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    shapes: dict[str, int] = field(default_factory=dict)

    @property
    def published(self) -> bool:
        return not self.units

    def joined(self, other: Relation) -> Relation:
        both = {**self.conditions, **other.conditions}
        return Relation(
            self.units + other.units,
            {name: self.conditions.get(name, ()) + other.conditions.get(name, ()) for name in both},
            self.computed | other.computed,
            self.mixed | other.mixed,
            self.texts | other.texts,
            {
                name: max(self.shapes.get(name, 0), other.shapes.get(name, 0))
                for name in {**self.shapes, **other.shapes}
            },
        )

    def called(self, names: Sequence[str], aliases: Sequence[str]) -> Relation:
        """As seen under a list of other names for its first columns."""
        new = {old: alias.lower() for old, alias in zip(names, aliases, strict=False)}
        return replace(
            self,
            conditions={new.get(name, name): each for name, each in self.conditions.items()},
            computed=frozenset(new.get(name, name) for name in self.computed),
            mixed=frozenset(new.get(name, name) for name in self.mixed),
            texts=frozenset(new.get(name, name) for name in self.texts),
            shapes={new.get(name, name): each for name, each in self.shapes.items()},
            units=tuple(unit.called(new) for unit in self.units),
        )

    def equated(self, left: tuple[str, ...], right: tuple[str, ...]) -> Relation:
        """Two units are one where a join holds the columns that name them equal."""
        a, b = self._naming(left), self._naming(right)
        if a is None or b is None or a == b:
            return self
        rest = tuple(unit for i, unit in enumerate(self.units) if i not in (a, b))
        return replace(self, units=(self.units[a].merged(self.units[b]), *rest))

    def _naming(self, path: tuple[str, ...]) -> int | None:
        """Which unit a column names: the only one whose actor it can be."""
        found = [i for i, unit in enumerate(self.units) if any(actor[-len(path) :] == path for actor in unit.actors)]
        return found[0] if path and len(found) == 1 else None

    def is_actor(self, path: tuple[str, ...]) -> bool:
        """Whether the column names the unit, and there is no other."""
        return len(self.units) == 1 and bool(path) and any(a[-len(path) :] == path for a in self.units[0].actors)


PUBLISHED = Relation()


def exported(name: str, alias: str) -> Tree:
    """A column that a subquery carries along, seen from outside."""
    return column(alias, name) if alias else column(name)
