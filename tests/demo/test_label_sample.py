"""The labelled sample measures the truth; the truth itself is nowhere in the warehouse."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from tools.demo import DemoReport, build_demo

# Ratio estimate and its with-replacement variance over bundles within strata, by linearisation.
ESTIMATE = """
with domain as (select *, ({where})::int as inside, (label = 'violating')::int as y from labelled_messages),
     point as (select sum(weight * y * inside) / sum(weight * inside) as p, sum(weight * inside) as w from domain),
     bundle as (select stratum, bundle_id, sum(weight * inside * (y - p) / w) as z from domain, point group by all),
     spread as (select count(*) * var_samp(z) as v from bundle group by stratum)
select (select p from point), sqrt(sum(v)) from spread
"""


def _interval(workspace: Path, where: str, z: float) -> tuple[float, float]:
    """Logit interval at z standard errors."""
    with duckdb.connect(str(workspace / "data/warehouse.duckdb"), read_only=True) as connection:
        p, se = connection.execute(ESTIMATE.format(where=where)).fetchall()[0]
    centre, half = math.log(p / (1 - p)), z * se / (p * (1 - p))
    return 1 / (1 + math.exp(-(centre - half))), 1 / (1 + math.exp(-(centre + half)))


def _truth(report: DemoReport) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads(report.truth.read_text(encoding="utf-8"))
    return truth


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_the_interval_covers_the_truth(seed: int, demo: DemoReport, other_seed: DemoReport, tmp_path: Path) -> None:
    built = {demo.seed: demo, other_seed.seed: other_seed}
    report = built.get(seed) or build_demo(tmp_path / "demo", seed=seed)
    truth = _truth(report)["violating_message_prevalence"]
    low, high = _interval(report.directory, "true", 2.576)
    assert low < truth["overall"]["share"] < high
    assert high < 2.5 * low  # and it says something
    for surface in ("chat", "mobile", "api"):
        low, high = _interval(report.directory, f"surface = '{surface}'", 2.576)
        assert low < truth["by_surface"][surface]["share"] < high, surface


def test_the_design_covers_over_repeated_draws() -> None:
    from tools.demo.accounts import NONE, draw_accounts
    from tools.demo.label_sample import Frame, draw_label_sample
    from tools.demo.scale import Scale
    from tools.demo.signals import draw_signals
    from tools.demo.streams import stream
    from tools.demo.traffic import draw_traffic

    scale = Scale(messages=40_000, organizations=50, accounts=1_500, tasks=1, trainers=1)
    people = draw_accounts(scale, seed=3)
    (sent,) = draw_traffic(people, scale, seed=3)
    gathered = Frame()
    gathered.add(sent, draw_signals(people, sent, stream(3, "signals")))
    frame = gathered.take()
    violates = sent.violation != NONE
    true_share = violates[~sent.is_test].mean()
    draws, hits, estimates = 200, 0, []
    for seed in range(draws):
        sample = draw_label_sample(frame, np.random.default_rng(seed))
        y, w = violates[sample.message], sample.weight
        p = (w * y).sum() / w.sum()
        bundle, first, member = np.unique(sample.bundle, return_index=True, return_inverse=True)
        z = np.bincount(member, weights=w * (y - p) / w.sum(), minlength=len(bundle))
        stratum = (sample.month * 10 + sample.band)[first]
        variance = sum(len(z[stratum == h]) * z[stratum == h].var(ddof=1) for h in np.unique(stratum))
        half = 1.96 * math.sqrt(variance) / (p * (1 - p))
        hits += abs(math.log(p / (1 - p)) - math.log(true_share / (1 - true_share))) <= half
        estimates.append(p)
    # 99 % Wilson interval of the coverage not wholly below 94 %
    share, z99 = hits / draws, 2.576
    upper = (share + z99**2 / (2 * draws) + z99 * math.sqrt(share * (1 - share) / draws + (z99 / (2 * draws)) ** 2)) / (
        1 + z99**2 / draws
    )
    assert upper >= 0.94
    assert abs(np.mean(estimates) / true_share - 1) < 3 * np.std(estimates) / true_share / math.sqrt(draws)


def test_weights_add_up_to_the_frame(warehouse: duckdb.DuckDBPyConnection) -> None:
    frame, weights = warehouse.execute(
        "select (select count(*) from messages where not is_test), (select sum(weight) from labelled_messages)"
    ).fetchall()[0]
    assert weights == pytest.approx(frame, rel=0.03)


def test_the_sample_is_of_the_frame_and_its_design_columns_agree(warehouse: duckdb.DuckDBPyConnection) -> None:
    outside = warehouse.execute(
        """select count(*) from labelled_messages l left join messages m
             on m.message_id = l.message_id and not m.is_test and m.account_id = l.account_id
            and m.surface = l.surface and m.created_at = l.created_at
           where m.message_id is null"""
    ).fetchall()
    assert outside == [(0,)]
    wrong_weight = warehouse.execute(
        """select stratum from labelled_messages group by stratum
           having min(weight) <> max(weight)
               or abs(max(weight) - max(bundles_in_stratum)::double / count(distinct bundle_id)) > 1e-9"""
    ).fetchall()
    assert wrong_weight == []
    wrong_bundle = warehouse.execute(
        "select bundle_id from labelled_messages group by bundle_id "
        "having count(*) > 3 or count(distinct account_id) > 1 or count(distinct stratum) > 1"
    ).fetchall()
    assert wrong_bundle == []


def test_truth_agrees_with_itself_and_with_the_labels(demo: DemoReport, warehouse: duckdb.DuckDBPyConnection) -> None:
    truth = _truth(demo)
    shares = truth["violating_message_prevalence"]
    for cut in ("by_surface", "by_month", "by_plan"):
        assert sum(part["positives"] for part in shares[cut].values()) == shares["overall"]["positives"]
        assert sum(part["n"] for part in shares[cut].values()) == shares["overall"]["n"]
    harm = {m: h for h, messages in truth["violating_messages"].items() for m in messages}
    labels = warehouse.execute("select message_id, label, harm from labelled_messages").fetchall()
    assert {harm.get(m, "none") == h and (label == "violating") == (m in harm) for m, label, h in labels} == {True}
    counted = warehouse.execute(
        "select count(*) from messages where not is_test and message_id in (select unnest(?))", [list(harm)]
    ).fetchall()
    assert counted == [(shares["overall"]["positives"],)]


def test_trainer_truth_agrees_with_gold(demo: DemoReport, warehouse: duckdb.DuckDBPyConnection) -> None:
    trainers = _truth(demo)["trainers"]
    done = dict(
        warehouse.execute(
            "select trainer_id, count(label) from annotations group by 1 having count(label) > 0"
        ).fetchall()
    )
    assert {t: n["annotations"] for t, n in trainers.items() if n["annotations"]} == done
    correct, finished = sum(t["correct"] for t in trainers.values()), sum(t["annotations"] for t in trainers.values())
    (gold,) = warehouse.execute("select avg(matches_gold::int) from annotations").fetchall()[0]
    assert gold == pytest.approx(correct / finished, abs=0.03)


def test_rare_harm_is_clustered_in_few_accounts(demo: DemoReport, warehouse: duckdb.DuckDBPyConnection) -> None:
    truth = _truth(demo)
    violating = [m for messages in truth["violating_messages"].values() for m in messages]
    rows = warehouse.execute(
        "select count(*) from messages where message_id in (select unnest(?)) and account_id in (select unnest(?))",
        [violating, list(truth["harmful_accounts"])],
    ).fetchall()
    assert truth["violating_message_prevalence"]["overall"]["share"] < 0.015
    assert rows[0][0] > 0.9 * len(violating)
    assert len(truth["harmful_accounts"]) < 0.03 * demo.rows["accounts"]


def test_the_truth_is_not_in_the_warehouse(warehouse: duckdb.DuckDBPyConnection) -> None:
    columns = warehouse.execute("select table_name, column_name from duckdb_columns() where not internal").fetchall()
    suspicious = {(t, c) for t, c in columns if any(word in c for word in ("true", "truth", "harm", "violat"))}
    assert suspicious == {("labelled_messages", "harm"), ("labelled_links", "violated_policy")}
    assert warehouse.execute("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]
