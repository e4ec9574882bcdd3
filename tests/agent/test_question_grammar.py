"""Comparisons of slices, thresholds, ratios, sizes and tests: what they are read as, or why not."""

from __future__ import annotations

import pytest

from agent.planners.embedded import Context, plan_question
from agent.planners.embedded.canonical import read_query, write_query
from agent.state import ClarifyPlan, DeclinePlan, QueryPlan

MARCH = "from 2026-03-01 to 2026-03-31"
ANSWERED = [
    # slices against each other, in the order they are said
    ("tickets in the US vs Germany", 'tickets_opened where country = "US" | "DE" contrasted over country'),
    (
        "urgency rate chat against email in March",
        f'urgent_share where channel = "chat" | "email" {MARCH} contrasted over channel',
    ),
    (
        "compare average handle time between chat and phone",
        'average_handle_minutes where channel = "chat" | "phone" contrasted over channel',
    ),
    (
        "compare urgency rate of chat tickets with email tickets in March",
        f'urgent_share where channel = "chat" | "email" {MARCH} contrasted over channel',
    ),
    (
        "difference in urgency rate between chat and email in March",
        f'urgent_share where channel = "chat" | "email" {MARCH} contrasted over channel',
    ),
    (
        "is the urgency rate higher on chat than on email?",
        'urgent_share where channel = "chat" | "email" contrasted over channel',
    ),
    ("tickets US vs DE by channel", 'tickets_opened by channel where country = "US" | "DE" contrasted over country'),
    ("tickets US vs DE per week", 'tickets_opened by country where country = "US" | "DE" per week'),
    (
        "tickets US vs DE in March vs February",
        f'tickets_opened by country where country = "US" | "DE" {MARCH} against 2026-02-01 to 2026-02-28',
    ),
    ("tickets chat vs email vs phone", 'tickets_opened by channel where channel = "chat" | "email" | "phone"'),
    (
        "did tickets rise in the US and Germany in March?",
        f'tickets_opened where country = "US" | "DE" {MARCH} against 2026-02-01 to 2026-02-28',
    ),
    # thresholds on groups
    ("channels where the urgency rate is above 14 %", "urgent_share by channel having > 0.14"),
    ("which countries have an urgency rate over 10%?", "urgent_share by country having > 0.1"),
    ("countries with at least 50 tickets in March", f"tickets_opened by country {MARCH} having >= 50.0"),
    ("countries with more than 1k tickets", "tickets_opened by country having > 1000.0"),
    ("channels with fewer than 5 urgent tickets", "tickets_opened by channel where is_urgent = 1 having < 5.0"),
    ("channels where the urgency rate is between 10 % and 15 %", "urgent_share by channel having >= 0.1, <= 0.15"),
    ("countries where tickets on chat are below 30", 'tickets_opened by country where channel = "chat" having < 30.0'),
    # rows, not groups
    ("tickets with more than 3 replies", "tickets_opened where n_replies > 3.0"),
    # ratios that nobody defined
    ("replies per ticket", "total_n_replies divided by tickets_opened"),
    ("replies per ticket by channel in March", f"total_n_replies divided by tickets_opened by channel {MARCH}"),
    ("replies per active agent", "total_n_replies divided by active_agents"),
    ("tickets per agent", "tickets_per_agent"),
    # both of several
    ("tickets and active agents in March", f"tickets_opened, active_agents {MARCH}"),
    ("tickets neither in the US nor in Germany", 'tickets_opened where country != "US" | "DE"'),
    ("tickets on either chat or email", 'tickets_opened where channel = "chat" | "email"'),
    ("what percentage of tickets is each channel?", "tickets_opened as share over channel by channel"),
    ("tickets by channel as a share of the total", "tickets_opened as share over channel by channel"),
    ("how have tickets developed since March?", "tickets_opened from 2026-03-01 to 2026-03-31 per day"),
    ("how have tickets changed since February?", "tickets_opened from 2026-02-01 to 2026-03-31 per week"),
    (
        "compare tickets last week with the week before",
        "tickets_opened from 2026-03-23 to 2026-03-29 against 2026-03-16 to 2026-03-22",
    ),
    ("tickets by month from February 2026", "tickets_opened from 2026-02-01 to 2026-03-31 per month"),
    ("weekly tickets from February 2026", "tickets_opened from 2026-02-01 to 2026-02-28 per week"),
    ("tickets per week from 2026-03-02", "tickets_opened from 2026-03-02 to 2026-03-31 per week"),
    ("tickets in February compared to March", f"tickets_opened {MARCH} against 2026-02-01 to 2026-02-28"),
]

