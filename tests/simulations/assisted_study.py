"""400 labels of the SMS messages, helped by cross-fitted predictions: `python -m tests.simulations.assisted_study`.

Each seed draws 400 of the 5,574 messages, trains one classifier a fold on the labels of the other folds, scores every
message by the classifier that did not see its fold, and estimates. All seeds share one unsupervised reduction of the
texts (tf-idf, 100 components; no label is in it), so that a seed takes a fraction of a second; some seeds are run with
the embedded labeller itself, from files.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.simulations.__main__ import commit_of
from tools.estimation.assisted import Assisted, estimate_assisted
from tools.estimation.file import EstimateReport, EstimateRequest, estimate_file
from tools.estimation.frame_predictions import describe_frame
from tools.estimation.intervals import wilson
from tools.estimation.survey import describe_survey
from tools.labeling.fit_embedded import fit_embedded

DATA = Path(__file__).parents[2] / "../shared/data/sms_spam/messages.csv"
N, FOLDS, COMPONENTS = 400, 5, 100
FULL, SHORT, EMBEDDED, SHORT_EMBEDDED = 2_000, 40, 20, 0
LEAST, NARROWER = 0.935, 0.75
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Texts:
    """The messages: ids, texts, 1 for spam, and (N, 100) features without labels."""

    ids: list[str]
    texts: list[str]
    spam: Floats
    features: Floats


@dataclass(frozen=True)
class Found:
    """What the seeds gave."""

    seeds: int
    covered: int
    alone: int
    too_low: int
    too_high: int
    width: float


def read_texts() -> Texts:
    """The messages and their features."""
    from sklearn.decomposition import TruncatedSVD  # type: ignore[import-untyped]
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

    with DATA.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    texts = [row["text"] for row in rows]
    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2, token_pattern=r"(?u)\S+").fit_transform(
        texts
    )
    reduced = TruncatedSVD(COMPONENTS, random_state=0).fit_transform(words)
    spam = np.array([float(row["is_spam"]) for row in rows])
    digits = np.array([[sum(c.isdigit() for c in t) / 10, len(t) / 100] for t in texts])
    return Texts([row["message_id"] for row in rows], texts, spam, np.hstack([reduced * 5, digits]))


def draw(texts: Texts, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, 41)).choice(len(texts.ids), N, replace=False)


def score(texts: Texts, rows: NDArray[np.int64], seed: int) -> Floats:
    """(N,) scores of all messages, each by the classifier that saw no label of its fold."""
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    fold = np.random.default_rng((seed, 42)).integers(0, FOLDS, len(texts.ids))
    found = np.zeros(len(texts.ids))
    for k in range(FOLDS):
        learn: Any = rows[fold[rows] != k]
        model = LogisticRegression(C=30.0, max_iter=200).fit(texts.features[learn], texts.spam[learn])
        found[fold == k] = model.predict_proba(texts.features[fold == k])[:, 1]
    return found


def estimate_seed(texts: Texts, seed: int) -> Assisted:
    """One seed through the estimator that the command line calls."""
    rows = draw(texts, seed)
    scores = score(texts, rows, seed)
    survey = describe_survey(N, population=np.full(N, len(texts.ids)))
    return estimate_assisted(texts.spam[rows], scores[rows], describe_frame(scores), survey=survey)


def run_seeds(texts: Texts, seeds: range) -> Found:
    """Coverage and the mean width over that from the labels alone."""
    truth, both = float(texts.spam.mean()), [estimate_seed(texts, seed) for seed in seeds]
    limits = [(b.estimate.low or 0.0, b.estimate.high or 1.0) for b in both]
    alone = [(b.labels_only.low or 0.0, b.labels_only.high or 1.0) for b in both]
    return Found(
        seeds=len(both),
        covered=sum(low <= truth <= high for low, high in limits),
        alone=sum(low <= truth <= high for low, high in alone),
        too_low=sum(high < truth for _, high in limits),
        too_high=sum(low > truth for low, _ in limits),
        width=sum(high - low for low, high in limits) / sum(high - low for low, high in alone),
    )


def estimate_embedded(texts: Texts, seed: int, folder: Path) -> EstimateReport:
    """One seed with the embedded labeller, through a file of the frame as `transect estimate` reads it."""
    rows = draw(texts, seed)
    names = [texts.ids[i] for i in rows]
    labels = ["spam" if texts.spam[i] else "ham" for i in rows]
    model = fit_embedded(names, [texts.texts[i] for i in rows], labels, folds=FOLDS, seed=seed)
    scores = [each["spam"] for each in model.score(texts.ids, texts.texts)]
    known = dict(zip(rows.tolist(), labels, strict=True))
    path = folder / f"frame-{seed}.csv"
    lines = (f"{known.get(i, '')},{each}" for i, each in enumerate(scores))
    path.write_text("\n".join(["label,score", *lines]) + "\n", encoding="utf-8")
    return estimate_file(path, EstimateRequest(statistic="proportion", column="label=spam", prediction="score"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulations.assisted_study", description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} seeds and {EMBEDDED} with the embedded labeller")
    parser.add_argument("--seeds", type=int, help="another number of seeds")
    parser.add_argument("--out", type=Path, help="write the report here; default: stdout")
    options = parser.parse_args()
    if not DATA.is_file():
        print("The shared data is absent: sms_spam/messages.csv", file=sys.stderr)
        return 0
    begun = time.perf_counter()
    texts = read_texts()
    seeds = options.seeds or (FULL if options.full else SHORT)
    found = run_seeds(texts, range(seeds))
    with TemporaryDirectory() as folder:
        embedded = EMBEDDED if options.full else SHORT_EMBEDDED
        reports = [estimate_embedded(texts, seed, Path(folder)) for seed in range(embedded)]
    page = write_page(found, reports, truth=float(texts.spam.mean()), seconds=time.perf_counter() - begun)
    if options.out:
        options.out.write_text(page, encoding="utf-8")
    else:
        print(page)
    limits = wilson(found.covered / found.seeds, found.seeds, level=0.99)
    return 0 if limits.high >= LEAST and found.width <= NARROWER else 1


def write_page(found: Found, reports: list[EstimateReport], *, truth: float, seconds: float) -> str:
    """The evidence as Markdown."""
    limits = wilson(found.covered / found.seeds, found.seeds, level=0.99)
    figures = [report.figures[0] for report in reports]
    held = sum((f.low or 0) <= truth <= (f.high or 1) for f in figures)
    lines = (
        ""
        if not figures
        else (f"\nWith the embedded labeller itself, through `estimate`: {held} of {len(figures)} hold the truth.\n\n")
    )
    lines += "".join(
        f"- {f.value:.4f} ({f.low:.4f} to {f.high:.4f}); {r.notes[0]}\n" for f, r in zip(figures, reports, strict=True)
    )
    return f"""# 400 labels of the SMS messages, with cross-fitted predictions

- commit: {commit_of()}
- command: python -m tests.simulations.assisted_study, {found.seeds:,} seeds ({found.seeds / FULL:.0%} of the full
scale)
- seeds: 0..{found.seeds - 1}, fixed before the run
- duration: {seconds:.0f} s on one core

| | |
|---|---:|
| truth | {truth:.5f} |
| intervals that hold it | {found.covered:,} of {found.seeds:,} ({100 * found.covered / found.seeds:.2f} %) |
| 99 % Monte Carlo limits | {100 * limits.low:.2f} % to {100 * limits.high:.2f} % |
| intervals wholly below, wholly above | {found.too_low:,}, {found.too_high:,} |
| intervals from the labels alone that hold it | {found.alone:,} |
| mean width over that from the labels alone | {found.width:.3f} (asked for: at most {NARROWER}) |
{lines}"""


if __name__ == "__main__":
    sys.exit(main())
