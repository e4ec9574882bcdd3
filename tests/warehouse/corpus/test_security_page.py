"""What docs/security.md says of the corpora and the layers is what they are."""

from __future__ import annotations

import re
from pathlib import Path

from tests.warehouse.corpus.ablation import LAYERS
from tests.warehouse.corpus.place import read_corpus

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "security.md").read_text("utf-8")


def test_the_counts_are_those_of_the_corpora() -> None:
    hostile, honest, cells = (read_corpus(name) for name in ("hostile.txt", "honest.txt", "honest_cells.txt"))
    assert f"{len(hostile)} hostile statements in {len({each.group for each in hostile})} classes" in PAGE
    assert f"{len(honest)} unusual honest ones" in PAGE
    assert f"{len(cells)} aggregations of a role with `min_cell` 10" in PAGE
    assert f"further {len(read_corpus('one_person.txt'))} statements are aimed at one person" in PAGE


def test_the_table_of_layers_is_that_of_the_last_run() -> None:
    """Layer, canaries out of attacks and bytes changed; what then holds is in words."""
    run = rows((DOCS / "evidence" / "ablation.md").read_text("utf-8"), cells=7)
    assert list(run) == list(LAYERS)
    assert {name: each[1:3] for name, each in run.items()} == {name: ["none", "none"] for name in LAYERS}
    page = {name.partition(" (")[0]: each for name, each in rows(PAGE, cells=4).items()}
    assert {name: each[:2] for name, each in page.items()} == {
        name: each[1:3] for name, each in run.items() if name != "nothing"
    }


def rows(text: str, *, cells: int) -> dict[str, list[str]]:
    """The table that begins with `without`: first cell -> the others."""
    lines = text[text.index("| without |") :].splitlines()
    table = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines if re.match(r"\| \w", line)]
    head = table.index(next(row for row in table if row[0] == "without"))
    return {row[0]: row[1:] for row in table[head + 1 : head + 1 + len(LAYERS)] if len(row) == cells}
