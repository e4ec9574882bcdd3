"""YAML 1.2 files checked against a pydantic model: every fault at once, each with its line."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from tools.errors import Fault, InvalidWorkspace
from tools.workspace.model_faults import model_faults
from tools.workspace.yaml_tree import Node, YamlFault, read_tree

M = TypeVar("M", bound=BaseModel)

_MAX_BYTES = 10_000_000


def check_yaml(path: Path, model: type[M]) -> tuple[M | None, list[Fault]]:
    """The file as `model`, and its faults; the model is None when there is any fault.

    An empty file counts as an empty mapping.
    """
    tree, faults = open_yaml(path)
    if tree is None:
        return None, faults
    try:
        checked = TypeAdapter(model).validate_python(tree.data)
    except ValidationError as error:
        found = model_faults(error, model=model, path=show_path(path), line_of=tree.line_of, data=tree.data)
        return None, in_line_order([*faults, *found])
    return (None if faults else checked), faults


def read_yaml(path: Path, model: type[M]) -> M:
    """The file as `model`.

    Raises:
        InvalidWorkspace: every fault of the file, each as `file:line` with a hint.
    """
    checked, faults = check_yaml(path, model)
    if checked is None:
        raise InvalidWorkspace(faults)
    return checked


def open_yaml(path: Path) -> tuple[Node | None, list[Fault]]:
    """The file's data with its lines, unchecked, and the faults of its YAML; None when it cannot be read at all."""
    shown = show_path(path)
    text, fault = read_text(path)
    if text is None:
        return None, [fault] if fault else []
    found: list[YamlFault] = []
    try:
        tree = read_tree(text, found)
    except YamlFault as error:
        return None, [_fault(shown, f) for f in (*found, error)]
    if tree.data is None:
        tree.data = {}
    return tree, [_fault(shown, f) for f in found]


def read_text(path: Path) -> tuple[str | None, Fault | None]:
    """A text file of the workspace as UTF-8, or the fault that says why not."""
    shown = show_path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        return None, Fault(f"{shown}:1", f"cannot be read: {error.strerror or error}")
    if len(raw) > _MAX_BYTES:
        return None, Fault(f"{shown}:1", f"is larger than {_MAX_BYTES // 1_000_000} MB", "split it into several files")
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return None, Fault(f"{shown}:{line}", f"is not UTF-8: byte {raw[error.start]:#04x}", "save it as UTF-8")


def show_path(path: Path) -> str:
    """The path as people would type it: relative when it lies below the current folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def in_line_order(faults: list[Fault]) -> list[Fault]:
    """Faults of one file by line; equal lines keep their order."""

    def line(fault: Fault) -> int:
        tail = fault.where.rpartition(":")[2]
        return int(tail) if tail.isdigit() else 0

    return sorted(faults, key=line)


def _fault(shown: str, fault: YamlFault) -> Fault:
    return Fault(f"{shown}:{fault.line}", fault.message, fault.hint)
