"""study.yml read and checked: every fault at once, each with its line."""

from __future__ import annotations

from pathlib import Path

from tools.errors import Fault, InvalidWorkspace
from tools.study.spec import StudySpec
from tools.workspace.text_file import show_path
from tools.workspace.yaml12 import check_yaml, open_yaml


def read_spec(path: Path) -> StudySpec:
    """The study that the file describes.

    Raises:
        InvalidWorkspace: every fault, each as `file:line` with a hint; an id other than the folder's name is one.
    """
    spec, faults = check_yaml(path, StudySpec)
    if spec is not None and spec.id != path.parent.name:
        tree, _ = open_yaml(path)
        line = tree.line_of(("id",)) if tree is not None else 1
        hint = f"write id: {path.parent.name}"
        faults = [Fault(f"{show_path(path)}:{line}", f"the id {spec.id!r} is not the name of its folder", hint)]
    if spec is None or faults:
        raise InvalidWorkspace(faults)
    return spec
