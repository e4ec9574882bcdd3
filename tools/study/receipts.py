"""receipts/: who did what when, and which SQL ran. The only files of a study that hold times."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from tools.access import Asker
from tools.study.folder import Folder, file_hash, read_model, remove_leftovers, write_text
from tools.warehouse.rows import Receipt as SqlReceipt


class SqlRun(BaseModel):
    """One statement that ran; equal ids gave equal rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    sql: str
    seconds: float
    rows: int
    fingerprint: str


class StepReceipt(BaseModel):
    """One step: what was done, when, by whom from which surface, what it left (sha256 by name), and its SQL."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: str
    at: str
    by: str
    surface: str
    files: dict[str, str]
    detail: dict[str, Any]
    sql: tuple[SqlRun, ...]


def write_receipt(
    folder: Folder,
    step: str,
    *,
    asker: Asker,
    files: Sequence[Path] = (),
    sql: Sequence[SqlReceipt] = (),
    **detail: Any,
) -> StepReceipt:
    """One file a step, named by its time, so that two checkouts of a repository merge."""
    now = datetime.now(UTC)
    receipt = StepReceipt(
        step=step,
        at=now.isoformat(timespec="microseconds"),
        by=asker.person,
        surface=asker.surface,
        files={path.name: file_hash(path) for path in files},
        detail=detail,
        sql=tuple(
            SqlRun(id=r.id, sql=r.sql, seconds=round(r.seconds, 6), rows=r.row_count, fingerprint=r.fingerprint)
            for r in sql
        ),
    )
    folder.receipts.mkdir(exist_ok=True)
    remove_leftovers(folder)
    name = f"{now.strftime('%Y%m%dT%H%M%S.%fZ')}-{step}.json"
    text = json.dumps(receipt.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"
    write_text(folder.receipts / name, text)
    return receipt


def read_receipts(folder: Folder) -> list[StepReceipt]:
    """Every receipt, oldest first."""
    found = (read_model(path, StepReceipt, made_by="show") for path in sorted(folder.receipts.glob("*.json")))
    return [receipt for receipt in found if receipt is not None]
