"""A workspace of its own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.study.place import build_place
from tools.workspace import Workspace


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return build_place(tmp_path / "w")
