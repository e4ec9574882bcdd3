"""The place with the canaries, made once; read-only by convention."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warehouse.corpus.place import make_place


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_place(tmp_path_factory.mktemp("corpus") / "workspace")
