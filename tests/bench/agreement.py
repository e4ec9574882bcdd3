"""Dawid-Skene against plain EM, the bootstrap of the coefficients, and ten million labels."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import numpy as np

from tests.bench.report import Measured
from tools.estimation.agreement.item_bootstrap import REPLICATIONS
from tools.labeling import LabelTable, read_label_table
from tools.labeling.coefficients import measure_coefficients
from tools.labeling.dawid_skene import count_errors, expect, fit_dawid_skene, start_at_votes, tabulate_given

ROOT = Path(__file__).parents[2]
CROWD = ROOT / "../shared/data/crowd_labels/labels.csv"
TOLERANCE = 1e-7
LARGE = 10_000_000


def measure_agreements(*, rounds: int = 5) -> Iterator[Measured]:
    """CPU of both sides in turn in this process; the large table in a process of its own."""
    if CROWD.exists():
        table = read_label_table(CROWD, item="item_id", rater="worker_id", label="label").table
        what = "crowd_labels"
    else:
        table, what = draw_labels(90_000, raters=800, seed=7), "90,000 labels made up"
    yield from _against_plain(table, what, rounds)
    last = table.last()
    seconds = median(_cpu(lambda: measure_coefficients(last)) for _ in range(rounds))
    yield Measured("agreement", f"alpha, kappa, AC1 with {REPLICATIONS:,} draws, {what}", seconds, " s", None, "CPU")
    yield from _large()


def plain_em(table: LabelTable) -> tuple[float, int]:
    """EM as in the textbook, with the steps of the product: to the same start and the same end."""
    given = tabulate_given(table)
    at, before, steps = count_errors(given, start_at_votes(given)), -np.inf, 0
    while True:
        posterior, log_likelihood = expect(given, at)
        steps += 1
        if log_likelihood - before < TOLERANCE:
            return log_likelihood, steps
        before, at = log_likelihood, count_errors(given, posterior)


def _against_plain(table: LabelTable, what: str, rounds: int) -> Iterator[Measured]:
    ours = fit_dawid_skene(table)
    assert ours is not None
    plain, steps = plain_em(table)
    pairs = []
    for number in range(rounds):
        first = _cpu(lambda: plain_em(table)) if number % 2 else 0.0
        mine = _cpu(lambda: fit_dawid_skene(table))
        pairs.append((mine, first or _cpu(lambda: plain_em(table))))
    ratio = median(a / b for a, b in pairs)
    detail = (
        f"{median(a for a, _ in pairs):.2f} s and {ours.iterations} steps to {ours.log_likelihood:,.3f}, against "
        f"{median(b for _, b in pairs):.2f} s and {steps} steps to {plain:,.3f}; both stop at 1e-7 a step"
    )
    yield Measured("agreement", f"Dawid-Skene / plain EM, CPU, {what}", ratio, "x", 0.2, detail)
    behind = plain - ours.log_likelihood
    yield Measured("agreement", "log-likelihood that plain EM is ahead", behind, "", 0.01, "below 0: it is behind")


def _large() -> Iterator[Measured]:
    done = subprocess.run([sys.executable, "-m", "tests.bench.agreement"], cwd=ROOT, capture_output=True, check=True)
    found = json.loads(done.stdout)
    detail = f"a million items, {found['converged']} of 3 models converged; {found['steps']} steps of Dawid-Skene"
    yield Measured("agreement", "ten million labels, memory", found["megabytes"], " MB", 2000, detail)
    yield Measured("agreement", "ten million labels, CPU", found["seconds"], " s", None, "coefficients and consensus")


def draw_labels(labels: int, *, raters: int, seed: int) -> LabelTable:
    """Four kinds of items, ten labels an item, raters of uneven skill, each item's labels from different raters."""
    rng = np.random.default_rng(seed)
    items = labels // 10
    true = rng.choice(4, items, p=(0.6, 0.2, 0.12, 0.08))
    skill = rng.beta(6, 2, raters)
    item = np.repeat(np.arange(items), 10)
    rater = (rng.integers(0, raters, items)[:, None] + np.arange(10) * (raters // 10)).ravel() % raters
    right = rng.random(len(item)) < skill[rater]
    label = np.where(right, true[item], rng.integers(0, 4, len(item)))
    names = tuple(f"{i:07}" for i in range(items)), tuple(f"r{i:04}" for i in range(raters)), tuple("ABCD")
    return LabelTable(*names, item, rater, label)


def _cpu(run: object) -> float:
    begun = time.process_time()
    assert callable(run)
    run()
    return time.process_time() - begun


def main() -> int:
    """The large table, in this process, as JSON."""
    import resource

    from tools.labeling import measure_agreement

    begun = time.process_time()
    report = measure_agreement(draw_labels(LARGE, raters=1_000, seed=7))
    found = {
        "seconds": time.process_time() - begun,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "converged": sum(model.converged for model in report.models),
        "steps": report.models[0].iterations,
    }
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
