"""The committed conversation is what the command writes."""

from __future__ import annotations

from pathlib import Path

from tests.transcripts.chat import PAGE, write_page
from tools.demo import build_demo


def test_the_page_is_what_the_session_shows(tmp_path: Path) -> None:
    build_demo(tmp_path / "demo")
    assert PAGE.read_text(encoding="utf-8") == write_page(tmp_path / "demo"), "run `make docs` and read what changed"
