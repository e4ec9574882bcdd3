"""How planning time grows with the catalog: 40, 400 and 4,000 metrics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from agent.planners.embedded import plan_question
from agent.understand import planner_context
from tests.agent.wide_catalog import build_wide
from tests.bench.measure import seconds_of
from tests.bench.report import Measured
from tools.workspace import default_asker, load_workspace

_SIZES = (40, 400, 4_000)
_QUESTIONS = (
    "sales by country",
    "sales of product 0007",
    "sales in the US vs Norway in March",
    "countries where sales are above 100",
    "how many returns last week",
    "bought blue candle attic last week",
    "bleu candle attic bought in March",
    "sold gizmos by country",
)


def measure_planning(folder: Path, *, rounds: int = 15) -> Iterator[Measured]:
    """Seconds to plan every question once, each the median of the rounds; the largest catalog against the smallest."""
    took = {}
    for metrics in _SIZES:
        workspace = load_workspace(build_wide(folder / f"wide-{metrics}", metrics=metrics))
        context = planner_context(workspace, default_asker(workspace))
        times: dict[str, list[float]] = {text: [] for text in _QUESTIONS}
        for number in range(rounds + 1):
            for text in _QUESTIONS:
                taken = seconds_of(lambda text=text, context=context: plan_question(text, context=context))  # type: ignore[misc]
                times[text] += [taken] if number else []
        took[metrics] = sum(median(each) for each in times.values())
    detail = ", ".join(f"{n:,} metrics {1000 * seconds / len(_QUESTIONS):.2f} ms" for n, seconds in took.items())
    yield Measured("planning", "4,000 metrics against 40", took[4_000] / took[40], "x", 2, f"a question: {detail}")
