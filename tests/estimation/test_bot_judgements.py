"""Half of the annotators measure sensitivity and specificity, the other half is corrected with them.

The share is that of an experiment's mix: accounts were chosen by its authors, bots and users of several kinds,
and say nothing of how common bots are anywhere.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np
import pytest

from tests.ingest.shared_data import real_files
from tools.errors import Declined
from tools.estimation import estimate_proportion, sum_rows
from tools.estimation.corrected import Corrected, correct_design
from tools.estimation.validation import Rate

SPLITS = 200


@pytest.fixture(scope="module")
def answers() -> list[dict[str, str]]:
    (path,) = real_files("bot_judgements/answers.csv")
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["answer"] in ("BOT", "USER")]


def splits(answers: list[dict[str, str]]) -> Iterator[tuple[Corrected | None, float, float]]:
    """Corrected share of one half, its raw share of answers "bot", and the truth of what that half was shown."""
    people = sorted({row["annotator_id"] for row in answers})
    bot = np.array([row["answer"] == "BOT" for row in answers])
    truth = np.array([row["ground_truth"] == "BOT" for row in answers])
    person = np.array([people.index(row["annotator_id"]) for row in answers])
    for seed in range(SPLITS):
        first = np.isin(person, np.random.default_rng(seed).permutation(len(people))[: len(people) // 2])
        gold, rest = first, ~first
        sensitivity = Rate(float((bot & truth & gold).sum()), float((truth & gold).sum()))
        specificity = Rate(float((~bot & ~truth & gold).sum()), float((~truth & gold).sum()))
        sample = sum_rows(bot[rest].astype(float), clusters=person[rest])
        apparent = estimate_proportion(sample.totals, design=sample.design)
        assert apparent.value is not None
        assert apparent.n_eff is not None
        try:
            found = correct_design(apparent.value, apparent.n_eff, sensitivity=sensitivity, specificity=specificity)
        except Declined:
            found = None
        yield found, apparent.value, float(truth[rest].mean())


def test_the_other_half_is_corrected(answers: list[dict[str, str]]) -> None:
    done = list(splits(answers))
    answered = [(found, raw, truth) for found, raw, truth in done if found is not None]
    held = sum(found.low <= truth <= found.high for found, _, truth in answered)
    nearer = sum(abs(found.value - truth) < abs(raw - truth) for found, raw, truth in answered)
    error = float(np.mean([abs(found.value - truth) for found, _, truth in answered]))
    plain = float(np.mean([abs(raw - truth) for _, raw, truth in answered]))
    width = float(np.mean([found.high - found.low for found, _, _ in answered]))
    print(f"{len(answered)} of {SPLITS} answered, {held} hold the truth, {nearer} nearer than the raw share,")
    print(f"mean error {error:.3f} against {plain:.3f}, mean width {width:.3f}")
    assert len(answered) >= 0.9 * SPLITS
    assert held >= 0.9 * len(answered)
