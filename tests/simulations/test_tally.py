"""Counting limits, and the two forms of page: the columns of those that are committed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulations.page_forms import ByCell, BySection, Form, Run, table
from tests.simulations.run_study import each_cell, run_study
from tests.simulations.tally import Tally

EVIDENCE = Path(__file__).parents[2] / "docs" / "evidence"
RUN = Run("abc1234", "python -m tests.simulations.any --full", 10_000, 1.0, 2, True, 61.4, 30.2)


def test_every_replicate_is_counted() -> None:
    tally = Tally("here", "wald")
    for low, high in ((0.0, 1.0), (2.0, 3.0), (-1.0, 0.0), (None, None)):
        tally.add(low, high, 0.5, rival=2.0)
    tally.decline()
    assert (tally.covered, tally.above, tally.below, tally.none) == (1, 1, 1, 2)
    assert (tally.answered, tally.replicates, tally.ratio) == (3, 5, 0.5)
    assert Tally("nothing").ratio is None
    assert Tally("nothing").monte_carlo == (0.0, 1.0)


def test_limits_that_undercover_fail() -> None:
    bad = Tally("here", "wald", covered=340, below=50, above=10)
    assert bad.failed
    assert "| fail |" in table(BySection(), [bad])
    assert "| shown |" in table(BySection(), [Tally("here", "wald", decides=False, covered=340, below=60)])
    assert not Tally("here", "wald", covered=380, below=10, above=10).failed
    assert Tally("here", "sequence", floor=0.99, covered=380, below=10, above=10).failed


def test_mostly_declined_cells_are_judged_by_wrong_limits_among_all() -> None:
    few = Tally("rare", covered=0, above=2, none=98)
    assert few.mostly_declined
    assert not few.failed
    assert "pass, mostly declined" in ByCell("labels alone", 1).row(few)
    assert Tally("rare", covered=0, above=40, none=60).failed


@pytest.mark.parametrize(
    ("form", "page"),
    [
        (BySection(), "change.md"),
        (BySection(), "hidden.md"),
        (BySection(), "monitoring.md"),
        (ByCell("labels alone", 1), "assisted.md"),
        (ByCell("Clopper-Pearson", 1), "corrected.md"),
        (ByCell("counting flags", 1), "actors.md"),
    ],
)
def test_pages_keep_their_form(form: Form, page: str) -> None:
    text = (EVIDENCE / page).read_text(encoding="utf-8")
    assert form.head() in text
    facts = [line.partition(":")[0] for line in form.facts(RUN).splitlines()]
    assert facts == [line.partition(":")[0] for line in text.splitlines()[2:7]]


def test_rows_by_hand() -> None:
    """Wilson at 99 % of 95 in 100: (0.95 + z²/200 ± z√(0.95·0.05/100 + z²/40,000))/(1 + z²/100), z = 2.5758."""
    tally = Tally("a cell", prevalence=0.01, n=2_000, expected=20, covered=95, below=2, above=3, none=100)
    tally.width, tally.rival, tally.other = 1.5, 2.0, {"no positive": 20}
    assert ByCell("x", 1).row(tally) == (
        "| a cell | 0.01 | 2,000 | 20 | 95.00 (86.08-98.32) | 1.00 / 1.50 | 50.0 | 0.75 | no positive 10 % | pass |\n"
    )
    tally.limits = "wald"
    assert BySection().row(tally) == (
        "| a cell | wald | 200 | 95.00 (86.08-98.32) | 2.00 / 3.00 | 50.0 | 0.75 | pass |\n"
    )


def test_a_study_writes_its_page_and_fails_with_its_rows(tmp_path: Path) -> None:
    def rows(scale: float) -> Iterator[tuple[str, Tally]]:
        yield "Good", Tally("one", "wald", covered=round(1_000 * scale))
        yield "Bad", Tally("two", "wald", covered=50, above=50, decides=False)

    def run(*arguments: str, form: Form, cells: object = rows) -> tuple[int, str]:
        assert callable(cells)
        out = tmp_path / "pages" / "page.md"
        code = run_study(
            "any",
            "Title",
            "Reading.",
            cells,
            form=form,
            full=1_000,
            share=0.1,
            arguments=[*arguments, "--out", str(out)],
        )
        return code, out.read_text(encoding="utf-8")

    code, page = run(form=BySection(), cells=rows)
    assert code == 0  # the bad one is only shown
    assert page.startswith("# Title\n\n- commit: ")
    assert "- command: python -m tests.simulations.any --scale 0.1\n" in page
    assert "\n\nReading.\n\n## Good\n\n| situation |" in page
    assert "cut off" not in page
    cells = each_cell([lambda n: Tally("cell", covered=n // 2, below=n - n // 2)], full=1_000)
    code, page = run("--replicates", "40", form=ByCell("nothing", 1), cells=cells)
    assert code == 1
    assert "- command: python -m tests.simulations.any --replicates 40\n" in page
    assert "- scale: 40 replicates a cell, 4% of the full scale; 1 of 1 cells\n- seeds: 0..39 in every cell\n" in page
    assert "\n\nReading.\n\n| cell |" in page
