"""A study's folder: the names of its files, and how they are written so that equal content is equal bytes."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from tools.errors import InvalidInput
from tools.sampling.write_file import whole_file
from tools.workspace import Workspace
from tools.workspace.text_file import show_path

M = TypeVar("M", bound=BaseModel)
_LEFTOVER = ".????????.*"  # as `whole_file` names what is not whole yet
_LEFTOVER_SECONDS = 3_600


@dataclass(frozen=True)
class Folder:
    """studies/<id>/. Times stand in `receipts` and nowhere else."""

    path: Path

    @property
    def spec(self) -> Path:
        return self.path / "study.yml"

    @property
    def plan(self) -> Path:
        return self.path / "plan.json"

    @property
    def approval(self) -> Path:
        return self.path / "approval.json"

    @property
    def sample(self) -> Path:
        return self.path / "sample.csv"

    @property
    def manifest(self) -> Path:
        return self.path / "sample.csv.manifest.json"

    @property
    def labels(self) -> Path:
        return self.path / "labels.csv"

    @property
    def estimate(self) -> Path:
        return self.path / "estimate.json"

    @property
    def chart(self) -> Path:
        return self.path / "chart.svg"

    @property
    def draft(self) -> Path:
        return self.path / "draft.md"

    @property
    def page(self) -> Path:
        return self.path / "draft.html"

    @property
    def signatures(self) -> Path:
        return self.path / "signatures.json"

    @property
    def receipts(self) -> Path:
        return self.path / "receipts"


def studies_dir(workspace: Workspace) -> Path:
    """Where the studies of a workspace lie."""
    return workspace.root / "studies"


def folder_of(workspace: Workspace, id: str) -> Folder:
    """The folder of a study, whether or not it exists."""
    return Folder(studies_dir(workspace) / id)


def write_text(path: Path, text: str) -> None:
    """The whole file or nothing of it."""
    with whole_file(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def write_model(path: Path, model: BaseModel, *, nulls: bool = False) -> None:
    """A model as JSON, the whole file or nothing of it."""
    write_text(path, model_text(model, nulls=nulls))


def model_text(model: BaseModel, *, nulls: bool = False) -> str:
    """A model as JSON text; `nulls` keeps keys without a value."""
    data = model.model_dump(mode="json", by_alias=True, exclude_none=not nulls)
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def read_model(path: Path, model: type[M], *, made_by: str) -> M | None:
    """A JSON file of the folder, or None when it is not there.

    Raises:
        InvalidInput: it is not what the step `made_by` writes.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(
            f"{show_path(path)} is not what `transect study {made_by}` writes: {place or 'it'}: {first['msg']}.",
            code="damaged_file",
            value=path.name,
            hint=f"Restore it from git, or remove it and run `transect study {made_by}` again.",
            where=show_path(path),
        ) from None


def remove_leftovers(folder: Folder) -> None:
    """Remove what steps that were killed left half written: an hour old, so no other process is still at it."""
    before = time.time() - _LEFTOVER_SECONDS
    for path in (*folder.path.glob(_LEFTOVER), *folder.receipts.glob(_LEFTOVER)):
        if path.is_file() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)


def hash_of(data: Any) -> str:
    """sha256 of plain data as canonical JSON."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def file_hash(path: Path) -> str:
    """sha256 of a file's bytes."""
    return sha256(path.read_bytes()).hexdigest()
