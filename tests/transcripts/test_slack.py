"""The committed page is what the command produces."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.slack.conftest import demo
from tests.transcripts.slack import PAGE, play

__all__ = ["demo"]


def test_the_page_is_what_the_command_writes(
    demo: Path, pytestconfig: pytest.Config, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    kept = pytestconfig.pluginmanager.hasplugin("cacheprovider")
    cache = (
        Path(pytestconfig.cache.mkdir("slack")) if kept else tmp_path_factory.getbasetemp().parent / "slack-emulator"
    )
    assert play(demo, cache, tmp_path) == PAGE.read_text("utf-8")
