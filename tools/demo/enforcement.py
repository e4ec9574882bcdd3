"""What is done: enforcement actions, and appeals against them."""

from __future__ import annotations

import numpy as np

from tools.demo.accounts import FRAUD, HARASSMENT, HARMS, NONE, Accounts, Bools
from tools.demo.reviews import Automatic, Reviews
from tools.demo.store import Store, sql_list
from tools.demo.streams import stream
from tools.demo.timeline import APPEALS_STOPPED, DAY, WINDOW_END, Ints, epoch

FOUND_BY = ("detector", "user_report", "random_audit")  # in the order of reviews.QUEUES
ACTIONS = ("warning", "message_removed", "feature_limited", "account_banned")
BANNED = 3


def write_enforcement(store: Store, accounts: Accounts, reviews: Reviews, automatic: Automatic, *, seed: int) -> None:
    """Tables enforcement_actions and appeals: after a review, without one, and the bans."""
    rng = stream(seed, "enforcement")
    by_hand = np.flatnonzero(reviews.decision == 1)
    by_machine = automatic.message
    banned = np.flatnonzero(accounts.banned >= 0)
    guessed = np.where(rng.random(len(by_machine)) < 0.55, FRAUD, HARASSMENT)
    truly = automatic.truth
    message = np.concatenate([reviews.message[by_hand], by_machine, np.full(len(banned), -1)])
    account = np.concatenate([reviews.account[by_hand], automatic.account, banned])
    at = np.concatenate([reviews.decided[by_hand], automatic.at + 5, accounts.banned[banned]])
    policy = np.concatenate([reviews.policy[by_hand], np.where(truly == NONE, guessed, truly), accounts.harm[banned]])
    found_by = np.concatenate(
        [reviews.queue[by_hand], np.zeros(len(by_machine), int), rng.choice(2, size=len(banned), p=(0.8, 0.2))]
    )
    k = len(message)
    action = np.where(message < 0, BANNED, rng.choice(3, size=k, p=(0.5, 0.32, 0.18)))
    right = np.concatenate([reviews.truth[by_hand] != NONE, truly != NONE, np.ones(len(banned), bool)])
    machine = np.concatenate(
        [np.zeros(len(by_hand), bool), np.ones(len(by_machine), bool), np.zeros(len(banned), bool)]
    )
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
            word({sql_list(HARMS)}, policy) as policy,
            word({sql_list(FOUND_BY)}, found_by) as found_by,
            machine as is_automated""",
    )
    _write_appeals(store, rng, at[order], account[order], right[order])


def _write_appeals(store: Store, rng: np.random.Generator, acted: Ints, account: Ints, right: Bools) -> None:
    """Wrong actions are appealed more often, and mostly overturned. The export stops before the window does."""
    k = len(acted)
    filed = acted + 600 + rng.exponential(2.0 * DAY, k).astype(np.int64)
    action = np.flatnonzero((rng.random(k) < np.where(right, 0.38, 0.75)) & (filed < epoch(APPEALS_STOPPED)))
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
