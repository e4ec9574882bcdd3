"""What is noticed: a detector score for each message, and reports by users."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.demo.accounts import FRAUD, HARASSMENT, NONE, Accounts
from tools.demo.store import Store, sql_list
from tools.demo.timeline import OUTAGE_END, OUTAGE_START, WINDOW_END, Floats, Ints, epoch
from tools.demo.traffic import SURFACES, Traffic

REASONS = ("scam", "abuse", "wrong_answer", "other")


@dataclass(frozen=True)
class Signals:
    """One entry a message: detector score (NaN where the outage lost it) and number of user reports."""

    score: Floats
    reports: Ints


def draw_signals(accounts: Accounts, traffic: Traffic, rng: np.random.Generator) -> Signals:
    """Scores separate violations well (AUC about 0.97), less so for other messages of the same accounts."""
    n = len(traffic)
    violates = traffic.violation != NONE
    from_harmful = accounts.harm[traffic.account] != NONE
    logit = np.where(violates, 1.3 + 1.7 * rng.standard_normal(n), -3.3 + 1.5 * rng.standard_normal(n))
    logit += np.where(from_harmful & ~violates, 0.9, 0.0)
    score = np.round(1 / (1 + np.exp(-logit)), 4)
    out = (traffic.at >= epoch(OUTAGE_START)) & (traffic.at < epoch(OUTAGE_END)) & (rng.random(n) < 0.6)
    reports = rng.poisson(np.where(violates, 0.2, np.where(traffic.is_test, 0.0, 0.0075)))
    return Signals(score=np.where(out, np.nan, score), reports=reports)


def write_signals(store: Store, traffic: Traffic, signals: Signals, rng: np.random.Generator) -> Ints:
    """Tables detector_scores and user_reports; returns when each message was first reported, -1 for never."""
    _write_scores(store, traffic, signals)
    return _write_reports(store, rng, traffic, signals)


def _write_scores(store: Store, traffic: Traffic, signals: Signals) -> None:
    store.write(
        "detector_scores",
        {
            "i": traffic.number,
            "account": traffic.account,
            "at": traffic.at,
            "surface": traffic.surface,
            "score": signals.score,
            "is_test": traffic.is_test,
        },
        f"""make_id('msg', i) as message_id,
            make_id('acct', account) as account_id,
            moment("at") as scored_at,
            word({sql_list(SURFACES)}, surface) as surface,
            'abuse-4' as detector_version,
            case when isnan(score) then null else score end as score,
            is_test""",
    )


def _write_reports(store: Store, rng: np.random.Generator, traffic: Traffic, signals: Signals) -> Ints:
    message = np.repeat(np.arange(len(traffic)), signals.reports)
    k = len(message)
    at = np.minimum(traffic.at[message] + 30 + rng.exponential(3 * 3600, k).astype(np.int64), WINDOW_END - 1)
    harm = traffic.violation[message]
    reason = np.where(
        harm == FRAUD, 0, np.where(harm == HARASSMENT, 1, rng.choice(4, size=k, p=(0.14, 0.2, 0.4, 0.26)))
    )
    first = np.full(len(traffic), WINDOW_END, dtype=np.int64)
    np.minimum.at(first, message, at)
    order = np.argsort(at, kind="stable")
    store.write(
        "user_reports",
        {
            "i": store.rows.get("user_reports", 0) + np.arange(k),
            "message": traffic.first + message[order],
            "account": traffic.account[message][order],
            "at": at[order],
            "surface": traffic.surface[message][order],
            "reason": reason[order],
        },
        f"""make_id('rep', i) as report_id,
            make_id('msg', message) as message_id,
            make_id('acct', account) as account_id,
            moment("at") as reported_at,
            word({sql_list(SURFACES)}, surface) as surface,
            word({sql_list(REASONS)}, reason) as reason""",
    )
    return np.where(first < WINDOW_END, first, -1)
