"""A workspace whose store lives in the test's folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.state import State, open_state
from tools.workspace import load_workspace


@pytest.fixture
def state(tmp_path: Path) -> State:
    (tmp_path / "transect.toml").write_text("[access.roles.analyst]\n")
    return open_state(load_workspace(tmp_path))
