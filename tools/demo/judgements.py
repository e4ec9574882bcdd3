"""Ratings from 1 to 5 and pairwise comparisons: trainers of known skill, pace, task mix and drift, and an experiment.

On every working day a trainer rates or compares, after their mix. A rating is right with the trainer's skill and one
point off otherwise. From 2 March the trainers of vendor birch give a point too much in two ratings of five. From 10
March half of the trainers, drawn within each vendor, rate on a guided screen that is faster and better.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.demo.scale import Scale
from tools.demo.store import Store
from tools.demo.timeline import DAYS, EXPERIMENT_START, FIRST_DAY, RATER_DRIFT, work_by_day

RATED, COMPARED = 0.6, 0.5  # items, for each task of scale.tasks
GOLD_SHARE = 0.12
DRIFT_VENDOR, DRIFT_SHARE = "birch", 0.4  # of its ratings, one point too high
GUIDED_SPEED, GUIDED_SKILL = 0.88, 0.06
WIN, TIE, FIRST_BIAS = 0.58, 0.12, 0.05


def write_judgements(store: Store, scale: Scale) -> dict[str, Any]:
    """Tables experiment_arms, ratings, comparisons and work_hours; returns what is true."""
    _write_arms(store)
    _draw_pools(store)
    _draw_items(store, "rating_items", round(scale.tasks * RATED))
    _draw_items(store, "comparison_pairs", round(scale.tasks * COMPARED))
    _write_ratings(store)
    _write_comparisons(store)
    _write_hours(store)
    raters = store.ask("select trainer_id, skill, pace, rating_share from true_raters order by 1")
    return {
        "drift": {
            "on": RATER_DRIFT.isoformat(),
            "vendor": DRIFT_VENDOR,
            "share_a_point_too_high": DRIFT_SHARE,
        },
        "experiment": {
            "name": "guided_rating",
            "from": EXPERIMENT_START.isoformat(),
            "unit": "trainer",
            "handle_seconds_times": GUIDED_SPEED,
            "share_right_plus": GUIDED_SKILL,
        },
        "comparisons": {"atlas-3_is_better": WIN, "ties": TIE, "first_chosen_regardless": FIRST_BIAS},
        "raters": {
            t: {"skill": round(skill, 4), "pace": round(pace, 4), "rating_share": mix} for t, skill, pace, mix in raters
        },
    }


def _write_arms(store: Store) -> None:
    """Randomised by trainer within vendor, among those who were there when it began."""
    store.build(
        "experiment_arms",
        f"""select trainer_id, 'guided_rating' as experiment,
                   case when row_number() over (partition by vendor order by draw('arm', trainer_id)) % 2 = 1
                        then 'guided' else 'classic' end as arm,
                   date '{EXPERIMENT_START}' as assigned_on
            from trainers where started_on < date '{EXPERIMENT_START}' order by trainer_id""",
    )
    store.build(
        "true_raters",
        """select trainer_id, vendor, started_on, 0.62 + 0.3 * draw('rating skill', trainer_id) as skill,
                  exp(0.2 * bell('rating pace', trainer_id)) as pace,
                  ([0.25e0, 0.5e0, 0.75e0])[1 + floor(3 * draw('mix', trainer_id))::int] as rating_share
           from trainers""",
        temp=True,
    )


def _draw_pools(store: Store) -> None:
    """Who rates and who compares on each day, in a random order."""
    present = f"""from range({DAYS}) r(day) join true_raters on started_on <= date '{FIRST_DAY}' + day::integer
                  where draw('at work', day || trainer_id) < 0.8 and draw('task of the day', day || trainer_id)"""
    seats = "list(trainer_id order by draw('seat', day || trainer_id)) as seats"
    store.build("rating_pools", f"select day, {seats} {present} < rating_share group by day", temp=True)
    store.build("comparison_pools", f"select day, {seats} {present} >= rating_share group by day", temp=True)


def _draw_items(store: Store, table: str, n: int) -> None:
    """Items, each on its day: as many on each as the working week has it."""
    until = np.cumsum(work_by_day())
    day = np.searchsorted(until / until[-1], (np.arange(n) + 0.5) / n, side="right")
    store.write(table, {"i": np.arange(n), "day": np.minimum(day, DAYS - 1)}, "i, day", temp=True)


def _copies(items: str, pools: str, prefix: str, more: float) -> str:
    """One row a judgement: two of an item, now and then three, by different trainers of the day's pool."""
    return f"""
      select i, day, copy, make_id('{prefix}', i) as item_id, make_id('{prefix}', i) || '|' || copy as key,
             seats[1 + (floor(draw('first seat', '{prefix}' || i) * len(seats))::bigint + copy) % len(seats)]
               as trainer_id,
             timestamp '{FIRST_DAY}' + to_days(day::integer)
               + to_seconds((7 * 3600 + 13 * 3600 * draw('hour', '{prefix}' || i || '|' || copy))::bigint) as judged_at
      from {items} join {pools} using (day), range(3) r(copy)
      where copy < least(len(seats), 2 + (draw('third', '{prefix}' || i) < {more})::integer)"""


