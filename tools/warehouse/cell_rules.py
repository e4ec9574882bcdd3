"""Statements whose every cell is about enough people: counted within the statement, hidden before a result exists.

A statement may end in published cells only. An aggregation over rows publishes: it gets a HAVING that counts the
distinct protected units of each group, and each aggregate a CASE that counts the units behind it. Whatever is computed
from published cells is published too. Rows may be filtered, joined, computed and grouped per unit on the way, and carry
their unit and row along in hidden columns; a statement that ends in rows is declined.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from tools.warehouse.cell_checks import check_aggregate, conditions_in, guarded, hands_on
from tools.warehouse.cell_relations import PUBLISHED, Relation, Row, Unit
from tools.warehouse.check_arguments import check_order, check_shapes, without_order
from tools.warehouse.check_closed import check_closed
from tools.warehouse.check_names import check_aliases, check_names
from tools.warehouse.from_names import aliases_in, from_names, whole_rows_in
from tools.warehouse.group_keys import group_keys
from tools.warehouse.guard_errors import guard_errors, is_aggregate
from tools.warehouse.order_values import ORDERING, holds_text, is_mixed, is_plain
from tools.warehouse.parse_tree import path_of
from tools.warehouse.protected_units import ROW, UNIT, Protected
from tools.warehouse.published_cells import Group, Published
from tools.warehouse.row_level import row_level
from tools.warehouse.seen_outside import actors_out, alike, called, columns_of, name_out, only_actor, renamed
from tools.warehouse.shape import STORED, shape_of
from tools.warehouse.tree_parts import (
    Tree,
    call,
    column,
    compare,
    conjuncts,
    every,
    named,
    names_of,
    number,
    truth,
    walk,
)

Names = dict[str, Relation]


@dataclass
class CellRules:
    """Rewrites one statement.

    Attributes:
        min_cell: fewest distinct protected units of a shown cell.
        tables: paths of the tables that may be read -> the table's own name.
        protected: table -> whom its rows are about; tables that are not in it are about nobody.
        texts: columns whose values are texts or documents, lower case.
        columns: of each table.
    """

    min_cell: int
    tables: dict[tuple[str, ...], str]
    protected: dict[str, Protected]
    texts: frozenset[str]
    columns: dict[str, tuple[str, ...]]
    published: list[Published] = field(default_factory=list)
    _counter: int = 0

    def rewrite(self, tree: Tree) -> Tree:
        """The statement with its hidden counts; raises Declined with rule row_level."""
        found = deepcopy(tree)
        statement = found["statements"][0]
        if any(len(path_of(each)) > 1 for each in walk(statement, into_subqueries=True) if each["class"] == "FUNCTION"):
            raise row_level("Write lower(country), not country.lower().")
        for each in list(walk(statement, into_subqueries=True)):
            without_order(each)
        if not self._node(statement["node"], {}, []).published:
            raise row_level("The statement returns rows.")
        return found

    def _node(self, node: Tree, names: Names, around: list[Tree]) -> Relation:
        """What a query stands for, rewritten in place. `around` are the common table expressions it can see."""
        names, around = dict(names), list(around)
        for entry in node["cte_map"]["map"]:
            name, body = str(entry["key"]).lower(), entry["value"]["query_node"]
            inner = {**names, name: PUBLISHED} if body["type"] == "RECURSIVE_CTE_NODE" else names
            found = self._node(body, inner, around)
            names[name] = called(found, columns_of(body), entry["value"].get("aliases") or [])
            around.append(entry)
        if node["type"] == "SELECT_NODE":
            return self._select(node, names, around)
        if node["type"] == "SET_OPERATION_NODE":
            return self._set_operation(node, names, around)
        if node["type"] == "RECURSIVE_CTE_NODE":
            parts = [self._node(node[side], names, around) for side in ("left", "right")]
            if all(part.published for part in parts):
                return PUBLISHED
        raise row_level("A recursive query may only go over published cells.")

    def _set_operation(self, node: Tree, names: Names, around: list[Tree]) -> Relation:
        sides = node["children"] or [node["left"], node["right"]]
        found = [self._node(side, names, around) for side in sides]
        self._only_published(node["modifiers"], names, around)
        if all(each.published for each in found):
            return PUBLISHED
        plain = node["setop_type"] == "UNION" and node["setop_all"] and not node["modifiers"]
        same = len({len(each.units) for each in found}) == 1 and not any(each.conditions for each in found)
        if not plain or not same or any(side["type"] != "SELECT_NODE" for side in sides):
            raise row_level("Rows may only be put together by UNION ALL of like tables.")
        aliases = [item["alias"] for item in sides[0]["select_list"] if item["alias"].startswith(_CARRIED)]
        for side in sides[1:]:
            carried = [item for item in side["select_list"] if item["alias"].startswith(_CARRIED)]
            if len(carried) != len(aliases):
                raise row_level("Rows may only be put together by UNION ALL of like tables.")
            for item, alias in zip(carried, aliases, strict=True):
                item["alias"] = alias
        return alike(found, sides)

    def _select(self, node: Tree, names: Names, around: list[Tree]) -> Relation:
        source = self._source(node["from_table"], names, around)
        for each in conjuncts(node["where_clause"]):
            if each["type"] == "COMPARE_EQUAL":
                source = source.equated(names_of(each["left"]), names_of(each["right"]))
        self._filters(node["where_clause"], source, node["from_table"], names, around)
        rest = [node["select_list"], node["having"], node["qualify"], node["modifiers"], node["group_expressions"]]
        self._only_published(rest, names, around)
        if source.published:
            return PUBLISHED
        for each in walk(rest):
            if each["class"] == "SUBQUERY":
                check_closed(
                    each["subquery"]["node"], node["from_table"], around, tables=self.tables, columns=self.columns
                )
        if node["sample"]:
            raise row_level("A sample of rows is taken anew each time.")
        orders = [order["expression"] for each in node["modifiers"] for order in each.get("orders", ())]
        computed = [
            each for each in orders if each["class"] not in ("STAR", "POSITIONAL_REFERENCE")
        ]  # ORDER BY ALL, #1
        whole = {*names, *whole_rows_in(node["from_table"], tables=self.tables, columns=self.columns)}
        check_names([*rest[:3], *rest[4:], computed, node["where_clause"]], whole)
        inside = from_names(node["from_table"], around, tables=self.tables, columns=self.columns)
        guard_errors(node, group_keys(node, inside))
        rest = [node[part] for part in ("select_list", "having", "qualify", "modifiers", "group_expressions")]
        aggregates = [item for item in walk(rest) if is_aggregate(item)]
        of_rows = not node["group_expressions"] and not aggregates
        of_rows = of_rows and node["aggregate_handling"] == "STANDARD_HANDLING"
        check_aliases(node["select_list"], [*(node["select_list"] if of_rows else ()), *aggregates], inside)
        if of_rows:
            return self._rows(node, source)
        keys = group_keys(node, inside)
        if any(source.is_actor(names_of(key)) for key in keys) and not node["group_sets"][1:]:
            return self._per_unit(node, source, keys)
        return self._publish(node, source, keys, around)

    def _rows(self, node: Tree, source: Relation) -> Relation:
        """Rows that go on: they carry their units, rows and conditions along."""
        if node["modifiers"] and any(m["type"] != "ORDER_MODIFIER" for m in node["modifiers"]):
            raise row_level("DISTINCT and LIMIT over rows single people out: use count(distinct ...) or GROUP BY.")
        self._own_windows([node["select_list"], node["qualify"]], source)
        return self._carry(node, source)

    def _per_unit(self, node: Tree, source: Relation, keys: list[Tree]) -> Relation:
        """One row for each unit: still rows, about that unit."""
        if node["modifiers"] and any(m["type"] != "ORDER_MODIFIER" for m in node["modifiers"]):
            raise row_level("DISTINCT and LIMIT over rows single people out: use count(distinct ...) or GROUP BY.")
        own = source.units[0]
        rows = tuple(row.gathered() for row in own.rows)
        return self._carry(node, Relation((Unit(call("any_value", own.unit), rows, own.actors),)), of=source)

    def _carry(self, node: Tree, source: Relation, *, of: Relation | None = None) -> Relation:
        """Hidden columns for units, rows and conditions; what the result looks like from outside.

        `of` is what the rows are grouped from, when each is about several: a condition then says whether it ever held.
        """
        items = list(node["select_list"])
        units: list[Unit] = []
        for unit in source.units:
            name = self._name()
            node["select_list"].append(named(unit.unit, name))
            rows: list[Row] = []
            for row in unit.rows:
                row_name = self._name()
                node["select_list"].append(named(row.row, row_name))
                rows.append(replace(row, row=column(row_name)))
            units.append(Unit(column(name), tuple(rows), actors_out(unit, items)))
        conditions: dict[str, tuple[Tree, ...]] = {}
        under = of or source
        computed, mixed, texts, shapes = set[str](), set[str](), set[str](), dict[str, int]()
        if any(item["class"] == "STAR" for item in items):
            conditions.update(under.conditions)
            computed, mixed, texts = set(under.computed), set(under.mixed), set(under.texts)
            shapes.update(under.shapes)
        for item in items:
            if not item["alias"] and item["class"] not in ("COLUMN_REF", "STAR"):
                item["alias"] = self._name("x")  # DuckDB's name for it would not be known
            if item["class"] != "STAR" and not is_plain(item, under.computed):
                computed.add(name_out(item))
            if holds_text(item, self.texts | under.texts):
                texts.add(name_out(item))
            if is_mixed(item, under.computed, under.mixed):
                mixed.add(name_out(item))
            if item["class"] != "STAR" and (kind := shape_of(item, under.shapes).kind) != STORED:
                shapes[name_out(item)] = max(kind, shapes.get(name_out(item), kind))
            found = list(conditions_in(item, under.conditions))
            if of is not None:
                found = [each if any(is_aggregate(e) for e in walk(each)) else _ever(each) for each in found]
            names = [self._name() for _ in found]
            node["select_list"] += [named(each, name) for each, name in zip(found, names, strict=True)]
            if found:
                conditions[name_out(item)] = tuple(column(name) for name in names)
        return Relation(tuple(units), conditions, frozenset(computed), frozenset(mixed), frozenset(texts), shapes)

    def _publish(self, node: Tree, source: Relation, keys: list[Tree], around: list[Tree]) -> Relation:
        """Counts in HAVING and around each aggregate."""
        if any(item["class"] == "STAR" for item in node["select_list"]):
            raise row_level("Name the columns of an aggregation; * is every column.")
        before = deepcopy({**node, "cte_map": {"map": [*around, *node["cte_map"]["map"]]}})
        group = Group(before, source, keys, node["group_sets"] or [list(range(len(keys)))])
        for part in ("select_list", "modifiers"):
            node[part] = self._wrap(node[part], group)
        for part in ("having", "qualify"):
            node[part] = self._wrap(node[part], group) if node[part] else None
        enough = [self._enough(unit.unit, None) for unit in source.units]
        node["having"] = every([*enough, node["having"]])
        self.published += group.published(node, "having", None)
        return PUBLISHED

    def _wrap(self, item: Any, group: Group) -> Any:
        """The expression with each aggregate replaced by NULL where too few units are behind it."""
        if isinstance(item, list):
            return [self._wrap(each, group) for each in item]
        if not isinstance(item, dict):
            return item
        if not is_aggregate(item):
            return {k: v if k == "subquery" else self._wrap(v, group) for k, v in item.items()}
        check_aggregate(item)
        arguments = [each["expression"] for each in item["arguments"]]
        if (name := str(item["function_name"]).lower()) in ORDERING:
            if holds_text(arguments, self.texts | group.source.texts):
                raise hands_on(name)
            check_order(arguments[:1], group.source)
        check_shapes(name, arguments, group.source, distinct=item["distinct"])
        conditions = [] if item["filter"] is None else [item["filter"]]
        conditions += conditions_in(arguments, group.source.conditions)
        found = guarded(item, [unit.unit for unit in group.source.units], conditions, min_cell=self.min_cell)
        for condition in conditions if found is not item else ():
            self.published += group.published(found["case_checks"][0], "when_expr", condition)
        return found

    def _source(self, item: Tree, names: Names, around: list[Tree]) -> Relation:
        """What stands in FROM."""
        kind = item["type"]
        if item.get("sample"):
            raise row_level("A sample of rows is taken anew each time.")
        if kind == "BASE_TABLE":
            return self._table(item, names)
        if kind == "SUBQUERY":
            item["alias"] = item["alias"] or self._name("q")
            node = item["subquery"]["node"]
            found = self._node(node, names, around)
            return renamed(called(found, columns_of(node), item["column_name_alias"]), item["alias"])
        if kind == "JOIN":
            return self._join(item, names, around)
        if kind == "PIVOT":
            if self._source(item["source"], names, around).published:
                return PUBLISHED
            raise row_level("PIVOT goes over published cells: group first, then pivot.")
        self._only_published(item, names, around)
        return PUBLISHED  # EMPTY, VALUES, table functions: no table's rows by themselves

    def _table(self, item: Tree, names: Names) -> Relation:
        path = tuple(str(part).lower() for part in item["qualified_name"]["path"])
        alias = item["alias"] or item["table_name"]
        if len(path) == 1 and path[0] in names:
            return renamed(called(names[path[0]], None, item["column_name_alias"]), alias)
        table = self.tables[path]
        whose = self.protected.get(table)
        if whose is None:
            return PUBLISHED
        if item["column_name_alias"]:
            raise row_level("Rename columns in a subquery: FROM (SELECT x AS name FROM ...).")
        low = alias.lower()
        actors = frozenset({(low, whose.actor.lower())}) if whose.actor else frozenset[tuple[str, ...]]()
        if whose.unmatched and len(self.protected) > 1:
            raise row_level(f"Rows of the view {table} cannot be matched with those of its tables: ask those.")
        whole = whose.base.table if whose.base else table
        return Relation((Unit(column(alias, UNIT), (Row(whole, column(alias, ROW)),), actors),))

    def _join(self, item: Tree, names: Names, around: list[Tree]) -> Relation:
        left, right = self._source(item["left"], names, around), self._source(item["right"], names, around)
        found = left.joined(right)
        if right.published and not left.published:
            check_closed(item["right"], item["left"], around, tables=self.tables, columns=self.columns)
        if found.published:
            self._only_published(item["condition"], names, around)
            return PUBLISHED
        if item["ref_type"] in ("NATURAL", "POSITIONAL"):
            raise row_level(f"A {item['ref_type'].lower()} join of rows hides what it joins on: write ON or USING.")
        texts = self.texts | left.texts | right.texts
        for each in walk(item["condition"]):
            both = "left" in each and names_of(each["left"]) and names_of(each["right"])
            if both and holds_text(each["left"], texts) != holds_text(each["right"], texts):
                raise row_level("A join compares a text with something else: cast one of them, x::varchar.")
        for each in conjuncts(item["condition"]):
            if each["type"] == "COMPARE_EQUAL":
                found = found.equated(names_of(each["left"]), names_of(each["right"]))
        for name in item["using_columns"]:
            a, b = only_actor(left, str(name)), only_actor(right, str(name))
            if a and b:
                found = found.equated(a, b)
        self._filters(item["condition"], found, item, names, around)
        if item["join_type"] in ("SEMI", "ANTI"):
            if right.published or len(found.units) < len(left.units) + len(right.units):
                return left
            raise row_level("A semi or anti join of rows must be on the unit, such as user_id = user_id.")
        return found

    def _filters(self, condition: Tree | None, source: Relation, outer: Tree, names: Names, around: list[Tree]) -> None:
        """Subqueries in WHERE and ON: published ones, or rows of the same unit (`user_id in (select user_id ...)`)."""
        found_in = [each for each in walk(condition) if each["class"] == "SUBQUERY"] if condition else []
        for each in found_in:
            inner = deepcopy(each["subquery"]["node"])
            found = self._node(inner, names, around)
            if found.published or source.published:
                if not found.published:
                    raise row_level("A subquery over rows may not decide what is shown.")
                if not source.published:
                    check_closed(each["subquery"]["node"], outer, around, tables=self.tables, columns=self.columns)
                each["subquery"]["node"] = inner
            elif not self._is_same_unit(each, source, found, names, around):
                raise row_level("A subquery in WHERE must select the unit of the outer rows, or be an aggregation.")
            else:  # whether a set of units is empty, or holds NULL, must decide nothing
                inside = dict(each)
                each.clear()
                each.update(call("ifnull", inside, truth(False)))

    def _is_same_unit(self, item: Tree, source: Relation, inner: Relation, names: Names, around: list[Tree]) -> bool:
        """`actor in (select actor ...)`, `exists (... actor = actor)`: rows kept for what is known of their unit."""
        node = item["subquery"]["node"]
        if item["subquery_type"] in ("EXISTS", "NOT_EXISTS"):
            if node["type"] != "SELECT_NODE":
                return False
            within = self._source(deepcopy(node["from_table"]), names, around)
            own = {*aliases_in(node["from_table"])}
            equal = [each for each in conjuncts(node["where_clause"]) if each["type"] == "COMPARE_EQUAL"]
            sides = [(names_of(each["left"]), names_of(each["right"])) for each in equal]
            return any(
                within.is_actor(inside) and len(outside) == 2 and outside[0] not in own and source.is_actor(outside)
                for pair in sides
                for inside, outside in (pair, pair[::-1])
            )
        if item["subquery_type"] != "ANY" or item["comparison_type"] != "COMPARE_EQUAL":
            return False
        items = node.get("select_list") or []
        outer_is = bool(item["child"]) and source.is_actor(names_of(item["child"]))
        return outer_is and len(items) == 1 and inner.is_actor(names_of(items[0])[-1:])

    def _only_published(self, item: Any, names: Names, around: list[Tree]) -> None:
        """Subqueries outside of WHERE must be published cells."""
        for each in walk(item):
            if each["class"] == "SUBQUERY" and not self._node(each["subquery"]["node"], names, around).published:
                raise row_level("A subquery over rows may not decide what is shown.")

    def _own_windows(self, items: Any, source: Relation) -> None:
        """A window over rows may only look at rows of the same unit."""
        for each in walk(items):
            if each["class"] == "WINDOW" and not any(source.is_actor(names_of(p)) for p in each["partitions"]):
                raise row_level("A window over rows must be PARTITION BY the unit; or aggregate first.")

    def _enough(self, unit: Tree, where: Tree | None) -> Tree:
        counted = call("count", unit, distinct=True, where=where)
        return compare("GREATERTHANOREQUALTO", counted, number(self.min_cell))

    def _name(self, kind: str = "c") -> str:
        self._counter += 1
        return f"{_CARRIED}{kind}{self._counter}"


_CARRIED = "__carried_"
HIDDEN = (_CARRIED, "__protected_")  # what the names of hidden columns begin with


def _ever(condition: Tree) -> Tree:
    """Whether a condition held for any row of a group."""
    return call("bool_or", call("ifnull", condition, truth(False)))
