"""Statements whose every cell is about enough people: counted within the statement, hidden before a result exists.

A statement may end in published cells only. An aggregation over rows publishes: it gets a HAVING that counts the
distinct protected units of each group, and each aggregate a CASE that counts the units behind it. Whatever is computed
from published cells is published too. Rows may be filtered, joined, computed and grouped per unit on the way, and carry
their unit and row along in hidden columns; a statement that ends in rows is declined.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from tools.errors import Declined
from tools.warehouse.cell_checks import PUBLISHABLE, check_aggregate, guarded, hands_on, is_condition
from tools.warehouse.cell_relations import PUBLISHED, Relation, Row, Unit, exported
from tools.warehouse.from_names import FromNames, from_names, nodes_in
from tools.warehouse.guard_errors import guard_errors, is_aggregate
from tools.warehouse.order_values import ORDERING, holds_text, is_mixed, is_plain
from tools.warehouse.parse_tree import path_of
from tools.warehouse.protected_units import ROW, UNIT, Protected
from tools.warehouse.shape import LINEAR, STORED, WILD, is_tuple, shape_of
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
    operator,
    walk,
)

Names = dict[str, Relation]


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
                held = [] if condition is None else [call("ifnull", condition, _truth(False))]
                parts: list[list[Tree]] = [[]] if condition is None else [[_truth(True)], [_truth(False)]]
                cells = tuple(_cell([*keys, *part]) for part in parts)
                membership = _membership(self.node, row.each(), unit, [*keys, *held])
                yield Published(
                    row.table, membership, len(keys) + len(held), place, key, cells, mask, condition is None or not keys
                )


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
            _without_order(each)
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
            names[name] = _called(found, _columns_of(body), entry["value"].get("aliases") or [])
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
        return _alike(found, sides)

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
                self._closed(each["subquery"]["node"], node["from_table"], around)
        if node["sample"]:
            raise row_level("A sample of rows is taken anew each time.")
        orders = [order["expression"] for each in node["modifiers"] for order in each.get("orders", ())]
        computed = [
            each for each in orders if each["class"] not in ("STAR", "POSITIONAL_REFERENCE")
        ]  # ORDER BY ALL, #1
        whole = {*names, *self._whole_rows(node["from_table"])}
        _only_names([*rest[:3], *rest[4:], computed, node["where_clause"]], whole)
        inside = from_names(node["from_table"], around, tables=self.tables, columns=self.columns)
        guard_errors(node, self._keys(node, inside))
        rest = [node[part] for part in ("select_list", "having", "qualify", "modifiers", "group_expressions")]
        aggregates = [item for item in walk(rest) if is_aggregate(item)]
        of_rows = not node["group_expressions"] and not aggregates
        of_rows = of_rows and node["aggregate_handling"] == "STANDARD_HANDLING"
        _check_aliases(node["select_list"], [*(node["select_list"] if of_rows else ()), *aggregates], inside)
        if of_rows:
            return self._rows(node, source)
        keys = self._keys(node, inside)
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
            units.append(Unit(column(name), tuple(rows), _actors_out(unit, items)))
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
                computed.add(_name_out(item))
            if holds_text(item, self.texts | under.texts):
                texts.add(_name_out(item))
            if is_mixed(item, under.computed, under.mixed):
                mixed.add(_name_out(item))
            if item["class"] != "STAR" and (kind := shape_of(item, under.shapes).kind) != STORED:
                shapes[_name_out(item)] = max(kind, shapes.get(_name_out(item), kind))
            found = list(self._conditions(item, under))
            if of is not None:
                found = [each if any(is_aggregate(e) for e in walk(each)) else _ever(each) for each in found]
            names = [self._name() for _ in found]
            node["select_list"] += [named(each, name) for each, name in zip(found, names, strict=True)]
            if found:
                conditions[_name_out(item)] = tuple(column(name) for name in names)
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
            self._check_order(arguments[:1], group.source)
        _check_shapes(name, arguments, group.source, distinct=item["distinct"])
        conditions = [] if item["filter"] is None else [item["filter"]]
        conditions += self._conditions(arguments, group.source)
        found = guarded(item, [unit.unit for unit in group.source.units], conditions, min_cell=self.min_cell)
        for condition in conditions if found is not item else ():
            self.published += group.published(found["case_checks"][0], "when_expr", condition)
        return found

    def _check_order(self, arguments: list[Tree], source: Relation) -> None:
        if any(is_mixed(each, source.computed, source.mixed) for each in arguments):
            raise row_level(
                "A least, greatest or middle value of several columns put together could be one row's: use avg or sum, "
                "one column, or date_diff of two times."
            )

    def _conditions(self, item: Any, source: Relation) -> Iterator[Tree]:
        """The outermost conditions that an expression holds, and those of the computed columns that it uses."""
        if isinstance(item, list):
            for each in item:
                yield from self._conditions(each, source)
        elif isinstance(item, dict) and item.get("class") != "SUBQUERY":
            if is_condition(item):
                yield item
            elif names := names_of(item):
                yield from source.conditions.get(names[-1], ())
            elif str(item.get("function_name")).lower() == "nullif":
                left, right = (each["expression"] for each in item["arguments"])
                yield compare("EQUAL", left, right)
            elif str(item.get("function_name")).lower() == "if":
                yield item["arguments"][0]["expression"]
                yield from self._conditions(item["arguments"][1:], source)
            else:
                yield from (check["when_expr"] for check in item.get("case_checks", ()))
                parts = {**item, "case_checks": [check["then_expr"] for check in item.get("case_checks", ())]}
                yield from self._conditions(list(parts.values()), source)

    def _keys(self, node: Tree, inside: FromNames) -> list[Tree]:
        """What the rows are grouped by, with positions and names of results replaced by what they stand for."""
        if not node["group_expressions"]:
            if node["aggregate_handling"] == "STANDARD_HANDLING":
                return []
            return [i for i in node["select_list"] if not any(is_aggregate(each) for each in walk(i))]
        return [self._key(each, node["select_list"], inside) for each in node["group_expressions"]]

    def _key(self, key: Tree, items: list[Tree], inside: FromNames) -> Tree:
        """What a key stands for; as in DuckDB, a column of FROM comes before the name of a result."""
        position = (key.get("literal") or {}).get("text", "") if key["class"] == "CONSTANT" else ""
        if position.isdigit() and 0 < int(position) <= len(items):
            return items[int(position) - 1]
        names = names_of(key)
        alias = next((item for item in items if item["alias"].lower() == names[-1]), None) if len(names) == 1 else None
        if alias is None or names_of(alias)[-1:] == names[-1:] or names[-1] in inside.certain:
            return key
        if inside.could_have(names[-1]):
            raise row_level(f"{names[-1]!r} in GROUP BY could be a column or a result: give the result another name.")
        return alias

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
            return _renamed(_called(found, _columns_of(node), item["column_name_alias"]), item["alias"])
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
            return _renamed(_called(names[path[0]], None, item["column_name_alias"]), alias)
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
            self._closed(item["right"], item["left"], around)
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
            a, b = _only(left, str(name)), _only(right, str(name))
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
                    self._closed(each["subquery"]["node"], outer, around)
                each["subquery"]["node"] = inner
            elif not self._is_same_unit(each, source, found, names, around):
                raise row_level("A subquery in WHERE must select the unit of the outer rows, or be an aggregation.")
            else:  # whether a set of units is empty, or holds NULL, must decide nothing
                inside = dict(each)
                each.clear()
                each.update(call("ifnull", inside, _truth(False)))

    def _is_same_unit(self, item: Tree, source: Relation, inner: Relation, names: Names, around: list[Tree]) -> bool:
        """`actor in (select actor ...)`, `exists (... actor = actor)`: rows kept for what is known of their unit."""
        node = item["subquery"]["node"]
        if item["subquery_type"] in ("EXISTS", "NOT_EXISTS"):
            if node["type"] != "SELECT_NODE":
                return False
            within = self._source(deepcopy(node["from_table"]), names, around)
            own = {*self._aliases(node["from_table"])}
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

    def _closed(self, part: Any, outer: Tree, around: list[Tree]) -> None:
        """Decline published cells, values or a table function that look at the rows beside or around them."""
        beside = from_names(outer, around, tables=self.tables, columns=self.columns)
        aliases = {*self._aliases(outer)}
        if part.get("type") in ("TABLE_FUNCTION", "EXPRESSION_LIST"):
            if any(names_of(each) for each in walk(part, into_subqueries=True)):
                raise row_level("Values in FROM may not be made of other rows: compute them in SELECT.")
            return
        for node in nodes_in(part):
            own = from_names(node["from_table"], around, tables=self.tables, columns=self.columns)
            within = {*self._aliases(node["from_table"])}
            for each in walk(node):
                path = names_of(each)
                alone = len(path) == 1 and path[0] not in own.certain and beside.could_have(path[0])
                other = len(path) > 1 and path[0] not in within and (path[0] in aliases or beside.could_have(path[0]))
                if alone or other:
                    raise row_level(f"A subquery may not use {'.'.join(path)!r} of the rows around it: join instead.")

    def _aliases(self, source: Tree) -> Iterator[str]:
        """What the parts of a FROM are called."""
        if source["type"] == "JOIN":
            yield from self._aliases(source["left"])
            yield from self._aliases(source["right"])
        yield str(source.get("alias") or source.get("table_name") or "").lower()

    def _whole_rows(self, source: Tree) -> Iterator[str]:
        """Names in FROM which, alone, stand for whole rows: where a table has a column of its name, that is meant."""
        if source["type"] == "JOIN":
            yield from self._whole_rows(source["left"])
            yield from self._whole_rows(source["right"])
        elif source["type"] in ("SUBQUERY", "BASE_TABLE"):
            alias = str(source["alias"] or source.get("table_name")).lower()
            table = self.tables.get(path_of(source), "") if source["type"] == "BASE_TABLE" else ""
            if alias not in {column.lower() for column in self.columns.get(table, ())}:
                yield alias

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


def row_level(why: str) -> Declined:
    """A statement that is not provably about enough people in every cell."""
    return Declined(
        f"This role sees groups of people, not single rows. {why}",
        reason="small_cell",
        rule="row_level",
        hint="Aggregate: SELECT country, count(*) FROM ... GROUP BY country; or ask for a metric.",
    )


def _without_order(item: Tree) -> None:
    """`quantile_cont(0.5 order by x)` as `quantile_cont(x, 0.5)`, in place; no order where it decides nothing."""
    name = str(item.get("function_name")).lower()
    orders = (item.get("order_bys") or {}).get("orders") or []
    if not is_aggregate(item) or not orders or name not in PUBLISHABLE:
        return
    if name.startswith("quantile") and len(item["arguments"]) == 1:
        if len(orders) > 1 or orders[0]["type"] == "DESCENDING":
            raise row_level(f"Write {name}(x, 0.5): the column first, without ORDER BY.")
        item["arguments"].insert(0, {"name": "", "expression": orders[0]["expression"]})
    item["order_bys"] = {**item["order_bys"], "orders": []}


def _check_aliases(items: list[Tree], used: list[Tree], inside: FromNames) -> None:
    """Decline a result's name in an expression of the same SELECT over rows, where it stands for more than it says."""
    computed = {
        item["alias"].lower() for item in items if item["alias"] and names_of(item)[-1:] != (item["alias"].lower(),)
    }
    for each in walk(used):
        names = names_of(each)
        if len(names) == 1 and names[0] in computed - inside.certain:
            raise row_level(f"{names[0]!r} is computed in the same SELECT: compute it in a subquery or WITH first.")


