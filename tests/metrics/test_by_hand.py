"""Compiled queries against SQL written by hand, on a database small enough to read."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.metrics.place import ask, build_place, by_hand, sorted_rows
from tools.workspace import Workspace

TABLES = """
create table orgs as from (values (1, 'free'), (2, 'paid'), (3, null)) t(org_id, plan);
create table users as from (values
  (1, 'US', 1, false), (2, 'DE', 1, false), (3, 'US', 2, false), (4, null, 2, false), (5, 'FR', 9, false),
  (6, 'US', 3, true)) t(user_id, country, org_id, deleted);
create table messages as
  select
    i as message_id,
    case when i % 11 = 0 then 77 when i % 13 = 0 then null else i % 6 + 1 end as user_id,
    timestamp '2025-12-20 08:00:00' + to_hours((i * 17)::integer) as created_at,
    case when i % 9 = 0 then null when i % 4 = 0 then 'dm' when i % 3 = 0 then 'feed'
      else 'O''Brien "x"' end as surface,
    case when i % 7 = 0 then null else i % 5 = 0 end as is_spam,
    (i % 3)::integer as flagged,
    case when i % 10 = 0 then null else (i * 37 % 100) / 4.0 end as seconds,
    (i % 4)::integer as n_reports,
    ((i * 31) % 50)::decimal(10, 2) / 10 as cost
  from range(1, 121) r(i);
create table reports as
  select i as report_id, i % 40 + 1 as message_id, timestamp '2025-12-21' + to_hours((i * 29)::integer) as reported_at,
    case when i % 2 = 0 then 'spam' else 'abuse' end as reason
  from range(1, 61) r(i);
create table balances as
  select a as account, date '2026-01-01' + (d)::integer as day, (a * 10 + d)::integer as amount,
    case when a < 3 then 'eu' else 'us' end as region
  from range(1, 6) r(a), range(0, 20) s(d) where not (a = 5 and d > 12);
"""

METRICS = """
datasets:
  - name: messages
    source: messages
    grain: [message_id]
    time: created_at
    unit: message
    actor: user_id
    dimensions:
      - {name: surface, column: surface}
      - {name: is_spam, column: is_spam, values: {true: [spam], false: [ham]}}
      - {name: flagged, column: flagged}
    measures: [{name: seconds, column: seconds, unit: seconds}, {name: cost, column: cost, unit: usd}]
  - name: users
    source: users
    grain: [user_id]
    unit: account
    where: [{column: deleted, equals: false}]
    dimensions: [{name: country, column: country}]
  - name: orgs
    source: orgs
    grain: [org_id]
    dimensions: [{name: plan, column: plan}]
  - name: reports
    source: reports
    grain: [report_id]
    time: reported_at
    dimensions: [{name: reason, column: reason}]
  - name: balances
    source: balances
    grain: [account, day]
    time: day
    dimensions: [{name: region, column: region}]
relationships:
  - {name: author, from: messages, to: users, from_columns: [user_id], to_columns: [user_id]}
  - {name: member, from: users, to: orgs, from_columns: [org_id], to_columns: [org_id]}
  - {name: reported, from: reports, to: messages, from_columns: [message_id], to_columns: [message_id]}
