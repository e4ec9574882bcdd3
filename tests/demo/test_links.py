"""Public links: the wave, the launch, the lost views, the lag of removal, and the late sample that is low."""

from __future__ import annotations

import math
from typing import Any

import duckdb
import pytest


def _one(warehouse: duckdb.DuckDBPyConnection, sql: str) -> Any:
    ((value,),) = warehouse.execute(sql).fetchall()
    return value


def test_the_spam_wave_has_the_stated_days_and_size(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    wave = truth["links"]["spam_wave"]
    pages = "from public_links where conversation_id is null"
    low, high = warehouse.execute(
        f"select min(created_at)::date::varchar, max(created_at)::date::varchar {pages}"
    ).fetchall()[0]
    assert (wave["from"], wave["to"]) == ("2026-02-16", "2026-02-21")
    assert (low, high) == ("2026-02-16", "2026-02-20")
    assert _one(warehouse, f"select count(*) {pages}") == wave["links"] >= 120
    assert _one(warehouse, f"select count(distinct account_id) {pages}") == wave["accounts"]
    during = _one(
        warehouse,
        "select count(*) / 5 from public_links where created_at >= '2026-02-16' and created_at < '2026-02-21'",
    )
    before = _one(
        warehouse,
        "select count(*) / 14 from public_links where created_at >= '2026-02-02' and created_at < '2026-02-16'",
    )
    assert during > 2 * before


def test_brazil_publishes_from_its_launch_on(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    assert truth["links"]["launch"] == {"on": "2026-02-02", "country": "BR"}
    first, after = warehouse.execute(
        """select min(created_at), count(*) from public_links join accounts using (account_id)
           where country = 'BR' and conversation_id is not null"""
    ).fetchall()[0]
    elsewhere = _one(
        warehouse,
        """select count(*) from public_links join accounts using (account_id)
           where country = 'GB' and created_at < '2026-02-02'""",
    )
    assert first.date().isoformat() >= "2026-02-02"
    assert after > 20
    assert elsewhere > 50


def test_true_links_are_those_of_the_truth(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    links = truth["links"]
    violating = links["violating"]
    every, live = links["prevalence"], links["live_today"]
    assert _one(warehouse, "select count(*) from public_links") == every["n"]
    assert len(violating) == every["positives"] == sum(links["by_policy"].values())
    assert set(links["by_policy"]) == {"fraud", "harassment", "coordinated_abuse"}
    counted = warehouse.execute(
        """select count(*), count(*) filter (where link_id in (select unnest(?)))
           from public_links where link_status = 'still_up'""",
        [violating],
    ).fetchall()
    assert counted == [(live["n"], live["positives"])]


def test_removal_comes_after_the_stated_lag(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    removal = truth["links"]["removal"]
    n, removed, log_mean, log_spread = warehouse.execute(
        """select count(*), count(removed_at), avg(ln(hours_to_removal)), stddev_samp(ln(hours_to_removal))
           from public_links where link_id in (select unnest(?)) and created_at < '2026-03-15'""",
        [truth["links"]["violating"]],
    ).fetchall()[0]
    assert abs(removed / n - removal["share"]) < 4 * math.sqrt(removal["share"] * (1 - removal["share"]) / n)
    assert abs(log_mean - math.log(removal["median_hours"])) < 4 * log_spread / math.sqrt(removed)
    assert 0.7 < log_spread < 1.1


def test_a_sample_drawn_late_is_low_by_what_was_removed(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    every, live = truth["links"]["prevalence"]["share"], truth["links"]["live_today"]["share"]
    assert live < every / 2.5
    estimate = "select sum(weight) filter (where label = 'violating') / sum(weight) from {}"
    drawn_early = _one(warehouse, estimate.format("labelled_links"))
    drawn_late = _one(warehouse, estimate.format("labelled_live_links"))
    assert drawn_early == pytest.approx(every, rel=0.25)
    assert drawn_late == pytest.approx(live, abs=4 * math.sqrt(live * (1 - live) / 800))
    assert drawn_late < drawn_early / 2


def test_the_sample_of_links_weighs_up_to_the_frame(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    assert _one(warehouse, "select sum(weight) from labelled_links") == pytest.approx(truth["links"]["prevalence"]["n"])
    assert _one(warehouse, "select sum(weight) from labelled_live_links") == pytest.approx(
        truth["links"]["live_today"]["n"]
    )
    wrong = warehouse.execute(
        """select link_id from labelled_links l join public_links p using (link_id)
           where (label = 'violating') <> (link_id in (select unnest(?))) or l.created_at <> p.created_at
              or views <> (select coalesce(sum(v.views), 0) from link_views v where v.link_id = l.link_id)""",
        [truth["links"]["violating"]],
    ).fetchall()
    assert wrong == []


def test_the_outage_of_the_view_log_lost_rows_on_two_days(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    outage = truth["links"]["view_log_outage"]
    rows = dict(warehouse.execute("select viewed_on::varchar, count(*) from link_views group by 1").fetchall())
    kept = rows["2026-03-14"] + rows["2026-03-15"]
    usual = sum(n for day, n in rows.items() if "2026-03-07" <= day < "2026-03-14") / 7
    assert (outage["from"], outage["to"]) == ("2026-03-14", "2026-03-16")
    assert kept + outage["rows_lost"] == pytest.approx(2 * usual, rel=0.35)
    assert outage["rows_lost"] / (kept + outage["rows_lost"]) == pytest.approx(outage["share_lost"], abs=0.12)


def test_nobody_views_a_link_that_is_not_there(warehouse: duckdb.DuckDBPyConnection) -> None:
    wrong = """select count(*) from link_views join public_links using (link_id)
               where viewed_on < created_at::date or viewed_on > removed_at::date or views < 1
                  or viewed_on > created_at::date + 6"""
    assert _one(warehouse, wrong) == 0
