"""The same thirty questions through Slack, the command line and Python: identical figures and SQL."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from agent import answer
from agent.state import Question
from slackbot.answer_message import describe_answer
from slackbot.audience import Audience
from slackbot.work import answer_message
from tests.cli.conftest import Transect, transect
from tests.slack.block_rules import words_of
from tests.slack.conftest import MIA
from tests.slack.in_process import InProcess
from tests.slack.local_slack import LocalSlack
from tools.access import Asker
from tools.workspace import default_asker, load_workspace

__all__ = ["transect"]

QUESTIONS = (
    "how many messages?",
    "how many messages last week?",
    "messages by surface last week",
    "messages by country in March",
    "daily messages in March 2026",
    "weekly active accounts since 2026-01-01",
    "what is the violating message prevalence?",
    "violating message prevalence by surface",
    "violating message prevalence for voice in March",
    "report rate by surface",
    "refusal rate by model version in March",
    "p95 response latency",
    "average handle time by vendor",
    "golden set accuracy in Q1 2026",
    "top 5 countries by messages",
    "serving cost last month",
    "messages last week compared to the week before",
    "messages by surface last week compared to the week before",
    "open review cases",
    "share of messages from mobile",
    "appeals overturn rate",
    "inter annotator agreement",
    "what does proactive rate mean?",
    "which metrics are there?",
    "how fresh is messages sent?",
    "latency",
    "rate by surface",
    "messages by type",
    "what is the weather?",
    "delete all messages",
)


def in_slack(desk: InProcess, slack: LocalSlack) -> dict[str, dict[str, Any]]:
    """Each question as a direct message of its own thread, over HTTP, signed, through a worker."""
    asked = {}
    for question in QUESTIONS:
        root = slack.write(MIA, "D0MIA", "a new subject")["ts"]
        asked[root] = question
        slack.say(MIA, "D0MIA", question, thread_ts=root)
    desk.work()
    return {asked[post["thread_ts"]]: post for post in slack.posts("D0MIA")}


def test_three_surfaces_give_the_same_figures_and_sql(
    desk: InProcess, slack: LocalSlack, place: Path, transect: Transect
) -> None:
    posts = in_slack(desk, slack)
    assert len(QUESTIONS) == len(posts) == 30
    workspace = load_workspace(place)
    kinds = []
    for question in QUESTIONS:
        shown = posts[question]["metadata"]["event_payload"]
        typed = transect("-w", place, "ask", question, "--json").document
        called = answer(Question(text=question), workspace=workspace, asker=default_asker(workspace, surface="python"))
        described = describe_answer(called)
        assert (shown["figures"], shown["sql"]) == (described["figures"], described["sql"]), question
        assert (shown["figures"], shown["sql"]) == (hashed(typed["figures"]), hashed(typed["sql"])), question
        assert shown["receipts"] == list(called.provenance.receipts) == typed["provenance"]["receipts"], question
        assert (
            (shown["kind"], shown["reason"] or None) == (called.kind, called.reason) == (typed["kind"], typed["reason"])
        )
        assert called.headline == typed["headline"]
        assert called.headline in words_of(posts[question])
        kinds.append(called.kind)
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"answer": 25, "clarification": 2, "declined": 3}
    assert sum(posts[q]["metadata"]["event_payload"]["figures"] != hashed([]) for q in QUESTIONS) == 22


def hashed(document: Any) -> str:
    """The hash that a message's metadata carries, worked out here from the command line's JSON."""
    return sha256(json.dumps(document, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


def test_the_worker_s_own_function_gives_the_same(place: Path) -> None:
    workspace = load_workspace(place)
    alone = Audience(Asker("mia", ("analyst",), surface="slack"), private=True)
    for question in QUESTIONS[:8]:
        ours = answer_message(question, audience=alone, workspace=workspace)
        theirs = answer(Question(text=question), workspace=workspace, asker=default_asker(workspace))
        assert ours.figures == theirs.figures
        assert ours.sql == theirs.sql


def test_the_same_question_gives_the_same_digits_every_time(place: Path) -> None:
    """Groups come from the warehouse in any order; the last digit of a sum must not."""
    workspace = load_workspace(place)
    for question in ("violating message prevalence by surface", "inter annotator agreement", "p95 response latency"):
        said = Question(text=question)
        asked = [answer(said, workspace=workspace, asker=default_asker(workspace)).figures for _ in range(12)]
        assert len({str(figures) for figures in asked}) == 1, question
