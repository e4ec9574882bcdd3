"""A workspace whose store lives in the test's folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.workspace import Workspace, load_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "transect.toml").write_text("[access.roles.analyst]\n")
    return load_workspace(tmp_path)
