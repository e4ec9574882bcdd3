"""The macros of the warehouse that a role may call, copied into its projection."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from tools.errors import TransectError
from tools.warehouse.bind_clock import is_moving
from tools.warehouse.contents import MacroBody
from tools.warehouse.guard_errors import is_aggregate
from tools.warehouse.parse_tree import Known, check_parse_tree
from tools.warehouse.tree_parts import Tree, walk


@dataclass(frozen=True)
class Macro:
    """A macro to create: its name in lower case, whether it is called in FROM, and its CREATE statement."""

    name: str
    table: bool
    sql: str


def copy_macros(
    builder: duckdb.DuckDBPyConnection,
    bodies: Collection[MacroBody],
    *,
    granted: frozenset[str],
    known: Known,
    of_values: bool = False,
) -> tuple[Macro, ...]:
    """The granted macros whose bodies pass the guard; the others do not exist for the role.

    Args:
        builder: a connection with the warehouse attached as `source`.
        bodies: every macro of the warehouse.
        granted: names that the role lists, lower case.
        known: what SQL text of the role may refer to; granted macros may call each other.
        of_values: only those that compute a value of their arguments: no table, no aggregate, no clock.
    """
    own = [each for each in bodies if each.schema == "main" and each.name in granted]
    passed = {
        each.name
        for each in own
        if all(_passes(builder, other, known, of_values) for other in own if other.name == each.name)
    }
    if not passed:
        return ()
    statements = _create_statements(builder)
    tables = {each.name for each in own if each.table}
    return tuple(Macro(name, name in tables, statements[name]) for name in sorted(passed) if name in statements)


def _passes(builder: duckdb.DuckDBPyConnection, macro: MacroBody, known: Known, of_values: bool) -> bool:
    """Whether the macro's body would be allowed as SQL text."""
    text = macro.body if macro.table else f"select ({macro.body})"
    try:
        tree = json.loads(builder.execute("select json_serialize_sql(?::varchar)", [text]).fetchall()[0][0])
        reads = check_parse_tree(tree, known=known)
    except (duckdb.Error, TransectError):
        return False
    return not (
        of_values and (reads.tables or is_moving(tree) or any(map(_is_of_rows, walk(tree, into_subqueries=True))))
    )


def _is_of_rows(item: Tree) -> bool:
    return is_aggregate(item) or item["class"] in ("WINDOW", "SUBQUERY")


def _create_statements(builder: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """CREATE MACRO statements of the schema main by lower-case name: the catalog alone lacks the defaults."""
    with TemporaryDirectory() as folder:
        copy = duckdb.connect(":memory:")
        try:
            path = Path(folder) / "schema"
            builder.execute("attach ':memory:' as only_schema")
            builder.execute("copy from database source to only_schema (schema)")
            builder.execute(f"export database only_schema to '{path}'")
            script = (path / "schema.sql").read_text("utf-8")
            found: dict[str, str] = {}
            for statement in copy.extract_statements(script):
                words = statement.query.split(maxsplit=2)
                if [word.upper() for word in words[:2]] == ["CREATE", "MACRO"]:
                    found[words[2].partition("(")[0].strip().strip('"').lower()] = statement.query.strip()
            return found
        except (duckdb.Error, OSError):
            return {}
        finally:
            copy.close()
            builder.execute("detach database if exists only_schema")
