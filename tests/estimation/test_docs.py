"""docs/statistics.md prints the table of defaults. `python -m tests.estimation.test_docs` rewrites it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tools.estimation.choose_interval import RULES, Situation, choose_interval, interval_table

PAGE = Path(__file__).parents[2] / "docs" / "statistics.md"
BEGIN = "<!-- begin interval table: python -m tests.estimation.test_docs writes it -->\n"
END = "<!-- end interval table -->\n"


def with_table(text: str) -> str:
    before, rest = text.split(BEGIN)
    return before + BEGIN + interval_table() + END + rest.split(END)[1]


def test_the_page_prints_the_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert with_table(text) == text, "run: python -m tests.estimation.test_docs"


def test_every_rule_can_be_reached() -> None:
    situations = [
        Situation("quantile"),
        Situation("mean"),
        Situation("proportion", census=True),
        Situation("proportion", fewer=0),
        Situation("proportion", fewer=20, clusters=10, deff=1.0),
        Situation("proportion", fewer=19, clusters=10, deff=1.0),
        Situation("difference of proportions"),
    ]
    assert [choose_interval(s) for s in situations] == [rule.choice for rule in RULES]


def test_positives_of_which_a_few_heavy_ones_decide_are_few() -> None:
    many = Situation("proportion", fewer=100, clusters=100, heavy=60.0, deff=1.0)
    assert choose_interval(many) == "korn-graubard"
    assert choose_interval(replace(many, heavy=59.0)) == "test inversion"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
