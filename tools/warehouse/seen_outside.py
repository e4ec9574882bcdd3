"""What rows look like to what stands around them: renamed, put together, with the columns that still name a unit."""

from __future__ import annotations

from dataclasses import replace

from tools.warehouse.cell_relations import Relation, Unit, exported
from tools.warehouse.row_level import row_level
from tools.warehouse.shape import STORED
from tools.warehouse.tree_parts import Tree, names_of


def alike(found: list[Relation], sides: list[Tree]) -> Relation:
    """Rows put together: a column is what it is on every side."""
    columns = [columns_of(side) for side in sides]
    first = columns[0]
    if first is None or any(each is None or len(each) != len(first) for each in columns):
        raise row_level("Name the columns of each side of UNION ALL one by one.")
    shapes, texts, mixed, computed = dict[str, int](), set[str](), set[str](), set[str]()
    lost = set[str]()
    for relation, names in zip(found, columns, strict=True):
        for name, own in zip(first, names or (), strict=True):
            shapes[name] = max(shapes.get(name, STORED), relation.shapes.get(own, STORED))
            for all_, part in ((texts, relation.texts), (mixed, relation.mixed), (computed, relation.computed)):
                all_.update({name} if own in part else ())
            if not any(actor[-1] == own for unit in relation.units for actor in unit.actors):
                lost.add(name)
    units = tuple(
        replace(unit, actors=frozenset(a for a in unit.actors if a[-1] not in lost)) for unit in found[0].units
    )
    made = {name: kind for name, kind in shapes.items() if kind != STORED}
    return replace(
        found[0], units=units, shapes=made, texts=frozenset(texts), mixed=frozenset(mixed), computed=frozenset(computed)
    )


def renamed(found: Relation, alias: str) -> Relation:
    """A relation as it is seen under its alias."""
    units = tuple(
        Unit(
            exported(unit.unit["column_names"][-1], alias),
            tuple(replace(row, row=exported(row.row["column_names"][-1], alias)) for row in unit.rows),
            frozenset((alias.lower(), actor[-1]) for actor in unit.actors),
        )
        for unit in found.units
    )
    conditions = {
        name: tuple(exported(each["column_names"][-1], alias) for each in conditions)
        for name, conditions in found.conditions.items()
    }
    return replace(found, units=units, conditions=conditions)


def called(found: Relation, columns: list[str] | None, aliases: list[str]) -> Relation:
    """A relation whose columns get other names by their places; `columns` are its own, None where they are not known.

    The columns that carry units and conditions come after them and keep theirs.
    """
    if found.published or not aliases:
        return found
    if columns is None:
        raise row_level("Name the columns where they are computed: SELECT x AS name.")
    return found.called(columns, aliases)


def columns_of(node: Tree) -> list[str] | None:
    """The names of a SELECT's columns; None where they are not all written in it."""
    if node["type"] != "SELECT_NODE" or any(item["class"] == "STAR" for item in node["select_list"]):
        return None
    return [name_out(item) for item in node["select_list"]]


def actors_out(unit: Unit, items: list[Tree]) -> frozenset[tuple[str, ...]]:
    """The columns of a subquery that still name the unit."""
    found: set[tuple[str, ...]] = set()
    for item in items:
        names = names_of(item)
        if item["class"] == "STAR" and not item["replace_list"] and not item["rename_list"]:
            found |= {actor[-1:] for actor in unit.actors}
        elif names and any(actor[-len(names) :] == names for actor in unit.actors):
            found.add((name_out(item),))
    return frozenset(found)


def name_out(item: Tree) -> str:
    names = names_of(item)
    return str(item["alias"]).lower() or (names[-1] if names else "")


def only_actor(relation: Relation, name: str) -> tuple[str, ...]:
    """The full path of the one actor column with this name."""
    found = [actor for unit in relation.units for actor in unit.actors if actor[-1] == name.lower()]
    return found[0] if len(found) == 1 else ()
