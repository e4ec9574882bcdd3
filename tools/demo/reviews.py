"""Human review: which messages a moderator was asked about, the decisions, and the backlog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from tools.demo.accounts import FRAUD, HARASSMENT, HARMS, NONE
from tools.demo.signals import Signals
from tools.demo.store import Store, sql_list
from tools.demo.streams import stream
from tools.demo.timeline import (
    DAY,
    DAYS,
    FIRST_DAY,
    POLICY_CHANGE,
    WINDOW_END,
    WINDOW_START,
    Ints,
    day_index,
    seconds_to_day,
)
from tools.demo.traffic import SURFACES, Traffic

QUEUES = ("detector_flags", "user_reports", "random_audit")
FLAG_AT = 0.8  # a score from here on puts the message into the review queue
ACT_AT = 0.93  # and from here on half of them are acted on without a person
AUDIT_SHARE = 0.008
MEDIAN_HOURS = (14.0, 32.0, 60.0)


@dataclass(frozen=True)
class Reviews:
    """One entry a review; decision 1 violating, 0 benign, 2 unsure, -1 while open."""

    message: Ints  # its number in the whole traffic
    account: Ints
    surface: Ints
    truth: Ints  # violation of the message
    queue: Ints
    queued: Ints
    decided: Ints  # -1 while open
    decision: Ints
    policy: Ints


@dataclass(frozen=True)
class Automatic:
    """One entry a message that was acted on without a review."""

    message: Ints
    account: Ints
    at: Ints
    truth: Ints


def draw_reviews(
    traffic: Traffic, signals: Signals, reported_at: Ints, rng: np.random.Generator
) -> tuple[Reviews, Automatic]:
    """A flagged message is reviewed as such, else a reported one, else a few drawn at random."""
    n = len(traffic)
    automatic = (signals.score >= ACT_AT) & ~traffic.is_test & (rng.random(n) < 0.5)
    audited = rng.random(n) < AUDIT_SHARE
    flagged = signals.score >= FLAG_AT
    queue = np.where(flagged, 0, np.where(reported_at >= 0, 1, np.where(audited, 2, -1)))
    message = np.flatnonzero((queue >= 0) & ~automatic & ~traffic.is_test)
    queue, k = queue[message], len(message)
    lag = np.array([90, 300, 9 * 3600])[queue]
    queued = np.minimum(np.where(queue == 1, reported_at[message], traffic.at[message]) + lag, WINDOW_END - 1)
    day = seconds_to_day(queued)
    # The broader fraud policy made decisions slower for three weeks; weekends are thinly staffed.
    slow = np.where((day >= day_index(POLICY_CHANGE)) & (day < day_index(POLICY_CHANGE) + 21), 1.8, 1.0)
    slow = slow * np.where((day + FIRST_DAY.weekday()) % 7 >= 5, 1.5, 1.0)
    hours = np.array(MEDIAN_HOURS)[queue] * slow * rng.lognormal(0.0, 0.8, k)
    decided = queued + (hours * 3600).astype(np.int64)
    violates = traffic.violation[message] != NONE
    says = rng.random(k) < np.where(violates, 0.91, 0.07)
    decision = np.where(rng.random(k) < 0.03, 2, says.astype(np.int64))
    policy = np.where(violates, traffic.violation[message], np.where(rng.random(k) < 0.55, FRAUD, HARASSMENT))
    open_ = decided >= WINDOW_END
    order = np.argsort(queued, kind="stable")
    reviews = Reviews(
        message=traffic.first + message[order],
        account=traffic.account[message][order],
        surface=traffic.surface[message][order],
        truth=traffic.violation[message][order],
        queue=queue[order],
        queued=queued[order],
        decided=np.where(open_, -1, decided)[order],
        decision=np.where(open_, -1, decision)[order],
        policy=np.where(open_ | (decision != 1), NONE, policy)[order],
    )
    alone = np.flatnonzero(automatic)
    acted = Automatic(traffic.first + alone, traffic.account[alone], traffic.at[alone], traffic.violation[alone])
    return reviews, acted


def join_reviews(blocks: Sequence[Reviews]) -> Reviews:
    """All blocks' reviews in the order they were queued."""
    joined = {f.name: np.concatenate([getattr(b, f.name) for b in blocks]) for f in fields(Reviews)}
    order = np.argsort(joined["queued"], kind="stable")
    return Reviews(**{name: values[order] for name, values in joined.items()})


def join_automatic(blocks: Sequence[Automatic]) -> Automatic:
    """All blocks' actions without a review."""
    return Automatic(**{f.name: np.concatenate([getattr(b, f.name) for b in blocks]) for f in fields(Automatic)})


def write_reviews(store: Store, reviews: Reviews, *, seed: int) -> None:
    """Tables human_reviews and review_backlog."""
    _write_cases(store, stream(seed, "moderators"), reviews)
    _write_backlog(store, reviews)


def _write_cases(store: Store, rng: np.random.Generator, reviews: Reviews) -> None:
    k = len(reviews.message)
    store.write(
        "human_reviews",
        {
            "i": np.arange(k),
            "message": reviews.message,
            "account": reviews.account,
            "surface": reviews.surface,
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
            case when policy > 0 then word({sql_list(HARMS)}, policy) end as policy""",
    )


def _write_backlog(store: Store, reviews: Reviews) -> None:
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