def _write_ratings(store: Store) -> None:
    store.build(
        "true_ratings",
        f"""with judged as ({_copies("rating_items", "rating_pools", "rated", 0.3)}),
            known as (
              select j.*, r.vendor, skill, pace, arm,
                     1 + ([0, 1, 1, 2, 2, 2, 3, 3, 3, 4])[1 + floor(10 * draw('quality', item_id))::int] as quality,
                     draw('gold', item_id) < {GOLD_SHARE} as is_gold
              from judged j join true_raters r using (trainer_id)
                left join experiment_arms e on e.trainer_id = j.trainer_id and j.judged_at >= e.assigned_on),
            scored as (
              select *, case when draw('right', key) < skill + case when arm = 'guided' then {GUIDED_SKILL} else 0 end
                             then quality
                             when quality = 1 then 2 when quality = 5 then 4
                             when draw('side', key) < 0.5 then quality - 1 else quality + 1 end as meant
              from known)
            select *, case when vendor = '{DRIFT_VENDOR}' and judged_at >= timestamp '{RATER_DRIFT}'
                                and draw('drift', key) < {DRIFT_SHARE} then least(meant + 1, 5) else meant end as given,
                   70 * pace * exp(0.4 * bell('rating seconds', key))
                     * case when arm = 'guided' then {GUIDED_SPEED} else 1 end as seconds
            from scored""",
        temp=True,
    )
    store.build(
        "ratings",
        """select make_id('rat', (md5_number_lower(key) >> 1)::bigint) as rating_id, item_id as rated_item_id,
                  trainer_id, judged_at as rated_at, ceil(seconds)::integer as rating_seconds, given::integer as score,
                  case when is_gold then quality::integer end as gold_score,
                  case when is_gold then (given - quality)::integer end as score_difference,
                  case when is_gold then abs(given - quality)::integer end as score_error,
                  arm as experiment_arm
           from true_ratings order by rated_at, rating_id""",
    )


def _write_comparisons(store: Store) -> None:
    """Answers of two models side by side: the trainer's skill is the chance that they see which is better."""
    store.build(
        "comparisons",
        f"""with judged as ({_copies("comparison_pairs", "comparison_pools", "pair", 0.0)}),
            known as (
              select *, case when draw('shown first', key) < 0.5 then 'atlas-2' else 'atlas-3' end as first_model,
                     case when draw('better', item_id) < {WIN} then 'atlas-3' else 'atlas-2' end as better
              from judged join true_raters using (trainer_id)),
            chosen as (
              select *, case when draw('tie', key) < {TIE} then null
                             when draw('bias', key) < {FIRST_BIAS} then first_model
                             when draw('sees', key) < skill then better
                             when better = 'atlas-3' then 'atlas-2' else 'atlas-3' end as preferred
              from known)
            select make_id('cmp', (md5_number_lower(key) >> 1)::bigint) as comparison_id, item_id as pair_id,
                   trainer_id, judged_at as compared_at,
                   ceil(160 * pace * exp(0.45 * bell('comparison seconds', key)))::integer as comparison_seconds,
                   first_model, case when preferred is null then 'tied' when preferred = first_model then 'first_answer'
                                     else 'second_answer' end as choice,
                   preferred as preferred_model
            from chosen order by compared_at, comparison_id""",
    )


def _write_hours(store: Store) -> None:
    """Paid hours of each trainer and day: the time on tasks and a tenth to four tenths more."""
    store.build(
        "work_hours",
        """with work as (
             select trainer_id, started_at::date as day, handle_seconds as seconds from annotations
             union all select trainer_id, rated_at::date, rating_seconds from ratings
             union all select trainer_id, compared_at::date, comparison_seconds from comparisons),
             days as (select trainer_id, day, sum(seconds) as seconds from work group by all having sum(seconds) > 0)
           select trainer_id, day as worked_on,
                  round(seconds * (1.1 + 0.3 * draw('overhead', day || trainer_id)) / 3600, 2) as paid_hours
           from days order by day, trainer_id""",
    )
