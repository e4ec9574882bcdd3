"""sample.csv read back: what was drawn, with its probability, stratum and breakdown values."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

from tools.errors import InvalidInput
from tools.sampling import Manifest
from tools.sampling.file_source import file_fingerprint
from tools.study.plan import Plan
from tools.workspace.text_file import show_path


@dataclass(frozen=True)
class DrawnItem:
    """One drawn unit; a breakdown value of None is missing in the frame."""

    id: str
    stratum: str = ""
    values: dict[str, str | None] = field(default_factory=dict)


def read_sample(path: Path, *, manifest: Manifest, plan: Plan) -> list[DrawnItem]:
    """The drawn units in the order drawn.

    Raises:
        InvalidInput: the file is not the one that the manifest describes.
    """
    if not path.is_file() or file_fingerprint(path) != manifest.output_fingerprint:
        raise InvalidInput(
            f"{show_path(path)} is not the sample that its manifest describes.",
            code="damaged_file",
            value=path.name,
            hint=f"Draw it again: transect study draw {plan.study}",
            where=show_path(path),
        )
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    spelled = {name.lower(): name for name in (rows[0] if rows else {})}
    columns = {name: spelled[name.lower()] for name in plan.spec.breakdowns}
    return [
        DrawnItem(
            row[manifest.id],
            row["_stratum"],
            {name: row[column] or None for name, column in columns.items()},
        )
        for row in rows
    ]
