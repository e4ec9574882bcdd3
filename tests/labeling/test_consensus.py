"""Consensus by majority and Dawid-Skene: by hand, and against the model written out in loops."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from functools import partial

import pytest

from tests.labeling.ratings import Row, rows_by_unit
from tools.labeling import measure_agreement
from tools.labeling.dawid_skene import fit_dawid_skene
from tools.labeling.label_table import tabulate_labels


def test_everybody_agrees() -> None:
    """Two items A, one B: the raters are perfect, the likelihood is that of the true labels, (2/3)²·(1/3)."""
    found = measure_agreement(rows_by_unit(["AAA", "AAA", "BBB"]))
    assert [(c.label, c.p, c.majority, c.share, c.n_labels) for c in found.consensus] == [
        ("A", 1.0, "A", 1.0, 3),
        ("A", 1.0, "A", 1.0, 3),
        ("B", 1.0, "B", 1.0, 3),
    ]
    assert found.models[0].log_likelihood == pytest.approx(2 * math.log(2 / 3) + math.log(1 / 3), rel=1e-12)
    assert [model.name for model in found.models] == ["dawid_skene", "shrinkage", "majority"]
    assert all(model.converged for model in found.models)
    assert [(r.rater, r.n_items, r.accuracy) for r in found.raters] == [("r00", 3, 1), ("r01", 3, 1), ("r02", 3, 1)]


def test_one_step_by_hand() -> None:
    """Items AA and AB of raters r0, r1. Start: T = (1, 0), (½, ½); prevalence (¾, ¼).

    r0 says A always. r1 on true A: A with 1/1.5 = 2/3, B 1/3; on true B: B always. Item 1: ¾·1·2/3 = ½ for A, 0 for B.
    Item 2: ¾·1·1/3 = ¼ for A, ¼·1·1 for B. Log-likelihood log ½ + log ½.
    """
    model = fit_dawid_skene(tabulate_labels(rows_by_unit(["AA", "AB"])), most_steps=1)
    assert model is not None
    near = partial(pytest.approx, abs=1e-9)  # each label has a speck of a vote on every item
    assert model.posterior.tolist() == [[near(1), near(0)], [near(0.5), near(0.5)]]
    assert model.confusion[1].tolist() == [[near(2 / 3), near(1 / 3)], [near(0), near(1)]]
    assert model.log_likelihood == pytest.approx(2 * math.log(0.5), rel=1e-9)
    assert not model.converged


def test_a_rater_who_says_the_opposite_is_understood() -> None:
    rng = random.Random(5)
    rows: list[Row] = []
    truth = {}
    for i in range(300):
        true = truth[f"{i:03}"] = rng.choice("AB")
        for rater in ("p", "q", "r"):
            rows.append((f"{i:03}", rater, true if rng.random() < 0.9 else "AB".replace(true, "")))
        rows += [(f"{i:03}", "contrary", "AB".replace(true, ""))]
    found = measure_agreement(rows)
    model = sum(c.label == truth[c.item] for c in found.consensus)
    majority = sum(c.majority == truth[c.item] for c in found.consensus)
    assert model >= 298
    assert majority < model
    accuracy = {r.rater: r.accuracy for r in found.raters}
    assert accuracy["contrary"] < 0.02
    assert all(accuracy[rater] > 0.85 for rater in "pqr")


def test_the_model_written_out_in_loops() -> None:
    rng = random.Random(11)
    rows: list[Row] = []
    for i in range(60):
        true = rng.choice("AABC")
        for rater in rng.sample("uvwxyz", rng.randint(1, 5)):
            for _ in range(1 + (rng.random() < 0.1)):  # some repeat themselves
                rows.append((f"{i:02}", rater, true if rng.random() < 0.7 else rng.choice("ABC")))
    fitted = fit_dawid_skene(tabulate_labels(rows))
    assert fitted is not None
    posterior, log_likelihood = expectation_maximisation(rows)
    assert fitted.converged
    assert fitted.log_likelihood == pytest.approx(log_likelihood, abs=1e-4)
    for i, item in enumerate(sorted({row[0] for row in rows})):
        for k, label in enumerate("ABC"):
            assert fitted.posterior[i, k] == pytest.approx(posterior[item][label], abs=1e-2)


def expectation_maximisation(rows: list[Row]) -> tuple[dict[str, dict[str, float]], float]:
    """Dawid and Skene 1979, eq. 2.3 to 2.5, in plain loops."""
    items, labels = sorted({r[0] for r in rows}), sorted({r[2] for r in rows})
    by_item: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for item, rater, label in rows:
        by_item[item].append((rater, label))
    t = {i: {j: Counter(label for _, label in by_item[i])[j] / len(by_item[i]) for j in labels} for i in items}
    before = -math.inf
    for _ in range(50_000):
        p = {j: sum(t[i][j] for i in items) / len(items) for j in labels}
        said: dict[tuple[str, str, str], float] = defaultdict(float)
        total: dict[tuple[str, str], float] = defaultdict(float)
        for i in items:
            for rater, label in by_item[i]:
                for j in labels:
                    said[rater, j, label] += t[i][j]
                    total[rater, j] += t[i][j]
        likelihood = 0.0
        for i in items:
            joint = {
                j: p[j] * math.prod(said[r, j, k] / total[r, j] if total[r, j] else 0.0 for r, k in by_item[i])
                for j in labels
            }
            whole = sum(joint.values())
            likelihood += math.log(whole)
            t[i] = {j: joint[j] / whole for j in labels}
        if abs(likelihood - before) < 1e-10:
            return t, likelihood
        before = likelihood
    raise AssertionError("did not converge")


def test_a_tie_has_no_majority() -> None:
    found = measure_agreement(rows_by_unit(["AB", "AA", "BB"]))
    assert [c.majority for c in found.consensus] == [None, "A", "B"]
    assert found.consensus[0].share == 0.5


def test_whole_numbers_sort_by_value() -> None:
    assert tabulate_labels([("i", "r", "10"), ("i", "s", "2")]).labels == ("2", "10")
    assert tabulate_labels([("i", "r", "b"), ("i", "s", "10")]).labels == ("10", "b")


def test_a_rater_of_few_items_has_a_wide_interval() -> None:
    """Wilson at 3 of 3, 95 %: low = 3/(3 + 3.8415)."""
    found = measure_agreement(rows_by_unit(["AAA", "AAA", "BBB"]))
    assert found.raters[0].low == pytest.approx(3 / (3 + 3.841458820694124), rel=1e-9)
    assert found.raters[0].high == 1.0


def test_too_large_for_the_model_is_said() -> None:
    rows = [(f"{i}", f"r{i % 3}", f"label {i}") for i in range(3000)]
    found = measure_agreement(rows)
    assert found.models == ()
    assert any("Too many raters and labels" in note for note in found.notes)
    assert found.consensus[0].p == 1.0
