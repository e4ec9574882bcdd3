"""A column's type in the words of Apache Ossie."""

from __future__ import annotations

from tools.metrics.ossie.document import Datatype

_PLAIN: dict[str, Datatype] = {
    "BOOLEAN": "Boolean",
    "DATE": "Date",
    "TIME": "Time",
    "DECIMAL": "Decimal",
    "FLOAT": "Float",
    "DOUBLE": "Float",
    "VARCHAR": "String",
    "UUID": "String",
    "ENUM": "String",
    "TIMESTAMP WITH TIME ZONE": "DateTimeTz",
    "TIMESTAMPTZ": "DateTimeTz",
    "TIMESTAMP": "DateTime",
    "TIMESTAMP_S": "DateTime",
    "TIMESTAMP_MS": "DateTime",
    "TIMESTAMP_NS": "DateTime",
    "DATETIME": "DateTime",
}
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")


def datatype_of(duckdb_type: str) -> Datatype:
    """The logical type of a DuckDB type; `Opaque` for lists, structs and the like."""
    name = duckdb_type.upper()
    if name.endswith("]"):
        return "Opaque"
    name = name.partition("(")[0].strip()
    return "Integer" if name.removeprefix("U") in _INTEGERS else _PLAIN.get(name, "Opaque")
