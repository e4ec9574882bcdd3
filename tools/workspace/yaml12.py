"""YAML 1.2 files checked against a pydantic model: every fault at once, each with its line."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from tools.errors import Fault, InvalidWorkspace
from tools.workspace.model_faults import model_faults
from tools.workspace.text_file import in_line_order, read_text, show_path
from tools.workspace.yaml_tree import Node, YamlFault, read_tree

__all__ = ["check_yaml", "open_yaml", "read_yaml", "show_path"]

M = TypeVar("M", bound=BaseModel)


def check_yaml(path: Path, model: type[M]) -> tuple[M | None, list[Fault]]:
    """The file as `model`, and its faults; the model is None when there is any fault.

    An empty file counts as an empty mapping.
    """
    tree, faults = open_yaml(path)
    if tree is None:
        return None, faults
    try:
        checked = model.model_validate(tree.data)
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


def _fault(shown: str, fault: YamlFault) -> Fault:
    return Fault(f"{shown}:{fault.line}", fault.message, fault.hint)