def _check_shapes(name: str, arguments: list[Tree], source: Relation, *, distinct: bool) -> None:
    """Decline what arithmetic could make one row's (tools/warehouse/shape.py)."""
    if name in ("grouping", "grouping_id"):
        return
    if name.startswith(("quantile", "approx_quantile")):
        arguments = arguments[:1]
    if name in ("count", "approx_count_distinct") and all(is_tuple(each, source.shapes) for each in arguments):
        return
    shapes = [shape_of(each, source.shapes, ordered=name in ORDERING) for each in arguments]
    if len(arguments) > 1 and any(each.kind != STORED for each in shapes):
        raise row_level(f"{name} takes columns as they are stored: a computed weight could single one row out.")
    several = any(each.kind == LINEAR and len(each.columns) > 1 for each in shapes)
    if any(each.kind == WILD for each in shapes) or (
        several and (distinct or name in ("approx_count_distinct", "entropy"))
    ):
        raise row_level(
            "What is aggregated is a column, a sum, product or ratio of columns, or a rounded column: arithmetic could "
            "single one row out. Write a condition, which is counted: CASE WHEN, or FILTER (WHERE ...)."
        )


def _alike(found: list[Relation], sides: list[Tree]) -> Relation:
    """Rows put together: a column is what it is on every side."""
    columns = [_columns_of(side) for side in sides]
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