DECLINED = [
    ("channels where the urgency rate is above 14", "unsupported_cut", "not said in its unit"),
    ("channels where tickets are above 14 %", "unsupported_cut", "not said in its unit"),
    ("countries above 5 %", "no_data", "not clear"),
    ("tickets on chat or in Germany", "unsupported_cut", "Either of two different conditions"),
    ("urgency rate per agent per reply", "no_data", "No metric is defined per"),
    ("tickets in March vs March", "unsupported_cut", "not compared with itself"),
    ("tickets on 31 February 2026", "unsupported_cut", "no day of the calendar"),
    ("tickets from March 20 to March 10", "unsupported_cut", "ends before it begins"),
    ("tickets in early March", "unsupported_cut", "no first and last day"),
    ("tickets at the end of March", "unsupported_cut", "none at the end of a period"),
    ("tickets in FY26", "unsupported_cut", "fiscal_year_start"),
    ("how many tickets in March? urgency rate on chat?", "unsupported_cut", "two questions"),
    (
        "which channel has the lowest urgency rate and the highest average handle time?",
        "unsupported_cut",
        "Two rankings",
    ),
    ("how many labels do I need?", "unsupported_cut", "depends on the metric"),
    ("how many tickets would I need to see a 0 % change in urgency rate?", "unsupported_cut", "depends on the metric"),
    ("how many labels would I need to see a 10 % change in tickets?", "unsupported_cut", "one share at a time"),
    ("how many agents would I need to see a 10 % change in urgency rate?", "unsupported_cut", "not measured on"),
]


def planned(question: str, context: Context) -> str:
    plan = plan_question(question, context=context)
    return write_query(plan.query) if isinstance(plan, QueryPlan) else repr(plan)


@pytest.mark.parametrize(("question", "reading"), ANSWERED)
def test_read_as(question: str, reading: str, context: Context) -> None:
    assert planned(question, context) == reading


@pytest.mark.parametrize(("question", "reading"), ANSWERED)
def test_a_reading_written_out_is_read_back_as_itself(question: str, reading: str, context: Context) -> None:
    found = read_query(reading, metrics=tuple(context.catalog.metrics))
    assert found is not None
    assert write_query(found) == reading


@pytest.mark.parametrize(("question", "reason", "said"), DECLINED)
def test_declined_with_a_way_out(question: str, reason: str, said: str, context: Context) -> None:
    plan = plan_question(question, context=context)
    assert isinstance(plan, DeclinePlan), plan
    assert (plan.reason, said in plan.message) == (reason, True), plan.message
    assert plan.next_steps


@pytest.mark.parametrize(
    ("question", "tested"),
    [
        ("is the urgency rate different between chat and email?", True),
        ("did the urgency rate really change from February 2026 to March 2026?", True),
        ("is there a significant difference in urgency rate between chat and email?", True),
        ("urgency rate chat vs email", False),
        ("how many different agents closed tickets?", False),
        ("how does urgency rate differ by channel?", False),
    ],
)
def test_a_test_is_asked_for(question: str, tested: bool, context: Context) -> None:
    plan = plan_question(question, context=context)
    assert (isinstance(plan, QueryPlan) and plan.tested) == tested, plan


def test_a_difference_from_nothing_is_asked_about(context: Context) -> None:
    plan = plan_question("is the urgency rate different?", context=context)
    assert isinstance(plan, ClarifyPlan)
    assert plan.question == "Compared over which period?"


def test_rows_that_may_be_counted_in_two_ways_are_no_denominator_without_asking(context: Context) -> None:
    plan = plan_question("total replies per agent", context=context)
    assert isinstance(plan, ClarifyPlan), plan
    queries = {c.query for c in plan.choices}
    assert queries == {"total_n_replies divided by agents_on_file", "total_n_replies divided by active_agents"} or len(
        queries
    ) == len(plan.choices)


def test_a_size_keeps_filters_and_period(context: Context) -> None:
    plan = plan_question(
        "how many tickets would I need to see a 2 point drop in urgency rate on chat in March?", context=context
    )
    assert isinstance(plan, QueryPlan)
    assert write_query(plan.query) == f'urgent_share where channel = "chat" {MARCH}'
    assert plan.change_to_see is not None
    assert (plan.change_to_see.size, plan.change_to_see.points, plan.change_to_see.direction) == (0.02, True, "down")


def test_a_month_that_somebody_signed_up_in_is_no_rise(context: Context) -> None:
    assert planned("tickets picked up in March", context).find("against") < 0