metrics:
  - {name: sent, kind: count, of: messages}
  - {name: spam_sent, kind: count, of: messages, where: [{column: is_spam, equals: true}]}
  - {name: not_dm, kind: count, of: messages, where: [{column: surface, not_in: [dm]}]}
  - {name: report_sum, kind: sum, of: messages, column: n_reports}
  - {name: p90_seconds, kind: percentile, of: messages, column: seconds, q: 0.9}
  - {name: authors, kind: distinct, of: messages, column: user_id}
  - {name: spam_share, kind: proportion, of: messages, positive: {column: is_spam, equals: true}}
  - {name: slow_share, kind: proportion, of: messages, positive: {column: seconds, above: 12.5}}
  - {name: not_feed_share, kind: proportion, of: messages, positive: {column: surface, not_equals: feed}}
  - name: reports_per_message
    kind: ratio
    numerator: {agg: sum, of: messages, column: n_reports}
    denominator: {agg: count, of: messages}
  - name: per_author
    kind: ratio
    numerator: {agg: count, of: messages}
    denominator: {agg: distinct, of: messages, column: user_id}
  - name: spam_of_known
    kind: ratio
    numerator: {agg: count, of: messages, where: [{column: is_spam, equals: true}]}
    denominator: {agg: count, of: messages, where: [{column: is_spam, is_null: false}]}
  - name: reports_rate
    kind: ratio
    unit: per_1000
    numerator: {agg: count, of: reports}
    denominator: {agg: count, of: messages}
  - name: abuse_rate
    kind: ratio
    numerator: {agg: count, of: reports, where: [{column: reason, equals: abuse}]}
    denominator: {agg: count, of: messages}
  - {name: accounts, kind: count, of: users}
  - {name: balance, kind: sum, of: balances, column: amount, unit: usd, semi_additive: last}
  - {name: opening_balance, kind: sum, of: balances, column: amount, unit: usd, semi_additive: first}
  - {name: open_accounts, kind: count, of: balances, semi_additive: last}
  - {name: spam_minus_slow, kind: derived, op: difference, metrics: [spam_share, slow_share]}
  - {name: reports_each, kind: derived, op: ratio, metrics: [report_sum, authors]}
  - {name: sent_change, kind: change, metric: sent}
  - {name: sent_growth, kind: change, metric: sent, relative: true}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_place(Path(tmp_path_factory.mktemp("shop")) / "w", sql=TABLES, metrics=METRICS)


JAN = {"from": "2026-01-01", "to": "2026-02-01"}
IN_JAN = "created_at >= '2026-01-01' and created_at < '2026-02-01'"
IN_DEC = "created_at >= '2025-12-01' and created_at < '2026-01-01'"
AUTHOR = "left join users u on m.user_id = u.user_id and not u.deleted"
AUTHOR_ORG = f"{AUTHOR} left join orgs o on u.org_id = o.org_id"

