"""Ratings and comparisons: skill, drift, the experiment by trainer, the order of answers, hours."""

from __future__ import annotations

import math
from statistics import mean, stdev
from typing import Any

import duckdb
import pytest


def test_the_arms_are_balanced_within_each_vendor(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        """select vendor, count(*) filter (where arm = 'guided') - count(*) filter (where arm = 'classic'), count(*)
           from experiment_arms join trainers using (trainer_id) group by 1"""
    ).fetchall()
    assert {difference for _, difference, _ in rows} <= {0, 1}
    assert sum(n for *_, n in rows) > 60


def test_an_arm_shows_on_ratings_of_the_experiment_only(warehouse: duckdb.DuckDBPyConnection) -> None:
    wrong = """select count(*) from ratings r left join experiment_arms e using (trainer_id)
               where experiment_arm is distinct from case when rated_at >= '2026-03-10' then arm end"""
    assert warehouse.execute(wrong).fetchall() == [(0,)]


def test_the_guided_screen_is_faster_by_the_stated_factor(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    # Each trainer against themselves before: the pace of a trainer falls out. The trainer is the unit.
    rows = warehouse.execute(
        """select e.arm, avg(ln(rating_seconds)) filter (where rated_at >= '2026-03-10')
                       - avg(ln(rating_seconds)) filter (where rated_at < '2026-03-10') as moved
           from ratings join experiment_arms e using (trainer_id) group by trainer_id, e.arm
           having count(*) filter (where rated_at >= '2026-03-10') >= 5"""
    ).fetchall()
    arms = {arm: [moved for a, moved in rows if a == arm and moved is not None] for arm in ("guided", "classic")}
    effect = mean(arms["guided"]) - mean(arms["classic"])
    error = math.sqrt(sum(stdev(v) ** 2 / len(v) for v in arms.values()))
    assert abs(effect - math.log(truth["judgements"]["experiment"]["handle_seconds_times"])) < 4 * error
    assert effect < -2 * error


def test_the_drift_is_of_one_vendor_and_from_its_day_on(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    drift = truth["judgements"]["drift"]
    bias = {
        (is_vendor, is_late): (value, spread / math.sqrt(n))
        for is_vendor, is_late, value, spread, n in warehouse.execute(
            """select vendor = ?, rated_at >= ?, avg(score_difference), stddev_samp(score_difference), count(*)
               from ratings join trainers using (trainer_id) where gold_score is not null group by all""",
            [drift["vendor"], drift["on"]],
        ).fetchall()
    }
    for key in ((True, False), (False, False), (False, True)):
        assert abs(bias[key][0]) < 0.1, key
    drifted, error = bias[(True, True)]
    # A 5 cannot become more, so that the mean moves by a little less than the share of ratings.
    assert drift["share_a_point_too_high"] * 0.6 - 3 * error < drifted < drift["share_a_point_too_high"] + 3 * error
    assert drifted > 0.15


def test_gold_columns_follow_from_the_scores(warehouse: duckdb.DuckDBPyConnection) -> None:
    wrong = """select count(*) from ratings where score_difference is distinct from score - gold_score
               or score_error is distinct from abs(score - gold_score) or score not between 1 and 5"""
    assert warehouse.execute(wrong).fetchall() == [(0,)]
    ((share,),) = warehouse.execute("select avg((gold_score is not null)::int) from ratings").fetchall()
    assert share == pytest.approx(0.12, abs=0.02)


def test_skill_shows_in_the_errors(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    right = warehouse.execute(
        """select trainer_id, avg((score_error = 0)::int), count(*) from ratings
           where gold_score is not null and rated_at < '2026-03-02' group by 1 having count(*) >= 8"""
    ).fetchall()
    skilled = {t: truth["judgements"]["raters"][t]["skill"] for t, *_ in right}
    expected = sum(skilled[t] * n for t, _, n in right) / sum(n for *_, n in right)
    found = sum(share * n for _, share, n in right) / sum(n for *_, n in right)
    assert found == pytest.approx(expected, abs=0.05)


def test_the_task_mix_is_the_trainers_own(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    days: dict[float, list[int]] = {}
    for trainer, rated, both in warehouse.execute(
        """select trainer_id, count(*) filter (where kind = 'r'), count(*) from (
             select distinct trainer_id, rated_at::date as day, 'r' as kind from ratings
             union select distinct trainer_id, compared_at::date, 'c' from comparisons) group by 1"""
    ).fetchall():
        sums = days.setdefault(truth["judgements"]["raters"][trainer]["rating_share"], [0, 0])
        sums[0], sums[1] = sums[0] + rated, sums[1] + both
    assert sorted(days) == [0.25, 0.5, 0.75]
    for mix, (rated, both) in days.items():
        assert rated / both == pytest.approx(mix, abs=0.1)
    both_on_a_day = """select count(*) from ratings r join comparisons c
                       on c.trainer_id = r.trainer_id and c.compared_at::date = r.rated_at::date"""
    assert warehouse.execute(both_on_a_day).fetchall() == [(0,)]


def test_comparisons_win_tie_and_favour_the_first_answer_as_stated(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    stated = truth["judgements"]["comparisons"]
    n, tied, first, won = warehouse.execute(
        """select count(*), avg((choice = 'tied')::int),
                  avg((choice = 'first_answer')::int) filter (where choice <> 'tied'),
                  avg((preferred_model = 'atlas-3')::int) from comparisons"""
    ).fetchall()[0]
    skill = mean(rater["skill"] for rater in truth["judgements"]["raters"].values())
    seen = 0.5 + (1 - stated["first_chosen_regardless"]) * (2 * skill - 1) * (stated["atlas-3_is_better"] - 0.5)
    assert tied == pytest.approx(stated["ties"], abs=4 * math.sqrt(0.12 * 0.88 / n))
    assert first == pytest.approx(0.5 + stated["first_chosen_regardless"] / 2, abs=0.025)
    assert won == pytest.approx(seen, abs=0.03)


def test_nobody_judges_an_item_twice_or_before_starting(warehouse: duckdb.DuckDBPyConnection) -> None:
    for table, item, moment in (("ratings", "rated_item_id", "rated_at"), ("comparisons", "pair_id", "compared_at")):
        twice = f"select 1 from {table} group by {item}, trainer_id having count(*) > 1"
        early = f"select 1 from {table} join trainers using (trainer_id) where {moment} < started_on"
        assert warehouse.execute(twice).fetchall() == [], table
        assert warehouse.execute(early).fetchall() == [], table


def test_paid_hours_cover_the_time_on_tasks(warehouse: duckdb.DuckDBPyConnection) -> None:
    wrong = """with work as (
                 select trainer_id, started_at::date as day, handle_seconds as seconds from annotations
                 union all select trainer_id, rated_at::date, rating_seconds from ratings
                 union all select trainer_id, compared_at::date, comparison_seconds from comparisons),
               days as (select trainer_id, day, sum(seconds) / 3600 as hours from work group by all having hours > 0)
               select count(*) from days full join work_hours w on w.trainer_id = days.trainer_id and worked_on = day
               where hours is null or paid_hours is null
                  or paid_hours < 1.1 * hours - 0.01 or paid_hours > 1.4 * hours + 0.01"""
    assert warehouse.execute(wrong).fetchall() == [(0,)]
