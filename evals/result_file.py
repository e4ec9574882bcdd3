"""What a run left behind: a file of `eval run --json`, or a baseline, read as wordings that passed or failed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from evals.baseline import Baseline
from tools.errors import InvalidInput
from tools.workspace.yaml12 import show_path


@dataclass(frozen=True)
class Results:
    """Which wordings passed: `{(case, wording hash): passed}`."""

    name: str
    passed: dict[tuple[str, str], bool]


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True)

    case: str
    wording_hash: str
    passed: bool


class _Run(BaseModel):
    model_config = ConfigDict(frozen=True)

    results: tuple[_Result, ...] = Field(min_length=1)


def read_results(path: Path) -> Results:
    """Results of one run. Raises InvalidInput when the file is absent or of another kind."""
    where = show_path(path)
    hint = "A result file is what `transect eval run --json` prints, or a baseline."
    if not path.is_file():
        raise InvalidInput(f"There is no file {where}.", value=where, hint=hint)
    try:
        found = TypeAdapter[Any](Baseline | _Run).validate_json(path.read_bytes())
    except ValidationError as error:
        raise InvalidInput(
            f"{where} is not a result file: {error.errors()[-1]['msg']}", where=where, hint=hint
        ) from None
    if isinstance(found, Baseline):
        kept = {(name, wording): p for name, case in found.cases.items() for wording, p in case.wordings.items()}
        return Results(path.name, kept)
    return Results(path.name, {(r.case, r.wording_hash): r.passed for r in found.results})