def _grouping(keys: list[Tree], chosen: list[int]) -> Tree:
    """`grouping(keys) = n`: that a row belongs to the grouping set of these keys."""
    mask = sum(1 << (len(keys) - 1 - i) for i in range(len(keys)) if i not in chosen)
    return compare("EQUAL", operator("GROUPING_FUNCTION", *(named(key, "") for key in keys)), number(mask))


def _cell(keys: list[Tree]) -> Tree:
    """The number of a cell, made of its keys."""
    return call("hash", call("row", number(1), *keys))


def _truth(value: bool) -> Tree:
    return compare("EQUAL", number(1), number(int(value)))


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


def _ever(condition: Tree) -> Tree:
    """Whether a condition held for any row of a group."""
    return call("bool_or", call("ifnull", condition, _truth(False)))


def _renamed(found: Relation, alias: str) -> Relation:
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


def _called(found: Relation, columns: list[str] | None, aliases: list[str]) -> Relation:
    """A relation whose columns get other names by their places; `columns` are its own, None where they are not known.

    The columns that carry units and conditions come after them and keep theirs.
    """
    if found.published or not aliases:
        return found
    if columns is None:
        raise row_level("Name the columns where they are computed: SELECT x AS name.")
    return found.called(columns, aliases)


def _columns_of(node: Tree) -> list[str] | None:
    """The names of a SELECT's columns; None where they are not all written in it."""
    if node["type"] != "SELECT_NODE" or any(item["class"] == "STAR" for item in node["select_list"]):
        return None
    return [_name_out(item) for item in node["select_list"]]


