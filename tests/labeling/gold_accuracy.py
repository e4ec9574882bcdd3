"""Three consensus methods against gold labels: `python -m tests.labeling.gold_accuracy [--out FILE]`."""

from __future__ import annotations

import argparse
import csv
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.simulations.__main__ import commit_of
from tools.estimation.intervals import wald, wilson
from tools.estimation.tables import Floats
from tools.labeling import AgreementReport, measure_agreement, read_label_table

DATA = Path(__file__).parents[2] / "../shared/data/crowd_labels"
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Judged:
    """A method on the items with gold.

    Attributes:
        right: (items,) 1 where its label is the gold one; a tie of the majority is none.
        log_likelihood: of all labels given, under the model.
    """

    name: str
    right: Floats
    log_likelihood: float
    iterations: int


def judge_methods(report: AgreementReport, gold: dict[str, str]) -> list[Judged]:
    """The models of the report, in its order."""
    known = [each for each in report.consensus if each.item in gold]
    labels: dict[str, list[str | None]] = {
        "dawid_skene": [each.label for each in known],
        "shrinkage": [each.shrunken for each in known],
        "majority": [each.majority for each in known],
    }
    found = []
    for model in report.models:
        right = [label == gold[each.item] for label, each in zip(labels[model.name], known, strict=True)]
        found.append(Judged(model.name, np.array(right, np.float64), model.log_likelihood, model.iterations))
    return found


def read_gold() -> dict[str, str]:
    with (DATA / "gold.csv").open(newline="", encoding="utf-8") as handle:
        return {row["item_id"]: row["label"] for row in csv.DictReader(handle)}


def write_report(methods: list[Judged], ties: int, *, run: dict[str, str]) -> str:
    lines = ["# Consensus against gold\n\n", *(f"- {key}: {value}\n" for key, value in run.items())]
    n = len(methods[0].right)
    lines.append(
        f"\n`crowd_labels`: labels of web sites in four classes by many workers; {n} of the items have a gold label."
        f" Intervals are Wilson's at level {LEVEL:g} over the gold items, those of differences t intervals over items,"
        f" paired with the majority. On {ties} of the gold items the majority ties and counts as wrong.\n\n"
        "| method | log-likelihood | steps | right | accuracy | difference from the majority |\n" + "|---" * 6 + "|\n"
    )
    base = next(each for each in methods if each.name == "majority")
    lines += [_row(each, base) for each in methods]
    lines.append(_finding(methods, base))
    return "".join(lines)


def _row(method: Judged, base: Judged) -> str:
    n, share = len(method.right), float(method.right.mean())
    limits = wilson(share, n, level=LEVEL)
    difference = "" if method is base else _difference(method, base)
    return (
        f"| {method.name} | {method.log_likelihood:,.1f} | {method.iterations} | {int(method.right.sum())} of {n} |"
        f" {share:.3f} ({limits.low:.3f} to {limits.high:.3f}) | {difference} |\n"
    )


def _difference(method: Judged, base: Judged) -> str:
    each = method.right - base.right
    limits = wald(float(each.mean()), float(each.std(ddof=1)) / math.sqrt(len(each)), df=len(each) - 1, level=LEVEL)
    return f"{each.mean():+.3f} ({limits.low:+.3f} to {limits.high:+.3f})"


def _finding(methods: list[Judged], base: Judged) -> str:
    likeliest = max(methods, key=lambda each: each.log_likelihood)
    best = max(methods, key=lambda each: float(each.right.mean()))
    if likeliest is best:
        return f"\nThe likeliest model, {likeliest.name}, is also right most often here.\n"
    return (
        f"\nA better likelihood need not mean better labels: {likeliest.name} has the highest likelihood and is right"
        f" on {int(likeliest.right.sum())} gold items, {best.name} on {int(best.right.sum())}. The likelihood is"
        " that of workers' labels, whose errors the model takes as independent given the true class; where workers"
        " share a misunderstanding of a class, the model explains it as truth. Differences whose interval holds"
        " 0 establish no order.\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.labeling.gold_accuracy", description=__doc__)
    parser.add_argument("--out", type=Path, help="write the report here; default: stdout")
    options = parser.parse_args()
    begun, gold = time.process_time(), read_gold()
    found = read_label_table(DATA / "labels.csv", item="item_id", rater="worker_id", label="label")
    report = measure_agreement(found.table)
    ties = sum(each.majority is None and each.item in gold for each in report.consensus)
    run = {
        "commit": commit_of(),
        "command": "python -m tests.labeling.gold_accuracy --out docs/evidence/consensus.md",
        "seed": "none; the methods draw nothing",
        "duration": f"{time.process_time() - begun:.1f} s of CPU, the agreement coefficients included",
    }
    page = write_report(judge_methods(report, gold), ties, run=run)
    if options.out:
        options.out.write_text(page, encoding="utf-8")
    else:
        print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
