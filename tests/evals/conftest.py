"""Built workspaces are kept between runs and shared by every worker, as their names hold what they were built from."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def kept(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for built workspaces; a new one where pytest keeps nothing."""
    if not pytestconfig.pluginmanager.hasplugin("cacheprovider"):
        return tmp_path_factory.mktemp("evals")
    return Path(pytestconfig.cache.mkdir("evals"))
