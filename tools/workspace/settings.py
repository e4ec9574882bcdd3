"""transect.toml as a frozen value, with every default."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr, field_validator

from tools.access.policy import Policy
from tools.workspace.number import Number
from tools.workspace.slack_section import SlackSection

Positive = Annotated[StrictInt, Field(ge=1)]
Text = Annotated[StrictStr, Field(min_length=1)]


def _read_date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError(f'{value!r} is not a date; write it as "2026-04-01"')


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


Day = Annotated[date, BeforeValidator(_read_date)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False, allow_inf_nan=False)


class WorkspaceSection(_Section):
    """`today` freezes relative dates; without it the clock in `timezone` counts.

    Attributes:
        fiscal_year_start: the month, 1 to 12, that the financial year begins in; without it no fiscal period is read.
    """

    name: StrictStr = ""
    timezone: StrictStr = "UTC"
    today: Day | None = None
    fiscal_year_start: Annotated[int, Field(strict=True, ge=1, le=12)] | None = None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f'{value!r} is not a time zone; use an IANA name such as "Europe/Paris"') from None
        return value


class WarehouseSection(_Section):
    """Where the data is. No SQL text ever reaches `content`, the store of item texts."""

    url: StrictStr = "duckdb:data/warehouse.duckdb"
    content: StrictStr | None = None

    @field_validator("url", "content")
    @classmethod
    def _known_scheme(cls, value: str | None) -> str | None:
        if value is not None and (not value.startswith("duckdb:") or not value.removeprefix("duckdb:").strip("/ ")):
            raise ValueError(f'{value!r} must be "duckdb:" and a path, such as "duckdb:data/warehouse.duckdb"')
        return value


class StateSection(_Section):
    """Where our own records are kept."""

    url: StrictStr = "sqlite:.transect/state.db"

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, value: str) -> str:
        path = value.removeprefix("sqlite:").strip("/ ")
        if not ((value.startswith("sqlite:") and path) or value.startswith("postgresql+psycopg://")):
            raise ValueError(f'{value!r} must start with "sqlite:" (and a path) or "postgresql+psycopg://"')
        return value


class ModelSection(_Section):
    """Which models to use; `api_key_env` is the name of a variable, never the key. A price of None is not known."""

    name: Text = "embedded"
    labeler: Text = "embedded"
    base_url: StrictStr = ""
    api_key_env: StrictStr = "OPENAI_API_KEY"
    input_usd_per_million: Annotated[Number, Field(ge=0)] | None = None
    output_usd_per_million: Annotated[Number, Field(ge=0)] | None = None
    temperature: Annotated[Number, Field(ge=0, le=2)] | None = None

    @field_validator("base_url")
    @classmethod
    def _known_scheme(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError(f'{value!r} must start with "https://" or "http://", or be empty')
        if value and not _has_host(value):
            raise ValueError(f"{value!r} names no host, or a port that is none")
        return value

    @field_validator("api_key_env")
    @classmethod
    def _a_name(cls, value: str) -> str:
        if value and not value.replace("_", "a").isalnum():
            raise ValueError("must be the name of an environment variable; the key itself does not belong in a file")
        return value


class Limits(_Section):
    """Budgets of one question: time, memory, rows and bytes out, rows read, model calls, money."""

    seconds: Annotated[Number, Field(gt=0)] = 10
    memory_mb: Annotated[StrictInt, Field(ge=64)] = 512
    result_rows: Positive = 10_000
    result_bytes: Positive = 10_485_760
    scan_rows: Positive = 1_000_000_000
    model_calls: Annotated[StrictInt, Field(ge=0)] = 8
    model_seconds: Annotated[Number, Field(gt=0)] = 60
    cost_usd: Annotated[Number, Field(ge=0)] = 0.50


class AuditSection(_Section):
    """The name of the variable that holds the key of the audit chain."""

    key_env: StrictStr = "TRANSECT_AUDIT_KEY"


class StudySection(_Section):
    """Who may approve the cost of a study (nobody named: anyone), and what one label costs."""

    approvers: tuple[Text, ...] = ()
    usd_per_label: Annotated[Number, Field(ge=0)] = 0.0


class Settings(_Section):
    """All of transect.toml."""

    workspace: WorkspaceSection = Field(default_factory=WorkspaceSection)
    warehouse: WarehouseSection = Field(default_factory=WarehouseSection)
    state: StateSection = Field(default_factory=StateSection)
    model: ModelSection = Field(default_factory=ModelSection)
    limits: Limits = Field(default_factory=Limits)
    audit: AuditSection = Field(default_factory=AuditSection)
    access: Policy = Field(default_factory=Policy)
    study: StudySection = Field(default_factory=StudySection)
    slack: SlackSection = Field(default_factory=SlackSection)
