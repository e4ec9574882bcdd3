"""Metrics with the SQL that a person would write for the same number, and questions of every kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tools.figure import Period
from tools.metrics import MetricQuery, Where

MARCH = Period.model_validate({"from": date(2026, 3, 1), "to": date(2026, 4, 1)})


@dataclass(frozen=True)
class ByHand:
    """A query of the semantic layer and its SQL by hand: a row a cell, the value last, before it the figure's n."""

    name: str
    query: MetricQuery
    sql: str


_BY_VENDOR = "left join trainers using (trainer_id) group by 1"

COMPARED = (
    ByHand(
        "count",
        MetricQuery(metrics=("messages_sent",)),
        "select count(*) from messages where not is_test",
    ),
    ByHand(
        "count by surface in March",
        MetricQuery(metrics=("messages_sent",), by=("surface",), period=MARCH),
        "select surface, count(*) from messages where not is_test and created_at >= '2026-03-01' "
        "and created_at < '2026-04-01' group by surface",
    ),
    ByHand(
        "count by day",
        MetricQuery(metrics=("messages_sent",), grain="day"),
        "select date_trunc('day', created_at), count(*) from messages where not is_test group by 1",
    ),
    ByHand(
        "distinct by week",
        MetricQuery(metrics=("active_accounts",), grain="week"),
        "select date_trunc('week', created_at), count(account_id), count(distinct account_id) from messages "
        "where not is_test group by 1",
    ),
    ByHand(
        "ratio by surface",
        MetricQuery(metrics=("report_rate",), by=("surface",)),
        "select surface, sum(n_reports) / count(*) from messages where not is_test group by surface",
    ),
    ByHand(
        "count by joined country",
        MetricQuery(metrics=("messages_sent",), by=("country",)),
        "select a.country, count(*) from messages m left join accounts a using (account_id) "
        "where not m.is_test group by 1",
    ),
    ByHand(
        "proportion by model",
        MetricQuery(metrics=("refusal_rate",), by=("model_version",)),
        "select model_version, count(*), avg((outcome = 'refused')::int) from responses "
        "where not is_test and outcome is not null group by 1",
    ),
    ByHand(
        "percentile",
        MetricQuery(metrics=("response_latency_p95",)),
        "select count(latency_seconds), quantile_cont(latency_seconds, 0.95) from responses where not is_test",
    ),
    ByHand(
        "average",
        MetricQuery(metrics=("average_handle_time",)),
        "select count(handle_seconds), avg(handle_seconds) from annotations",
    ),
    ByHand(
        "sum with a filter",
        MetricQuery(metrics=("serving_cost",), where=(Where.model_validate({"dimension": "surface", "in": ["api"]}),)),
        "select sum(cost_usd) from responses where not is_test and surface = 'api'",
    ),
    ByHand(
        "ratio of three facts by vendor",
        MetricQuery(metrics=("judgements_per_hour",), by=("vendor",)),
        f"with r as (select vendor, count(*) as n from ratings {_BY_VENDOR}), "
        f"c as (select vendor, count(*) as n from comparisons {_BY_VENDOR}), "
        f"h as (select vendor, sum(paid_hours) as hours from work_hours {_BY_VENDOR}) "
        "select vendor, (coalesce(r.n, 0) + coalesce(c.n, 0)) / hours "
        "from r full join c using (vendor) full join h using (vendor)",
    ),
)

BY_KIND: dict[str, tuple[str, ...]] = {
    "one number": (
        "how many messages?",
        "how many messages last week?",
        "p95 response latency",
        "serving cost last month",
        "open review cases",
        "share of messages from mobile",
        "appeals overturn rate",
        "golden set accuracy in Q1 2026",
    ),
    "breakdown": (
        "messages by surface last week",
        "messages by country in March",
        "report rate by surface",
        "refusal rate by model version in March",
        "average handle time by vendor",
        "top 5 countries by messages",
        "countries where the refusal rate is above 4 %",
    ),
    "series": (
        "daily messages in March 2026",
        "weekly active accounts since 2026-01-01",
        "how has the refusal rate developed since February?",
    ),
    "comparison": (
        "messages last week compared to the week before",
        "refusal rate in the US vs Brazil",
        "is QA pass rate different between alder and birch?",
    ),
    "ratio of two": ("serving cost per active account in March", "reports received per conversation started"),
    "sample": (
        "what is the violating message prevalence?",
        "violating message prevalence by surface",
        "bad message rate for voice",
        "prevalence on mobile vs api",
        "how many labels would I need to see a 10 % change in prevalence?",
    ),
    "catalog": ("what does proactive rate mean?", "which metrics are there?", "how fresh is messages sent?"),
    "no number": (
        "what is the weather?",
        "messages in Atlantis",
        "latency",
        "messages per user",
        "messages on 31 February",
    ),
}
QUESTIONS = tuple(question for asked in BY_KIND.values() for question in asked)
