"""A cell stays a cell."""

from __future__ import annotations

import pytest

from tools.reporting.table_cell import table_cell


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("a | b", "a \\| b"),
        ("a \\| b", "a \\\\\\| b"),
        ("`rm`", "\\`rm\\`"),
        ("[pay](https://evil.example)", "[pay] (https://evil.example)"),
        ("![x](https://evil.example/p.png)", "![x] (https://evil.example/p.png)"),
        ("<img src=x>", "< img src=x>"),
        ("a\n| b | c |", "a \\| b \\| c \\|"),
        ("a\x1b[31mb\u202ec\x00d\te", "a [31mb c d e"),
        ("=1+1", "=1+1"),
        ("caf\u00e9 \u65e5\u672c", "caf\u00e9 \u65e5\u672c"),
    ],
)
def test_marks_are_broken_and_the_rest_is_kept(value: str, cell: str) -> None:
    assert table_cell(value) == cell
