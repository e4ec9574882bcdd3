"""What data brings into prose stays text."""

from __future__ import annotations

from tools.reporting.inert import make_inert


def test_links_tags_and_hidden_characters_are_broken() -> None:
    assert make_inert("[verify](https://phish.example)") == "[verify] (https://phish.example)"
    assert make_inert("<script>x</script>") == "< script>x< /script>"
    assert make_inert("a\u202eb\x1b[31m\x07c") == "ab[31mc"


def test_ordinary_prose_is_left_alone() -> None:
    prose = "## Answer\n\n| a | 3 < 4 |\n- 1.0% (0.7% to 1.3%), caf\u00e9 [x]"
    assert make_inert(prose) == prose
