"""The hand-made workspace, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.planners.embedded import Context
from agent.understand import planner_context
from tests.agent.shop import build_shop
from tools.workspace import Workspace, default_asker, load_workspace


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return load_workspace(build_shop(tmp_path_factory.mktemp("shop") / "desk"))


@pytest.fixture(scope="session")
def context(shop: Workspace) -> Context:
    return planner_context(shop, default_asker(shop))


@pytest.fixture
def shop_folder(tmp_path: Path) -> Path:
    return build_shop(tmp_path / "desk")
