"""No digit of any script gets into prose except through a placeholder."""

from __future__ import annotations

import pytest

from tools.reporting.prose import render


def test_values_are_filled_in() -> None:
    assert render("{metric}: {value}.", metric="api00", value="3") == "api00: 3."


@pytest.mark.parametrize("digit", ["7", "\u0663", "\u096a", "\u00bd", "\u2167", "\uff15", "\u4e94"[:0] or "\u2460"])
def test_a_typed_number_is_refused(digit: str) -> None:
    with pytest.raises(ValueError, match="typed into the prose"):
        render(f"about {digit} of them")


def test_placeholders_and_values_must_agree() -> None:
    with pytest.raises(ValueError, match="differ"):
        render("{a}", a="x", b="y")