CASES: list[tuple[dict[str, Any], str]] = [
    ({"metrics": ["sent"]}, "select count(*) from messages"),
    ({"metrics": ["spam_sent"]}, "select count(*) from messages where is_spam"),
    ({"metrics": ["not_dm"]}, "select count(*) from messages where surface <> 'dm' or surface is null"),
    ({"metrics": ["sent"], "period": JAN}, f"select count(*) from messages where {IN_JAN}"),
    ({"metrics": ["sent"], "by": ["surface"]}, "select surface, count(*) from messages group by 1"),
    ({"metrics": ["sent"], "by": ["is_spam"]}, "select is_spam, count(*) from messages group by 1"),
    (
        {"metrics": ["sent"], "by": ["surface", "flagged"]},
        "select surface, flagged, count(*) from messages group by 1, 2",
    ),
    (
        {"metrics": ["sent"], "by": ["country"]},
        f"select country, count(*) from messages m {AUTHOR} group by 1",
    ),
    ({"metrics": ["sent"], "by": ["plan"]}, f"select plan, count(*) from messages m {AUTHOR_ORG} group by 1"),
    (
        {"metrics": ["sent"], "by": ["plan"], "where": [{"dimension": "country", "in": ["US", "FR"]}]},
        f"select plan, 'US', count(*) from messages m {AUTHOR_ORG} where country in ('US', 'FR') group by 1",
    ),
    (
        {"metrics": ["sent"], "where": [{"dimension": "surface", "in": ['O\'Brien "x"']}]},
        "select 1, count(*) from messages where surface = 'O''Brien \"x\"'",
    ),
    (
        {"metrics": ["sent"], "where": [{"dimension": "surface", "not_in": ["dm", "feed"]}]},
        "select 1, count(*) from messages where surface is null or surface not in ('dm', 'feed')",
    ),
    (
        {"metrics": ["sent"], "where": [{"dimension": "surface", "is_null": True}]},
        "select 1, count(*) from messages where surface is null",
    ),
    (
        {"metrics": ["sent"], "where": [{"dimension": "country", "is_null": True}]},
        f"select 1, count(*) from messages m {AUTHOR} where country is null",
    ),
    (
        {"metrics": ["sent"], "where": [{"dimension": "flagged", "at_least": 1}]},
        "select 1, count(*) from messages where flagged >= 1",
    ),
    (
        {"metrics": ["sent"], "where": [{"dimension": "flagged", "in": ["2"]}]},
        "select 1, count(*) from messages where flagged = 2",
    ),
    (
        {"metrics": ["sent"], "where": [{"dimension": "is_spam", "in": ["spam"]}]},
        "select 1, count(*) from messages where is_spam",
    ),
    (
        {"metrics": ["sent"], "where": [{"dimension": "seconds", "above": 10}, {"dimension": "cost", "at_most": 2.5}]},
        "select 1, count(*) from messages where seconds > 10 and cost <= 2.5",
    ),
    ({"metrics": ["report_sum"]}, "select sum(n_reports) from messages"),
    (
        {"metrics": ["report_sum"], "by": ["surface"], "period": JAN},
        f"select surface, sum(n_reports) from messages where {IN_JAN} group by 1",
    ),
    ({"metrics": ["average_seconds"]}, "select avg(seconds) from messages"),
    ({"metrics": ["median_seconds"]}, "select median(seconds) from messages"),
    (
        {"metrics": ["p90_seconds"], "by": ["flagged"]},
        "select flagged, quantile_cont(seconds, 0.9) from messages group by 1",
    ),
    ({"metrics": ["max_seconds"], "by": ["surface"]}, "select surface, max(seconds) from messages group by 1"),
    ({"metrics": ["min_cost"]}, "select min(cost) from messages"),
    ({"metrics": ["total_cost"], "by": ["flagged"]}, "select flagged, sum(cost) from messages group by 1"),
    (
        {"metrics": ["average_cost"], "by": ["country"]},
        f"select country, avg(cost) from messages m {AUTHOR} group by 1",
    ),
    ({"metrics": ["authors"]}, "select count(distinct user_id) from messages"),
    ({"metrics": ["authors"], "by": ["surface"]}, "select surface, count(distinct user_id) from messages group by 1"),
    ({"metrics": ["spam_share"]}, "select avg(is_spam::integer) from messages"),
    ({"metrics": ["spam_share"], "by": ["surface"]}, "select surface, avg(is_spam::integer) from messages group by 1"),
    ({"metrics": ["slow_share"]}, "select avg((seconds > 12.5)::integer) from messages"),
    (
        {"metrics": ["not_feed_share"]},
        "select avg((surface <> 'feed')::integer) from messages where surface is not null",
    ),
    ({"metrics": ["reports_per_message"]}, "select sum(n_reports) / count(*) from messages"),
    (
        {"metrics": ["reports_per_message"], "by": ["country"]},
        f"select country, sum(n_reports) / count(*) from messages m {AUTHOR} group by 1",
    ),
    (
        {"metrics": ["per_author"], "by": ["surface"]},
        "select surface, count(*) / count(distinct user_id) from messages group by 1",
    ),
    ({"metrics": ["spam_of_known"]}, "select count(*) filter (is_spam) / count(is_spam) from messages"),
    (
        {"metrics": ["reports_rate"]},
        "select 1000 * (select count(*) from reports) / (select count(*) from messages)",
    ),
    (
        {"metrics": ["reports_rate"], "by": ["surface"]},
        """with r as (select surface, count(*) as n from reports join messages using (message_id) group by 1),
             d as (select surface, count(*) as n from messages group by 1)
           select d.surface, 1000 * coalesce(r.n, 0) / d.n from d
             left join r on d.surface is not distinct from r.surface""",
    ),
    (
        {"metrics": ["abuse_rate"], "by": ["flagged"]},
        """select m.flagged, sum(coalesce(n, 0)) / count(*) from messages m left join
             (select message_id, count(*) as n from reports where reason = 'abuse' group by 1) using (message_id)
           group by 1""",
    ),
    (
        {"metrics": ["reports_rate"], "period": JAN},
        f"""select 1000
              * (select count(*) from reports where reported_at >= '2026-01-01' and reported_at < '2026-02-01')
              / (select count(*) from messages where {IN_JAN})""",
    ),
    ({"metrics": ["accounts"]}, "select count(*) from users where not deleted"),
    (
        {"metrics": ["accounts"], "by": ["plan"]},
        "select plan, count(*) from users left join orgs using (org_id) where not deleted group by 1",
    ),
    ({"metrics": ["balance"]}, "select sum(amount) from balances where day = '2026-01-20'"),
    (
        {"metrics": ["balance"], "period": {"from": "2026-01-01", "to": "2026-01-11"}},
        "select sum(amount) from balances where day = '2026-01-10'",
    ),
    ({"metrics": ["opening_balance"]}, "select sum(amount) from balances where day = '2026-01-01'"),
    ({"metrics": ["open_accounts"]}, "select count(*) from balances where day = '2026-01-20'"),
    (
        {"metrics": ["balance"], "by": ["region"]},
        "select region, sum(amount) from balances where day = '2026-01-20' group by 1",
    ),
    (
        {"metrics": ["spam_minus_slow"]},
        "select avg(is_spam::integer) - avg((seconds > 12.5)::integer) from messages",
    ),
    (
        {"metrics": ["reports_each"], "by": ["surface"]},
        "select surface, sum(n_reports) / count(distinct user_id) from messages group by 1",
    ),
    (
        {"metrics": ["sent_change"], "period": JAN},
        f"select count(*) filter ({IN_JAN}) - count(*) filter ({IN_DEC}) from messages",
    ),
    (
        {"metrics": ["sent_growth"], "period": JAN},
        f"select count(*) filter ({IN_JAN}) / count(*) filter ({IN_DEC}) - 1 from messages",
    ),
    (
        {"metrics": ["sent"], "by": ["surface"], "share_over": ["surface"]},
        "select surface, count(*) / (select count(*) from messages) from messages group by 1",
    ),
    (
        {"metrics": ["sent"], "where": [{"dimension": "surface", "in": ["dm"]}], "share_over": ["surface"]},
        "select 1, count(*) filter (surface = 'dm') / count(*) from messages",
    ),
    (
        {"metrics": ["sent"], "by": ["flagged", "surface"], "share_over": ["surface"]},
        "select flagged, surface, count(*) / sum(count(*)) over (partition by flagged) from messages group by 1, 2",
    ),
    (
        {"metrics": ["total_cost"], "by": ["surface"], "share_over": ["surface"], "period": JAN},
        f"""select surface, sum(cost)::double / (select sum(cost) from messages where {IN_JAN}) from messages
            where {IN_JAN} group by 1""",
    ),
]


