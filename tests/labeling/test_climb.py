"""EM with leaps: the likelihood never falls, and the maximum is that of plain steps."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.ingest.shared_data import real_files
from tools.estimation.tables import Floats
from tools.labeling import read_label_table
from tools.labeling.climb import climb, leap_shares
from tools.labeling.dawid_skene import (
    Parameters,
    count_errors,
    expect,
    fit_dawid_skene,
    leap,
    start_at_votes,
    tabulate_given,
)


def linkage(at: Floats) -> tuple[Floats, float]:
    """One EM step for Rao's linkage data (125, 18, 20, 34), whose maximum is the root of 197p² - 15p - 68 = 0.

    Dempster, Laird and Rubin 1977, JRSS B 39:1-38, section 1; `at` holds p and 1 - p.
    """
    p = float(at[0])
    likelihood = 125 * math.log(2 + p) + 38 * math.log(1 - p) + 34 * math.log(p)
    split = 125 * p / (2 + p)
    new = (split + 34) / (split + 34 + 38)
    return np.array([new, 1 - new]), likelihood


def test_the_textbook_example_of_em() -> None:
    seen: list[float] = []

    def step(at: Floats) -> tuple[Floats, float]:
        new, likelihood = linkage(at)
        seen.append(likelihood)
        return new, likelihood

    top = climb(
        np.array([0.1, 0.9]),
        step,
        lambda a, b, c, longest: leap_shares(a[:, None], b[:, None], c[:, None], longest)[:, 0],
        most_steps=500,
    )
    assert top.converged
    assert top.point[0] == pytest.approx((15 + math.sqrt(15**2 + 4 * 197 * 68)) / (2 * 197), abs=1e-5)
    assert top.steps == len(seen)


def test_a_leap_of_length_one_is_two_steps() -> None:
    a, b, c = (np.array(x)[:, None] for x in ([0.5, 0.5], [0.6, 0.4], [0.7, 0.3]))
    assert leap_shares(a, b, c, 1.0) == pytest.approx(c, abs=1e-15)
    far = leap_shares(a, b, c, 64.0)
    assert far[0] > 0.7
    assert far.sum() == pytest.approx(1)
    assert (far > 0).all()


def test_shares_that_are_all_zero_stay_so() -> None:
    zero = np.zeros((3, 1))
    assert leap_shares(zero, zero, zero, 8.0).tolist() == [[0], [0], [0]]


def test_too_few_steps_are_not_convergence() -> None:
    top = climb(np.array([0.1, 0.9]), linkage, lambda a, b, c, longest: c, most_steps=5)
    assert not top.converged
    assert top.steps <= 5


def test_a_crowd_reaches_the_likelihood_of_plain_steps_and_never_falls() -> None:
    """A good local maximum is near -36,423; an implementation that stops after 100 steps is at -36,778."""
    (file,) = real_files("crowd_labels/labels.csv")
    given = tabulate_given(read_label_table(file, item="item_id", rater="worker_id", label="label").table)
    reached: list[float] = []

    def step(at: Parameters) -> tuple[Parameters, float]:
        posterior, likelihood = expect(given, at)
        reached.append(likelihood)
        return count_errors(given, posterior), likelihood

    top = climb(count_errors(given, start_at_votes(given)), step, leap, most_steps=2_000)
    _, likelihood = expect(given, top.point)
    assert top.converged
    assert likelihood == pytest.approx(-36_422.4, abs=0.5)
    assert top.steps < 200
    at, before, plain = count_errors(given, start_at_votes(given)), -np.inf, 0
    while True:
        posterior, now = expect(given, at)
        plain += 1
        assert now >= before - 1e-8
        if now - before < 1e-7:
            break
        before, at = now, count_errors(given, posterior)
    assert likelihood == pytest.approx(now, abs=0.01)
    assert plain > 4 * top.steps


def test_what_is_accepted_never_falls() -> None:
    """Of every cycle of three evaluations the kept one is at least as high as the second."""
    (file,) = real_files("crowd_labels/labels.csv")
    table = read_label_table(file, item="item_id", rater="worker_id", label="label").table
    found = [fit_dawid_skene(table, most_steps=steps) for steps in (10, 20, 40, 80, 160)]
    likelihoods = [each.log_likelihood for each in found if each is not None]
    assert likelihoods == sorted(likelihoods)