def _only_names(items: Any, whole: set[str]) -> None:
    """Every column must be called by its name, for that is what it is known by: what is in it, and its conditions.

    A star may stand for itself only, never in an expression; `whole` are names that stand for whole rows.
    """
    for each in walk(items):
        star = each["class"] == "STAR" and (each["columns"] or each["replace_list"] or each["rename_list"])
        inside = each["class"] not in ("STAR", "SUBQUERY") and any(e["class"] == "STAR" for e in walk(each))
        path = names_of(each)
        row = bool(path) and path[-1] in whole and not (len(path) == 2 and path[0] in whole)
        if star or inside or row or each["class"] == "POSITIONAL_REFERENCE":
            raise row_level("Name the columns one by one.")


def _actors_out(unit: Unit, items: list[Tree]) -> frozenset[tuple[str, ...]]:
    """The columns of a subquery that still name the unit."""
    found: set[tuple[str, ...]] = set()
    for item in items:
        names = names_of(item)
        if item["class"] == "STAR" and not item["replace_list"] and not item["rename_list"]:
            found |= {actor[-1:] for actor in unit.actors}
        elif names and any(actor[-len(names) :] == names for actor in unit.actors):
            found.add((_name_out(item),))
    return frozenset(found)


def _name_out(item: Tree) -> str:
    names = names_of(item)
    return str(item["alias"]).lower() or (names[-1] if names else "")


def _only(relation: Relation, name: str) -> tuple[str, ...]:
    """The full path of the one actor column with this name."""
    found = [actor for unit in relation.units for actor in unit.actors if actor[-1] == name.lower()]
    return found[0] if len(found) == 1 else ()
