"""Bradley-Terry against published fits, against the model written out, and on what has no answer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from tools.errors import Declined, InvalidInput
from tools.labeling import Comparison, fit_bradley_terry

TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
# Wins of the row's team at home, and its losses there, to the column's team: the American League's East, 1987.
HOME = (
    ("---", "4-3", "4-2", "4-3", "6-1", "4-2", "6-0"),
    ("3-3", "---", "4-2", "4-3", "6-0", "6-1", "4-3"),
    ("2-5", "4-3", "---", "2-4", "4-3", "4-2", "6-0"),
    ("3-3", "5-1", "2-5", "---", "4-3", "4-2", "6-1"),
    ("5-1", "2-5", "3-3", "4-2", "---", "5-2", "6-0"),
    ("2-5", "3-3", "3-4", "4-3", "4-2", "---", "2-4"),
    ("2-5", "1-5", "1-6", "2-4", "1-6", "3-4", "---"),
)
# Davidson 1970, example 2: two brands of chocolate pudding, how often either was preferred, and neither.
PUDDING = """
1 2 19 22 16
1 3 16 19 12
2 3 19 19 10
1 4 18 23 13
2 4 23 19 9
3 4 19 20 15
1 5 13 19 18
2 5 16 20 12
3 5 16 15 17
4 5 17 14 16
1 6 18 21 12
2 6 22 20 12
3 6 13 18 10
4 6 14 19 18
5 6 11 21 12
"""


def baseball() -> list[Comparison]:
    games = []
    for team, row in zip(TEAMS, HOME, strict=True):
        for other, cell in zip(TEAMS, row, strict=True):
            if team != other:
                won, lost = map(int, cell.split("-"))
                games += [Comparison(team, other, team)] * won + [Comparison(team, other, other)] * lost
    return games


def pudding() -> list[Comparison]:
    found = []
    for line in PUDDING.split("\n")[1:-1]:
        i, j, one, two, tie = line.split()
        found += [Comparison(i, j, i)] * int(one) + [Comparison(i, j, j)] * int(two)
        found += [Comparison(i, j, None)] * int(tie)
    return found


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (False, (1.5814, 1.4364, 1.2945, 1.2476, 1.1077, 0.6839)),
        (True, (1.6196, 1.4754, 1.3271, 1.2813, 1.1438, 0.7047)),
    ],
)
def test_baseball_with_and_without_home_advantage(position: bool, expected: Sequence[float]) -> None:
    """Agresti 2002, Categorical Data Analysis, section 10.6; the digits are those of BradleyTerry2's examples."""
    found = fit_bradley_terry(baseball(), position=position)
    assert [found.compare(team, "Baltimore").value for team in TEAMS[:-1]] == pytest.approx(expected, abs=5e-5)
    if position:
        assert found.position is not None
        assert found.position.value == pytest.approx(0.3023, abs=5e-5)
        assert found.position.se == pytest.approx(0.131, abs=5e-4)
    assert [each.name for each in found.systems] == list(TEAMS)
    assert sum(each.value for each in found.systems) == pytest.approx(0, abs=1e-9)


def test_chocolate_pudding_with_ties() -> None:
    """Davidson 1970: shares of worth to three digits, and his tie parameter, 0.747."""
    found = fit_bradley_terry(pudding(), position=False)
    worth = {each.name: math.exp(each.value) for each in found.systems}
    shares = [worth[str(i)] / sum(worth.values()) for i in range(1, 7)]
    assert shares == pytest.approx([0.139, 0.173, 0.162, 0.165, 0.159, 0.202], abs=6e-4)
    assert found.tie is not None
    assert math.exp(found.tie.value) == pytest.approx(0.747, abs=5e-4)
    assert (found.n_comparisons, found.n_ties) == (745, 202)


def test_the_score_equations_hold() -> None:
    """At the maximum each system's wins and half its ties are as many as the model expects; so are all ties."""
    found = fit_bradley_terry(pudding(), position=False)
    strength = {each.name: each.value for each in found.systems}
    assert found.tie is not None
    surplus = dict.fromkeys(strength, 0.0)
    ties = 0.0
    for each in pudding():
        weight = [strength[each.first], strength[each.second]]
        weight.append(found.tie.value + sum(weight) / 2)
        chance = np.exp(weight) / np.exp(weight).sum()
        for name, own in ((each.first, chance[0]), (each.second, chance[1])):
            surplus[name] += (each.winner == name) + (each.winner is None) / 2 - own - chance[2] / 2
        ties += (each.winner is None) - chance[2]
    assert max(map(abs, surplus.values())) < 1e-6
    assert ties == pytest.approx(0, abs=1e-6)


def test_two_systems_by_hand() -> None:
    """30 wins of 40: the log odds are log 3, their variance 1/30 + 1/10."""
    games = [Comparison("a", "b", "a")] * 15 + [Comparison("b", "a", "a")] * 15
    games += [Comparison("a", "b", "b")] * 5 + [Comparison("b", "a", "b")] * 5
    found = fit_bradley_terry(games).compare("a", "b")
    assert found.value == pytest.approx(math.log(3), rel=1e-9)
    assert found.se == pytest.approx(math.sqrt(1 / 30 + 1 / 10), rel=1e-9)
    assert found.high == pytest.approx(math.log(3) + 1.959963984540054 * found.se, rel=1e-9)
    assert fit_bradley_terry(games).log_likelihood == pytest.approx(30 * math.log(0.75) + 10 * math.log(0.25))


