"""The committed page is what the command writes today, byte for byte: there is no time and no path in it."""

from __future__ import annotations

from pathlib import Path

from tests.transcripts.gate import PAGE, write_transcript


def test_the_gate_transcript_is_current(tmp_path: Path) -> None:
    page = write_transcript(tmp_path)
    assert page == PAGE.read_text(encoding="utf-8"), "python -m tests.transcripts.gate writes it anew"
    red, green = page.index("**block**"), page.rindex("**pass**")
    assert red < green
    assert '`report-rate` "report rate in March 2026": wrong value **silently wrong**' in page
    assert str(tmp_path) not in page
