"""What a terminal gets of values and names that somebody else wrote."""

from __future__ import annotations

import pytest

from agent.cli.output import print_table

HOSTILE = "a\x1b[2Jb\u202ec\r\x07\nd\u2066e"


def test_neither_names_nor_values_move_the_cursor_or_turn_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Names of columns come from data where a table was pivoted."""
    print_table([HOSTILE, "n"], [[HOSTILE, 1], [["x", HOSTILE], 2]], right={HOSTILE}, exact=True)
    out = capsys.readouterr().out
    assert not {"\x1b", "\u202e", "\u2066", "\r", "\x07"} & set(out)
    assert len(out.splitlines()) == 4
