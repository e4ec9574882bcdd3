"""Expected values of the real files, worked out once more with the csv module alone."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import mean, median

import pytest

from evals.case import load_cases
from evals.recipes import SHARED_DATA
from evals.runner import CASES

Records = list[dict[str, str]]


def read(name: str) -> Records:
    path = SHARED_DATA / name
    if not path.is_file():
        pytest.skip(f"{name} is not in the shared data folder of this machine")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def share(records: Records, column: str, value: str) -> float:
    return sum(r[column] == value for r in records) / len(records)


def day(record: dict[str, str]) -> str:
    return datetime.fromtimestamp(float(record["judged_at"]), UTC).date().isoformat()


BOTS, NETS, VOTES = "bot_judgements/answers.csv", "coordinated_networks/communities.csv", "hate_votes/votes.csv"
LABELS, GOLD, SMS = "crowd_labels/labels.csv", "crowd_labels/gold.csv", "sms_spam/messages.csv"
SCHOOLS, MOD = "survey_api/apistrat.csv", "moderation_labels/labels.csv"

BY_HAND: list[tuple[str, str, Callable[[Records], float]]] = [
    ("sms-spam-share", SMS, lambda rows: 747 / 5574 if len(rows) == 5574 else -1),
    ("sms-spam-share", SMS, lambda rows: share(rows, "is_spam", "1")),
    ("sms-not-spam-count", SMS, lambda rows: sum(r["is_spam"] == "0" for r in rows)),
    ("bots-count", BOTS, len),
    ("bots-annotators", BOTS, lambda rows: len({r["annotator_id"] for r in rows})),
    ("bots-accounts", BOTS, lambda rows: len({r["account_id"] for r in rows})),
    ("bots-answer-bot-share", BOTS, lambda rows: share(rows, "answer", "BOT")),
    ("bots-ground-truth-share", BOTS, lambda rows: share(rows, "ground_truth", "BOT")),
    ("bots-per-annotator", BOTS, lambda rows: len(rows) / len({r["annotator_id"] for r in rows})),
    ("bots-one-day", BOTS, lambda rows: sum(day(r) == "2021-11-16" for r in rows)),
    ("bots-december", BOTS, lambda rows: sum(day(r).startswith("2021-12") for r in rows)),
    ("bots-since", BOTS, lambda rows: sum(day(r) >= "2021-12-20" for r in rows)),
    ("bots-yesterday", BOTS, lambda rows: sum(day(r) == "2021-12-26" for r in rows)),
    ("bots-missed", BOTS, lambda rows: sum((r["ground_truth"], r["answer"]) == ("BOT", "USER") for r in rows)),
    ("bots-false-alarm", BOTS, lambda rows: share([r for r in rows if r["ground_truth"] == "USER"], "answer", "BOT")),
    ("crowd-count", LABELS, len),
    ("crowd-per-worker", LABELS, lambda rows: len(rows) / len({r["worker_id"] for r in rows})),
    ("crowd-per-item", LABELS, lambda rows: len(rows) / len({r["item_id"] for r in rows})),
    ("crowd-share-x", LABELS, lambda rows: share(rows, "label", "X")),
    ("crowd-gold-share-x", GOLD, lambda rows: share(rows, "label", "X")),
    ("crowd-one-worker", LABELS, lambda rows: max(Counter(r["worker_id"] for r in rows).values())),
    ("crowd-workers-r", LABELS, lambda rows: len({r["worker_id"] for r in rows if r["label"] == "R"})),
    ("votes-average", VOTES, lambda rows: mean(int(r["n_votes"]) for r in rows)),
    ("votes-total", VOTES, lambda rows: sum(int(r["n_votes"]) for r in rows)),
    ("votes-median-offensive", VOTES, lambda rows: median(int(r["offensive_language"]) for r in rows)),
    ("votes-share-class-1", VOTES, lambda rows: share(rows, "majority_class", "1")),
    ("votes-above-3", VOTES, lambda rows: sum(int(r["n_votes"]) > 3 for r in rows)),
    ("votes-at-least-one-hate", VOTES, lambda rows: sum(int(r["hate_speech"]) >= 1 for r in rows)),
    ("nets-count", NETS, len),
    ("nets-accounts", NETS, lambda rows: sum(int(r["n_accounts"]) for r in rows)),
    ("nets-europe-share", NETS, lambda rows: share(rows, "region", "Europe")),
    ("nets-likes-exclusive", NETS, lambda rows: mean(int(r["total_likes_exclusive"]) for r in rows)),
    ("nets-largest", NETS, lambda rows: max(int(r["n_accounts"]) for r in rows)),
    ("schools-api00", SCHOOLS, lambda rows: mean(int(r["api00"]) for r in rows)),
    ("schools-enroll", SCHOOLS, lambda rows: mean(int(r["enroll"]) for r in rows)),
    ("schools-growth-min", SCHOOLS, lambda rows: min(int(r["growth"]) for r in rows)),
    ("schools-counties", SCHOOLS, lambda rows: len({r["cname"] for r in rows})),
    ("schools-la-cname", SCHOOLS, lambda rows: mean(int(r["api00"]) for r in rows if r["cname"] == "Los Angeles")),
    ("mod-items", MOD, lambda rows: len({r["item_id"] for r in rows})),
    ("mod-share-s", MOD, lambda rows: mean(float(r["S"]) for r in rows if r["S"] not in ("", "NA"))),
]


@pytest.mark.parametrize(("case_id", "name", "by_hand"), BY_HAND)
def test_the_value_of_the_case_follows_from_the_csv(
    case_id: str, name: str, by_hand: Callable[[Records], float]
) -> None:
    case = next(c for c in load_cases([CASES]) if c.id == case_id)
    assert case.expect.value is not None
    assert by_hand(read(name)) == pytest.approx(case.expect.value, rel=case.expect.tolerance)
