"""SQL text from names and values: identifiers quoted, values bound as parameters, never pasted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tools.errors import InvalidInput

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z", re.IGNORECASE | re.ASCII)
# duckdb_keywords() of DuckDB 2.0, categories reserved, column_name and type_function, and functions without brackets.
_KEYWORD_TEXT = """
with where variadic unpivot union true using trailing to then table symmetric summarize create as into do initially for
describe desc window except offset in default column false collate returning constraint all case placing cast analyse
intersect asc analyze check having fetch when and only asymmetric on any array both group pivot_longer primary lambda
foreign lateral unique leading null distinct limit not from or order some pivot end pivot_wider qualify else references
deferrable select show xmlroot xmlforest xmlconcat xmlattributes treat timestamp time substring struct xmlnamespaces row
varchar real xmlpi precision boolean inout interval xmlparse decimal xmltable trim character dec smallint columns
grouping setof exists int overlay position char bit bigint xmlexists try_cast generated coalesce integer between map
values national float none nchar xmlelement numeric xmlserialize tuple grouping_id nullif extract out verbose full
concurrently cross ilike collation anti by at semi asof freeze binary is authorization glob isnull join overlaps
tablesample left outer like unpack natural similar notnull positional inner right current_date current_time
current_timestamp current_user current_role current_catalog current_schema session_user localtime localtimestamp user
rowid
"""
_KEYWORDS = frozenset(_KEYWORD_TEXT.split())


def quote(name: str) -> str:
    """An identifier, quoted where it is not a plain lower- or mixed-case word.

    Raises:
        InvalidInput: an empty name or one with a NUL character.
    """
    if not name or "\0" in name:
        raise InvalidInput(f"{name!r} cannot be the name of a table or column.", value=name)
    if _PLAIN.match(name) and name.lower() not in _KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def quote_table(source: str) -> str:
    """A table or view; `schema.table` outside the schema main."""
    schema, dot, table = source.partition(".")
    return f"{quote(schema)}.{quote(table)}" if dot and schema and table else quote(source)


@dataclass
class Values:
    """The values of one statement, in the order of their placeholders `$1`, `$2`, ..."""

    bound: list[Any] = field(default_factory=list)

    def bind(self, value: Any) -> str:
        """The placeholder that stands for a value; equal values of one type share one."""
        if isinstance(value, str) and ("\0" in value or not _encodable(value)):
            raise InvalidInput("A value holds characters that no text can have.", value=repr(value))
        for i, known in enumerate(self.bound):
            if type(known) is type(value) and known == value:
                return f"${i + 1}"
        self.bound.append(value)
        return f"${len(self.bound)}"


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


_TOKENS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)""")


def show_sql(sql: str, values: tuple[Any, ...]) -> str:
    """A statement as a person would run it: placeholders replaced by literals."""

    def shown(match: re.Match[str]) -> str:
        return literal(values[int(match[1]) - 1]) if match[1] else match[0]

    return _TOKENS.sub(shown, sql)


def literal(value: Any) -> str:
    """A value in SQL."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"timestamp '{value.isoformat(' ')}'"
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    if isinstance(value, (int, float)):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"
