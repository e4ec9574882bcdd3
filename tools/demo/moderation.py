"""What is noticed and done: detector scores, user reports, human reviews, enforcement, appeals, the backlog."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.demo.accounts import FRAUD, HARASSMENT, NONE, Accounts
from tools.demo.store import Store, sql_list
from tools.demo.streams import stream
from tools.demo.timeline import (
    APPEALS_STOPPED,
    DAY,
    DAYS,
    OUTAGE_END,
    OUTAGE_START,
    POLICY_CHANGE,
    WINDOW_END,
    WINDOW_START,
    Floats,
    Ints,
    day_index,
    epoch,
    seconds_to_day,
)
from tools.demo.traffic import SURFACES, Traffic

FLAG_AT = 0.8  # a score from here on puts the message into the review queue
ACT_AT = 0.93  # and from here on half of them are acted on without a person
QUEUES = ("detector_flags", "user_reports", "random_audit")
FOUND_BY = ("detector", "user_report", "random_audit")
POLICIES = ("none", "fraud", "harassment")
ACTIONS = ("warning", "message_removed", "feature_limited", "account_banned")
REASONS = ("scam", "abuse", "wrong_answer", "other")


@dataclass(frozen=True)
class Signals:
    """One entry a message: detector score (NaN in the outage), number of user reports, time of the first one."""

    score: Floats
    reports: Ints


def draw_signals(accounts: Accounts, traffic: Traffic, *, seed: int) -> Signals:
    """Scores separate violations well (AUC about 0.97), less so for other messages of the same accounts."""
    rng = stream(seed, "signals")
    n = len(traffic)
    violates = traffic.violation != NONE
    from_harmful = accounts.harm[traffic.account] != NONE
    logit = np.where(violates, 1.0 + 1.7 * rng.standard_normal(n), -3.3 + 1.5 * rng.standard_normal(n))
    logit += np.where(from_harmful & ~violates, 0.9, 0.0)
    score = np.round(1 / (1 + np.exp(-logit)), 4)
    out = (traffic.at >= epoch(OUTAGE_START)) & (traffic.at < epoch(OUTAGE_END)) & (rng.random(n) < 0.6)
    reports = rng.poisson(np.where(violates, 0.11, np.where(traffic.is_test, 0.0, 0.0032)))
    return Signals(score=np.where(out, np.nan, score), reports=reports)


def write_moderation(store: Store, accounts: Accounts, traffic: Traffic, signals: Signals, *, seed: int) -> None:
    """Tables detector_scores, user_reports, human_reviews, enforcement_actions, appeals and review_backlog."""
    _write_scores(store, traffic, signals)
    rng = stream(seed, "moderation")
    reported_at = _write_reports(store, rng, traffic, signals)
    automatic = (signals.score >= ACT_AT) & ~traffic.is_test & (rng.random(len(traffic)) < 0.5)
    reviews = _draw_reviews(rng, traffic, signals, reported_at, automatic)
    _write_reviews(store, rng, traffic, reviews)
    _write_backlog(store, reviews)
    _write_enforcement(store, rng, accounts, traffic, reviews, automatic)


def _write_scores(store: Store, traffic: Traffic, signals: Signals) -> None:
    n = len(traffic)
    store.write(
        "detector_scores",
        {
            "i": np.arange(n),
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
    """Writes the reports; returns the time of each message's first report, -1 where it has none."""
    message = np.repeat(np.arange(len(traffic)), signals.reports)
    k = len(message)
    at = np.minimum(traffic.at[message] + 30 + rng.exponential(3 * 3600, k).astype(np.int64), WINDOW_END - 1)
    harm = traffic.violation[message]
    reason = np.where(harm == FRAUD, 0, np.where(harm == HARASSMENT, 1, rng.choice(4, size=k, p=(0.14, 0.2, 0.4, 0.26))))
    first = np.full(len(traffic), WINDOW_END, dtype=np.int64)
    np.minimum.at(first, message, at)
    order = np.argsort(at, kind="stable")
    store.write(
        "user_reports",
        {
            "i": np.arange(k),
            "message": message[order],
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


@dataclass(frozen=True)
class _Reviews:
    """One entry a review; decision 1 violating, 0 benign, 2 unsure, -1 while open."""

    message: Ints
    queue: Ints
    queued: Ints
    decided: Ints  # -1 while open
    decision: Ints
    policy: Ints


def _draw_reviews(
    rng: np.random.Generator, traffic: Traffic, signals: Signals, reported_at: Ints, automatic: Ints
) -> _Reviews:
    n = len(traffic)
    audited = rng.random(n) < 0.004
    flagged = signals.score >= FLAG_AT
    queue = np.where(flagged, 0, np.where(reported_at >= 0, 1, np.where(audited, 2, -1)))
    message = np.flatnonzero((queue >= 0) & ~automatic & ~traffic.is_test)
    queue, k = queue[message], len(message)
    lag = np.array([90, 300, 9 * 3600])[queue]
    queued = np.minimum(np.where(queue == 1, reported_at[message], traffic.at[message]) + lag, WINDOW_END - 1)
    day = seconds_to_day(queued)
    # The broader fraud policy made decisions slower for three weeks; weekends are thinly staffed.
    slow = np.where((day >= day_index(POLICY_CHANGE)) & (day < day_index(POLICY_CHANGE) + 21), 1.8, 1.0)
    slow = slow * np.where((day + 4) % 7 >= 5, 1.5, 1.0)
    hours = np.array([6.0, 11.0, 30.0])[queue] * slow * rng.lognormal(0.0, 0.8, k)
    decided = queued + (hours * 3600).astype(np.int64)
    violates = traffic.violation[message] != NONE
    says = rng.random(k) < np.where(violates, 0.91, 0.07)
    decision = np.where(rng.random(k) < 0.03, 2, says.astype(np.int64))
    policy = np.where(violates, traffic.violation[message], np.where(rng.random(k) < 0.55, FRAUD, HARASSMENT))
    open_ = decided >= WINDOW_END
    order = np.argsort(queued, kind="stable")
    return _Reviews(
        message=message[order],
        queue=queue[order],
        queued=queued[order],
        decided=np.where(open_, -1, decided)[order],
        decision=np.where(open_, -1, decision)[order],
        policy=np.where(open_ | (decision != 1), NONE, policy)[order],
    )


def _write_reviews(store: Store, rng: np.random.Generator, traffic: Traffic, reviews: _Reviews) -> None:
    k = len(reviews.message)
    store.write(
        "human_reviews",
        {
            "i": np.arange(k),
            "message": reviews.message,
            "account": traffic.account[reviews.message],
            "surface": traffic.surface[reviews.message],
            "queue": reviews.queue,
            "queued": reviews.queued,
            "decided": reviews.decided,
            "decision": reviews.decision,
            "policy": reviews.policy,
            "reviewer": np.where(reviews.decided >= 0, rng.integers(0, 24, k), -1),
        },
        f"""make_id('case', i) as review_id,
            make_id('msg', message) as message_id,
            make_id('acct', account) as account_id,
            make_id('mod', reviewer) as moderator_id,
            word({sql_list(SURFACES)}, surface) as surface,
            word({sql_list(QUEUES)}, queue) as queue,
            moment(queued) as queued_at,
            moment(decided) as decided_at,
            case when decided >= 0 then round((decided - queued) / 3600e0, 3) end as turnaround_hours,
            word(['benign', 'violating', 'unsure'], decision) as decision,
            case when policy > 0 then word({sql_list(POLICIES)}, policy) end as policy""",
    )


def _write_backlog(store: Store, reviews: _Reviews) -> None:
    """Open cases of each queue at the end of each day."""
    ends = WINDOW_START + DAY * np.arange(1, DAYS + 1)
    waiting = []
    for q in range(len(QUEUES)):
        here = reviews.queue == q
        entered = np.searchsorted(np.sort(reviews.queued[here]), ends)
        left = np.searchsorted(np.sort(reviews.decided[here & (reviews.decided >= 0)]), ends)
        waiting.append(entered - left)
    store.write(
        "review_backlog",
        {
            "end": np.repeat(ends, len(QUEUES)),
            "queue": np.tile(np.arange(len(QUEUES)), DAYS),
            "waiting": np.stack(waiting, axis=1).ravel(),
        },
        f"""(moment("end") - interval 1 day)::date as snapshot_on,
            word({sql_list(QUEUES)}, queue) as queue,
            waiting::integer as open_cases""",
    )


def _write_enforcement(
    store: Store, rng: np.random.Generator, accounts: Accounts, traffic: Traffic, reviews: _Reviews, automatic: Ints
) -> None:
    by_hand = np.flatnonzero(reviews.decision == 1)
    by_machine = np.flatnonzero(automatic)
    banned = np.flatnonzero(accounts.banned >= 0)
    guessed = np.where(rng.random(len(by_machine)) < 0.55, FRAUD, HARASSMENT)
    truly = traffic.violation[by_machine]
    message = np.concatenate([reviews.message[by_hand], by_machine, np.full(len(banned), -1)])
    account = np.concatenate([traffic.account[message[: len(message) - len(banned)]], banned])
    at = np.concatenate([reviews.decided[by_hand], traffic.at[by_machine] + 5, accounts.banned[banned]])
    policy = np.concatenate([reviews.policy[by_hand], np.where(truly == NONE, guessed, truly), accounts.harm[banned]])
    found_by = np.concatenate(
        [reviews.queue[by_hand], np.zeros(len(by_machine), int), rng.choice(2, size=len(banned), p=(0.8, 0.2))]
    )
    k = len(message)
    action = np.where(message < 0, 3, rng.choice(3, size=k, p=(0.5, 0.32, 0.18)))
    right = np.where(message < 0, True, traffic.violation[message] != NONE)
    machine = np.concatenate([np.zeros(len(by_hand), bool), np.ones(len(by_machine), bool), np.zeros(len(banned), bool)])
    order = np.argsort(at, kind="stable")
    order = order[at[order] < WINDOW_END]
    store.write(
        "enforcement_actions",
        {
            "i": np.arange(len(order)),
            "message": message[order],
            "account": account[order],
            "at": at[order],
            "action": action[order],
            "policy": policy[order],
            "found_by": found_by[order],
            "machine": machine[order],
        },
        f"""make_id('act', i) as action_id,
            make_id('msg', message) as message_id,
            make_id('acct', account) as account_id,
            moment("at") as acted_at,
            word({sql_list(ACTIONS)}, action) as action,
            word({sql_list(POLICIES)}, policy) as policy,
            word({sql_list(FOUND_BY)}, found_by) as found_by,
            machine as is_automated""",
    )
    _write_appeals(store, rng, at[order], account[order], right[order])


def _write_appeals(store: Store, rng: np.random.Generator, acted: Ints, account: Ints, right: Ints) -> None:
    """Wrong actions are appealed more often, and mostly overturned. The export stops before the window does."""
    k = len(acted)
    filed = acted + 600 + rng.exponential(2.0 * DAY, k).astype(np.int64)
    action = np.flatnonzero((rng.random(k) < np.where(right, 0.24, 0.6)) & (filed < epoch(APPEALS_STOPPED)))
    action = action[np.argsort(filed[action], kind="stable")]
    m = len(action)
    decided = filed[action] + (rng.lognormal(0.9, 0.6, m) * DAY).astype(np.int64)
    overturned = rng.random(m) < np.where(right[action], 0.08, 0.72)
    known = decided < epoch(APPEALS_STOPPED)
    store.write(
        "appeals",
        {
            "i": np.arange(m),
            "action": action,
            "account": account[action],
            "filed": filed[action],
            "decided": np.where(known, decided, -1),
            "outcome": np.where(known, overturned.astype(np.int64), -1),
        },
        """make_id('appl', i) as appeal_id,
           make_id('act', action) as action_id,
           make_id('acct', account) as account_id,
           moment(filed) as filed_at,
           moment(decided) as decided_at,
           word(['upheld', 'overturned'], outcome) as outcome""",
    )
