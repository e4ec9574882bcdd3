"""The parts of Apache Ossie's core metadata format, version 0.2.0.dev0, that an export uses.

Unknown keys are errors there as well, so that whatever the format lacks must travel in `custom_extensions`.
https://github.com/apache/ossie, core-spec/spec.md.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

VENDOR = "TRANSECT"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class DialectExpression(_Part):
    """One spelling of an expression."""

    dialect: Literal["ANSI_SQL"] = "ANSI_SQL"
    expression: str


class Expression(_Part):
    """The spellings of one expression; an export writes one."""

    dialects: tuple[DialectExpression, ...] = Field(min_length=1)


class Extension(_Part):
    """What one vendor adds; `data` is JSON text."""

    vendor_name: str
    data: str


class AIContext(_Part):
    """What people call a thing, and questions about it."""

    synonyms: tuple[str, ...] | None = None
    examples: tuple[str, ...] | None = None


Datatype = Literal[
    "String", "Integer", "Decimal", "Float", "Boolean", "Date", "Time", "DateTime", "DateTimeTz", "Opaque"
]


class TimeRole(_Part):
    """Whether a field is a time."""

    is_time: bool | None = None


class OssieField(_Part):
    """A column: of a dimension, a measure, a time, or one that a metric reads."""

    name: str
    expression: Expression
    dimension: TimeRole | None = None
    description: str | None = None
    datatype: Datatype | None = None
    ai_context: AIContext | None = None
    custom_extensions: tuple[Extension, ...] | None = None


class OssieDataset(_Part):
    """A table or view."""

    name: str
    source: str
    primary_key: tuple[str, ...] | None = None
    description: str | None = None
    ai_context: AIContext | None = None
    fields: tuple[OssieField, ...] | None = None
    custom_extensions: tuple[Extension, ...] | None = None


class OssieRelationship(_Part):
    """Many rows of `from` belong to one row of `to`."""

    name: str
    from_: str = Field(alias="from")
    to: str
    from_columns: tuple[str, ...] = Field(min_length=1)
    to_columns: tuple[str, ...] = Field(min_length=1)


class OssieMetric(_Part):
    """A metric as an aggregate expression over fields."""

    name: str
    expression: Expression
    description: str | None = None
    ai_context: AIContext | None = None
    custom_extensions: tuple[Extension, ...] | None = None


class SemanticModel(_Part):
    """One workspace."""

    name: str
    description: str | None = None
    ai_context: AIContext | None = None
    datasets: tuple[OssieDataset, ...] = Field(min_length=1)
    relationships: tuple[OssieRelationship, ...] | None = None
    metrics: tuple[OssieMetric, ...] | None = None
    custom_extensions: tuple[Extension, ...] | None = None


class Document(_Part):
    """A whole file."""

    version: Literal["0.2.0.dev0"] = "0.2.0.dev0"
    semantic_model: tuple[SemanticModel, ...]


def ansi(expression: str) -> Expression:
    """An expression in standard SQL."""
    return Expression(dialects=(DialectExpression(expression=expression),))
