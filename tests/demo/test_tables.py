"""The tables tell one consistent story, and the things of events.yml really happened in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb

from tools.demo import DemoReport

START, END = datetime(2025, 10, 3), datetime(2026, 4, 1)


def _one(warehouse: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    rows = warehouse.execute(sql).fetchall()
    assert len(rows) == 1
    return tuple(rows[0])


def test_everything_happens_inside_the_180_days(warehouse: duckdb.DuckDBPyConnection) -> None:
    born_before = {"organizations.created_at", "accounts.signup_at", "api_keys.created_at", "trainers.started_on"}
    times = warehouse.execute(
        "select table_name, column_name from duckdb_columns() where not internal and data_type in ('TIMESTAMP', 'DATE')"
    ).fetchall()
    assert len(times) > 12
    for table, column in times:
        low, high = _one(warehouse, f"select min({column})::timestamp, max({column})::timestamp from {table}")
        assert high < END, (table, column)
        assert low >= START or f"{table}.{column}" in born_before, (table, column)


def test_every_day_has_messages_and_weekends_have_fewer(warehouse: duckdb.DuckDBPyConnection) -> None:
    (days,) = _one(warehouse, "select count(distinct created_at::date) from messages")
    weekday, weekend = _one(
        warehouse,
        """select avg(n) filter (where isodow(day) <= 5), avg(n) filter (where isodow(day) > 5)
           from (select created_at::date as day, count(*) as n from messages group by 1)""",
    )
    assert days == 180
    assert 0.6 < weekend / weekday < 0.8


def test_nobody_writes_before_signing_up_or_after_a_ban(warehouse: duckdb.DuckDBPyConnection) -> None:
    early = "select count(*) from messages join accounts using (account_id) where created_at < signup_at"
    late = """select count(*) from messages m join enforcement_actions a using (account_id)
              where a.action = 'account_banned' and m.created_at > a.acted_at + interval 1 hour"""
    assert _one(warehouse, early) == (0,)
    assert _one(warehouse, late) == (0,)


def test_api_messages_carry_a_key_that_existed(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert _one(warehouse, "select count(*) from messages where (surface = 'api') <> (api_key_id is not null)") == (0,)
    wrong = """select count(*) from messages m join api_keys k using (api_key_id)
               where m.account_id <> k.account_id or m.created_at < k.created_at or m.created_at >= k.revoked_at"""
    assert _one(warehouse, wrong) == (0,)


def test_report_counters_agree_with_the_reports(warehouse: duckdb.DuckDBPyConnection) -> None:
    wrong = """select count(*) from messages m
               left join (select message_id, count(*) as n from user_reports group by 1) r
               using (message_id) where m.n_reports <> coalesce(r.n, 0)"""
    assert _one(warehouse, wrong) == (0,)


def test_the_backlog_is_the_number_of_open_cases(warehouse: duckdb.DuckDBPyConnection) -> None:
    wrong = """select count(*) from review_backlog b where open_cases <> (
                 select count(*) from human_reviews r where r.queue = b.queue
                   and r.queued_at < b.snapshot_on + 1
                   and (r.decided_at is null or r.decided_at >= b.snapshot_on + 1))"""
    assert _one(warehouse, wrong) == (0,)


def test_missing_values_are_there_to_be_handled(warehouse: duckdb.DuckDBPyConnection) -> None:
    (no_country,) = _one(warehouse, "select avg((country is null)::int) from accounts")
    (no_response,) = _one(warehouse, "select count(*) from messages anti join responses using (message_id)")
    (no_score,) = _one(
        warehouse, "select count(*) from detector_scores where score is null and scored_at::date <> '2026-03-31'"
    )
    assert 0.03 < no_country < 0.07
    assert no_response > 100
    assert no_score > 1000


def test_forgetting_the_required_filter_shows(warehouse: duckdb.DuckDBPyConnection) -> None:
    share, all_rate, right_rate = _one(
        warehouse,
        """select avg(is_test::int), avg((outcome = 'refused')::int),
                  avg((outcome = 'refused')::int) filter (where not is_test) from responses""",
    )
    assert share > 0.02
    assert all_rate > right_rate * 1.1


def test_the_model_change_lowers_refusals(warehouse: duckdb.DuckDBPyConnection) -> None:
    before, after = _one(
        warehouse,
        """select avg((outcome = 'refused')::int) filter (where created_at < '2026-01-20'),
                  avg((outcome = 'refused')::int) filter (where created_at >= '2026-01-27')
           from responses where not is_test""",
    )
    assert after < 0.75 * before


def test_launch_outage_tool_and_export_left_their_marks(warehouse: duckdb.DuckDBPyConnection) -> None:
    (voice,) = _one(warehouse, "select min(created_at)::date::varchar from messages where surface = 'voice'")
    (outage,) = _one(
        warehouse,
        "select string_agg(distinct scored_at::date::varchar, ' ' order by scored_at::date::varchar) "
        "from detector_scores where score is null",
    )
    old, new = _one(
        warehouse,
        """select median(handle_seconds) filter (where tool_version = '2'),
                  median(handle_seconds) filter (where tool_version = '3') from annotations""",
    )
    (appeal,) = _one(warehouse, "select max(filed_at)::date::varchar from appeals")
    assert voice == "2026-01-13"
    assert outage == "2026-03-03 2026-03-04 2026-03-05"
    assert new < 0.95 * old
    assert appeal == "2026-03-17"


def test_gold_columns_follow_from_the_gold_answers(warehouse: duckdb.DuckDBPyConnection) -> None:
    wrong = """select count(*) from annotations a left join gold_answers g using (task_id)
               where a.matches_gold is distinct from (a.label = g.gold_label)"""
    gold = """select count(*) from tasks t left join gold_answers g using (task_id)
              where t.is_gold <> (g.task_id is not null)"""
    assert _one(warehouse, wrong) == (0,)
    assert _one(warehouse, gold) == (0,)


def test_no_trainer_labels_a_task_twice_or_before_starting(warehouse: duckdb.DuckDBPyConnection) -> None:
    twice = "select count(*) from (select 1 from annotations group by task_id, trainer_id having count(*) > 1)"
    early = """select count(*) from annotations a join trainers t using (trainer_id) join tasks k using (task_id)
               where a.started_at < t.started_on or a.started_at < k.created_at"""
    assert _one(warehouse, twice) == (0,)
    assert _one(warehouse, early) == (0,)


def test_every_message_whose_text_is_kept_and_every_task_has_a_text_elsewhere(
    demo: DemoReport, warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    wanted = _one(warehouse, "select (select count(*) from messages) + (select count(*) from tasks)")
    with duckdb.connect(str(demo.directory / "data/content.duckdb"), read_only=True) as content:
        found = content.execute(
            "select count(distinct item_id), count(*) filter (where text = '') from items"
        ).fetchall()
        some = content.execute("select item_id from items where item_id like 'msg_%' limit 1").fetchall()[0]
    assert found == [(wanted[0] - truth["zero_retention"]["messages_without_text"], 0)]
    assert warehouse.execute("select count(*) from messages where message_id = ?", some).fetchall() == [(1,)]
