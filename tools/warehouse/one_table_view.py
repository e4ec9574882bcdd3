"""The table that a view shows rows of, so that a view and its table count as one when answers are compared."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from tools.warehouse.guard_errors import is_aggregate
from tools.warehouse.parse_tree import path_of
from tools.warehouse.quoting import dotted
from tools.warehouse.tree_parts import column, named, names_of, walk

BASE_ROW, BASE_ACTOR = "__base_row", "__base_actor"
_DEFINITION = re.compile(r"\s*create\s+view\s+[\w.\"]+\s+as\s+(select\b.*?);?\s*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class ViewBase:
    """A view that shows some columns of some rows of one table.

    Attributes:
        table: that table's name.
        actor: the view's own column that names the table's actor; None when it shows none.
        sql: a SELECT of the view's columns, and of the row and the actor of the table, from `source`.
    """

    table: str
    actor: str | None
    sql: str


def view_base(definition: str, *, tables: Mapping[str, str | None]) -> ViewBase | None:
    """What a view shows; None when it is more than columns and conditions over one table.

    Args:
        definition: its CREATE VIEW.
        tables: the warehouse's tables that are no views -> the column of their actor, if any.
    """
    match = _DEFINITION.fullmatch(definition)
    if match is None:
        return None
    with duckdb.connect(":memory:") as parser:
        tree = json.loads(parser.execute("select json_serialize_sql(?::varchar)", [match[1]]).fetchall()[0][0])
        if tree.get("error") or len(tree["statements"]) != 1:
            return None
        node = tree["statements"][0]["node"]
        if node["type"] != "SELECT_NODE" or node["from_table"]["type"] != "BASE_TABLE" or node["from_table"]["sample"]:
            return None
        busy = ("group_expressions", "group_sets", "having", "qualify", "modifiers", "sample")
        more = any(is_aggregate(each) or each["class"] in ("SUBQUERY", "WINDOW") for each in walk(node))
        several = any(
            str(each.get("function_name")).lower() in ("unnest", "generate_subscripts") for each in walk(node)
        )
        if more or several or any(node[part] for part in busy) or node["cte_map"]["map"]:
            return None
        source = node["from_table"]
        path = tuple(part for part in path_of(source) if part != "main")
        table = next((name for name in tables if name.lower() == ".".join(path)), None)
        if table is None or source["column_name_alias"]:
            return None
        actor, alias = tables[table], source["alias"] or source["table_name"]
        shown = None
        for item in node["select_list"]:
            if actor and (item["class"] == "STAR" or names_of(item)[-1:] == (actor.lower(),)):
                shown = item["alias"] or actor
        node["select_list"].append(named(column(alias, "rowid"), BASE_ROW))
        if actor:
            node["select_list"].append(named(column(alias, actor), BASE_ACTOR))
        schema, _, plain = table.rpartition(".")
        source["alias"] = alias
        source |= {"catalog_name": "source", "schema_name": schema or "main", "table_name": plain}
        source["qualified_name"] = {"path": ["source", schema or "main", plain]}
        sql = parser.execute("select json_deserialize_sql(?::json)", [json.dumps(tree)]).fetchall()[0][0]
    return ViewBase(table, shown, str(sql))


def from_base(base: ViewBase | None, table: str) -> str:
    """What the copy of a table or view is read from."""
    return f"source.{dotted(table)}" if base is None else f"({base.sql})"
