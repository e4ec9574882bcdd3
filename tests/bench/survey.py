"""A clustered survey of a million rows against the package `svy`, in one process in turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.install_competitors import install_competitors
from tests.bench.measure import ratio_of
from tests.bench.report import Measured

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Columns = dict[str, NDArray[Any]]

ROOT = Path(__file__).parents[2]
ROWS, STRATA, CLUSTERS = 1_000_000, 20, 5_000
ROUNDS = 5
GOAL = 1 / 20  # of the other's time
SAME = 1e-9  # relative, of every figure


def measure_survey(folder: Path) -> Iterator[Measured]:
    """Mean and Korn-Graubard share, each from columns in memory to the figure, the design described anew."""
    part = f"{ROWS:,} rows, {STRATA} strata, {CLUSTERS:,} clusters / svy 0.35"
    target = folder / "competitors"
    if reason := install_competitors(target, pinned="survey-competitors.txt"):
        yield Measured(part, "skipped", 0.0, "", None, reason)
        return
    path = os.pathsep.join([str(ROOT), str(target)])
    command = [sys.executable, "-m", "tests.bench.survey"]
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command} failed: {done.stderr[-500:]}")
    for what, (ratio, ours, theirs, goal, apart) in json.loads(done.stdout).items():
        detail = f"{1 / ratio:.0f} times as fast: {ours:.3f} s against {theirs:.2f} s; figures apart by {apart:.1g}"
        yield Measured(part, what, ratio, "x", goal, detail)


def compare() -> dict[str, tuple[float, float, float, float | None, float]]:
    """What: ratio, seconds of both, goal, and the largest relative difference of a figure."""
    import numpy as np
    import polars as pl  # type: ignore[import-not-found]
    import svy  # type: ignore[import-not-found]

    from tools.estimation import estimate_mean, estimate_proportion
    from tools.estimation.domain import sum_domain
    from tools.estimation.survey import Survey, describe_survey

    columns = make_rows(np.random.default_rng(7))
    frame = pl.DataFrame(columns)

    def described() -> Survey:
        return describe_survey(ROWS, weights=columns["w"], strata=columns["st"], clusters=columns["cl"])

    def mean(survey: Survey) -> tuple[float | None, ...]:
        found = estimate_mean(sum_domain(survey, columns["y"]).totals, design=survey.design)
        return found.value, found.se, found.low, found.high

    def share(survey: Survey) -> tuple[float | None, ...]:
        totals = sum_domain(survey, columns["b"].astype(float)).totals
        found = estimate_proportion(totals, design=survey.design, interval="korn-graubard")
        return found.value, found.se, found.low, found.high

    def sample() -> Any:
        return svy.Sample(frame, svy.Design(stratum="st", psu="cl", wgt="w"))

    def their_mean(drawn: Any) -> tuple[float, ...]:
        return figures(drawn.estimation.mean("y"))

    def their_share(drawn: Any) -> tuple[float, ...]:
        return figures(drawn.estimation.prop("b", ci_method="korn-graubard"))

    ours, theirs = described(), sample()
    found = {
        "mean": (lambda: mean(described()), lambda: their_mean(sample()), GOAL),
        "Korn-Graubard share": (lambda: share(described()), lambda: their_share(sample()), GOAL),
        "mean and share": (
            lambda: both(described(), mean, share),
            lambda: both(sample(), their_mean, their_share),
            GOAL,
        ),
        "a second share, the design being described": (lambda: share(ours), lambda: their_share(theirs), None),
    }
    return {what: side_by_side(a, b, goal) for what, (a, b, goal) in found.items()}


def make_rows(rng: np.random.Generator) -> Columns:
    """Unequal weights, clusters of about 200 rows, one row in a hundred positive."""
    cluster = rng.integers(0, CLUSTERS, ROWS)
    return {
        "y": rng.normal(size=ROWS) + cluster % 7,
        "b": (rng.random(ROWS) < 0.01).astype(int),
        "w": 1 + rng.random(ROWS),
        "st": cluster % STRATA,
        "cl": cluster,
    }


def figures(found: Any) -> tuple[float, ...]:
    """Value, standard error and limits; of a share those of its positive value, the last."""
    row = found.to_dicts()[-1]
    return row["est"], row["se"], row["lci"], row["uci"]


def both(survey: Any, *questions: Callable[[Any], tuple[Any, ...]]) -> tuple[Any, ...]:
    return tuple(figure for question in questions for figure in question(survey))


def side_by_side(
    ours: Callable[[], tuple[Any, ...]], theirs: Callable[[], tuple[Any, ...]], goal: float | None
) -> tuple[float, float, float, float | None, float]:
    """Both sides must give the same figures before their times are compared."""
    apart = max(abs(a / b - 1) for a, b in zip(ours(), theirs(), strict=True))
    if apart > SAME:
        raise AssertionError(f"the figures are apart by {apart:.3g}")
    return *ratio_of(ours, theirs, rounds=ROUNDS), goal, apart


if __name__ == "__main__":
    print(json.dumps(compare()))