def test_each_judgement_given_k_times_widens_only_the_naive_error() -> None:
    """Five copies of a judgement in one cluster say no more than one; the clustered error knows, the other does not."""
    rng = np.random.default_rng(4)
    single, copied, naive = [], [], []
    for item in range(200):
        first, second = rng.permutation(["x", "y", "z"])[:2]
        winner = first if rng.random() < {"x": 0.65, "y": 0.5, "z": 0.4}[first] else second
        single.append(Comparison(first, second, winner, f"i{item}"))
        copied += [Comparison(first, second, winner, f"i{item}")] * 5
        naive += [Comparison(first, second, winner)] * 5
    one, five, blind = (fit_bradley_terry(each).compare("x", "z") for each in (single, copied, naive))
    assert five.value == pytest.approx(one.value, rel=1e-9)
    assert five.se == pytest.approx(one.se, rel=1e-9)
    assert blind.se < one.se / 2


def test_intervals_cover_when_raters_have_tastes() -> None:
    """A rater likes x by a taste of its own: intervals clustered by rater hold the mean, those without do not.

    400 replicates, seeds 0 to 399; 40 raters of 30 judgements each, log odds 0.5 at the mean of the likings' scale.
    """
    held = {"clustered": 0, "alone": 0}
    tastes = np.random.default_rng(99).normal(0.5, 1.0, 400_000)
    truth = float(np.log((1 / (1 + np.exp(-tastes))).mean() / (1 - (1 / (1 + np.exp(-tastes))).mean())))
    for seed in range(400):
        rng = np.random.default_rng(seed)
        likes = 1 / (1 + np.exp(-rng.normal(0.5, 1.0, 40)))
        games = []
        for rater, like in enumerate(likes):
            won = int(rng.binomial(30, like))
            games += [("x", rater)] * won + [("y", rater)] * (30 - won)
        for name, cluster in (("clustered", True), ("alone", False)):
            rows = [Comparison("x", "y", won, str(rater) if cluster else None) for won, rater in games]
            found = fit_bradley_terry(rows, position=False).compare("x", "y")
            held[name] += found.low <= truth <= found.high
    assert held["clustered"] >= 0.92 * 400
    assert held["alone"] < 0.8 * 400


@pytest.mark.parametrize(
    ("games", "rule"),
    [
        ([], "no_comparisons"),
        ([("a", "b", None), ("b", "c", None)], "only_ties"),
        ([("a", "b", "a"), ("a", "b", "b"), ("c", "d", "c"), ("c", "d", "d")], "disconnected"),
        ([("a", "b", "a"), ("a", "c", "a"), ("b", "c", "b"), ("c", "b", "c")], "no_finite_maximum"),
        ([("a", "b", "a"), ("a", "b", "b")], "position_confounded"),
        ([("a", "b", "a"), ("b", "a", "b")], "no_finite_maximum"),
    ],
)
def test_what_has_no_answer_is_declined(games: list[tuple[str, str, str | None]], rule: str) -> None:
    with pytest.raises(Declined) as caught:
        fit_bradley_terry([Comparison(*game) for game in games])
    assert caught.value.rule == rule


def test_a_system_that_always_wins_is_named_and_a_tie_bounds_it() -> None:
    always = [
        Comparison("a", "b", "a"),
        Comparison("c", "a", "a"),
        Comparison("b", "c", "b"),
        Comparison("b", "c", "c"),
    ]
    with pytest.raises(Declined, match="finite estimate of a:"):
        fit_bradley_terry(always, position=False)
    found = fit_bradley_terry([*always, Comparison("a", "b", None)], position=False)
    assert found.systems[0].name == "a"
    assert math.isfinite(found.systems[0].se)


def test_more_systems_than_fit_in_memory_are_declined() -> None:
    games = [Comparison(f"s{i}", f"s{i + 1}", f"s{i + i % 2}") for i in range(6_000)]
    with pytest.raises(Declined) as caught:
        fit_bradley_terry(games)
    assert (caught.value.rule, caught.value.value) == ("too_many_systems", 6_001)


def test_wrong_input() -> None:
    with pytest.raises(InvalidInput, match="with itself"):
        fit_bradley_terry([Comparison("a", "a", "a")])
    with pytest.raises(InvalidInput, match="one of the two"):
        fit_bradley_terry([Comparison("a", "b", "c")])
    with pytest.raises(InvalidInput, match="Some comparisons name their cluster"):
        fit_bradley_terry([Comparison("a", "b", "a", "i"), Comparison("a", "b", "b")])
    with pytest.raises(InvalidInput, match="level"):
        fit_bradley_terry(baseball(), level=95)
    found = fit_bradley_terry(baseball())
    with pytest.raises(InvalidInput, match="No system 'Texas'"):
        found.compare("Texas", "Boston")
    with pytest.raises(InvalidInput, match="different systems"):
        found.compare("Boston", "Boston")


def test_notes_say_what_intervals_rest_on() -> None:
    games = baseball()
    assert any("no cluster is named" in note for note in fit_bradley_terry(games).notes)
    in_one = [Comparison(g.first, g.second, g.winner, "all") for g in games]
    assert any("one cluster" in note for note in fit_bradley_terry(in_one).notes)
    few = [Comparison(g.first, g.second, g.winner, str(i % 12)) for i, g in enumerate(games)]
    assert any("rest on 12 clusters" in note for note in fit_bradley_terry(few).notes)