@pytest.mark.parametrize(("query", "sql"), CASES, ids=[f"{i}-{q['metrics'][0]}" for i, (q, _) in enumerate(CASES)])
def test_the_compiled_query_gives_what_sql_by_hand_gives(shop: Workspace, query: dict[str, Any], sql: str) -> None:
    result = ask(shop, **query)
    width = len(query.get("by", ()))
    found = sorted_rows([(*list(f.slice.values())[:width], f.value) for f in result.figures])
    expected = sorted_rows([(*row[:width], row[-1]) for row in by_hand(shop, sql)])
    assert [row[:-1] for row in found] == [row[:-1] for row in expected]
    for (*_, value), (*_, wanted) in zip(found, expected, strict=True):
        assert value == pytest.approx(None if wanted is None else float(wanted), rel=1e-12)
    assert all(f.basis == "full_count" and f.low is None for f in result.figures)


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_every_bucket_inside_the_data_has_a_row(shop: Workspace, grain: str) -> None:
    result = ask(shop, metrics=["sent", "spam_share"], grain=grain)
    assert result.table is not None
    sql = f"""
        with buckets as (
          select distinct date_trunc('{grain}', unnest(generate_series(
            (select min(created_at)::date from messages)::timestamp, (select max(created_at) from messages),
            interval 1 day)))::date as b)
        select b, count(message_id), avg(is_spam::integer) from buckets
        left join messages on date_trunc('{grain}', created_at)::date = b group by 1 order by 1"""
    expected = by_hand(shop, sql)
    assert [row[:2] for row in result.table.rows] == [row[:2] for row in expected]
    assert [row[2] for row in result.table.rows] == pytest.approx([row[2] for row in expected])
    first, end = by_hand(shop, "select min(created_at)::date, max(created_at)::date + 1 from messages")[0]
    starts = [row[0] for row in expected]
    periods = [(f.period.start, f.period.end) for f in result.figures if f.period][::2]
    assert periods[0][0] == first
    assert [start for start, _ in periods[1:]] == starts[1:]
    assert [day for _, day in periods] == [*starts[1:], end]


def test_a_bucket_without_rows_counts_0_and_has_no_share(shop: Workspace) -> None:
    result = ask(
        shop, metrics=["sent", "spam_share", "report_sum"], grain="day", where=[{"dimension": "flagged", "in": [2]}]
    )
    empty = [result.figures[i : i + 3] for i in range(0, len(result.figures), 3) if result.figures[i].value == 0]
    assert empty
    assert all((c.value, s.value, s.undefined, t.undefined) == (0, None, "no rows", "no rows") for c, s, t in empty)


def test_semi_additive_takes_the_last_day_of_each_cell(shop: Workspace) -> None:
    result = ask(shop, metrics=["balance"], grain="week")
    sql = """select sum(amount) from balances b where day =
        (select max(day) from balances c where date_trunc('week', c.day) = date_trunc('week', b.day))
        group by date_trunc('week', day) order by date_trunc('week', day)"""
    assert [f.value for f in result.figures] == [row[0] for row in by_hand(shop, sql)]


def test_change_by_month_is_undefined_for_months_not_covered_in_full(shop: Workspace) -> None:
    figures = ask(shop, metrics=["sent_change"], grain="month").figures
    sql = "select count(*) filter (month(created_at) = 2) - count(*) filter (month(created_at) = 1) from messages"
    february = by_hand(shop, sql)[0][0]
    first = by_hand(shop, "select min(created_at)::date from messages")[0][0]
    months = [first, date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    assert [f.period.start for f in figures if f.period] == months
    assert [f.value for f in figures] == [None, None, february, None]


def test_a_full_count_is_not_a_sample(shop: Workspace) -> None:
    figure = ask(shop, metrics=["spam_share"], period=JAN).figures[0]
    assert (figure.unit, figure.method, figure.level) == ("share", "full count", None)
    n, positives = by_hand(shop, f"select count(is_spam), count(*) filter (is_spam) from messages where {IN_JAN}")[0]
    assert (figure.n, figure.positives) == (n, positives)
    assert figure.period is not None
    assert (figure.period.start, figure.period.end) == (date(2026, 1, 1), date(2026, 2, 1))


def test_all_data_has_the_period_of_the_data(shop: Workspace) -> None:
    figure = ask(shop, metrics=["sent"]).figures[0]
    first, last = by_hand(shop, "select min(created_at)::date, max(created_at)::date + 1 from messages")[0]
    assert figure.period is not None
    assert (figure.period.start, figure.period.end) == (first, last)
    assert figure.as_of == by_hand(shop, "select max(created_at) from messages")[0][0]


def test_what_ran_can_be_run_again_as_shown(shop: Workspace) -> None:
    result = ask(
        shop, metrics=["sent"], by=["country"], period=JAN, where=[{"dimension": "surface", "in": ['O\'Brien "x"']}]
    )
    assert len(result.sql) == 1
    assert "$" not in result.sql[0]
    rows = by_hand(shop, result.sql[0])
    assert sorted_rows(rows) == sorted_rows([(f.slice["country"], f.value) for f in result.figures])
    assert result.tables == ("messages", "users")
    assert len(result.receipts) == 1
