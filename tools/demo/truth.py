"""What is true of the platform, for judging answers; written to a file outside the warehouse."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.demo.accounts import HARMS, NONE, PLANS, Accounts
from tools.demo.human_data import NEW_TOOL_SPEED, HumanData
from tools.demo.label_sample import months_of
from tools.demo.reviews import FLAG_AT
from tools.demo.signals import Signals
from tools.demo.timeline import FIRST_DAY, MODEL_CHANGE, NEW_VENDOR, POLICY_CHANGE, TODAY, TOOL_RELEASE
from tools.demo.traffic import BROADER_POLICY, SURFACES, Traffic

NOTE = (
    "The truth about a synthetic platform: what no table of the warehouse says. It is here to check estimates "
    "against. Keep it out of the warehouse and out of every role's reach."
)


def describe_truth(
    accounts: Accounts, traffic: Traffic, signals: Signals, people: HumanData, *, size: str, seed: int
) -> dict[str, Any]:
    """A JSON document. Shares are over messages of accounts that are not test accounts."""
    counted = ~traffic.is_test
    violates = traffic.violation != NONE
    month = months_of(traffic.at)
    flagged = signals.score >= FLAG_AT
    scored = counted & ~np.isnan(signals.score)
    return {
        "note": NOTE,
        "size": size,
        "seed": seed,
        "period": {"from": FIRST_DAY.isoformat(), "to": TODAY.isoformat()},
        "messages": int(counted.sum()),
        "violating_message_prevalence": {
            "overall": _share(violates, counted),
            "by_surface": {s: _share(violates, counted & (traffic.surface == i)) for i, s in enumerate(SURFACES)},
            "by_month": {
                f"{m // 12}-{m % 12 + 1:02d}": _share(violates, counted & (month == m))
                for m in np.unique(month).tolist()
            },
            "by_harm": {h: _share(traffic.violation == i, counted) for i, h in enumerate(HARMS) if i != NONE},
            "by_plan": {
                p: _share(violates, counted & (accounts.plan[traffic.account] == i)) for i, p in enumerate(PLANS)
            },
        },
        "detector": {
            "recall_at_0.8": _share(flagged, scored & violates),
            "precision_at_0.8": _share(violates, scored & flagged),
        },
        "effects": [
            {"on": MODEL_CHANGE.isoformat(), "metric": "refusal_rate", "benign_before": 0.041, "benign_after": 0.026},
            {"on": POLICY_CHANGE.isoformat(), "metric": "violating_message_prevalence", "fraud_times": BROADER_POLICY},
            {"on": TOOL_RELEASE.isoformat(), "metric": "average_handle_time", "times": NEW_TOOL_SPEED},
            {"on": NEW_VENDOR.isoformat(), "metric": "golden_set_accuracy", "of": "vendor cedar", "direction": "lower"},
        ],
        "trainers": _trainers(people, seed),
        "harmful_accounts": {
            _identifier(seed, "acct", i): HARMS[int(accounts.harm[i])]
            for i in np.flatnonzero(accounts.harm != NONE).tolist()
        },
        "violating_messages": {
            h: [_identifier(seed, "msg", i) for i in np.flatnonzero(traffic.violation == k).tolist()]
            for k, h in enumerate(HARMS)
            if k != NONE
        },
    }


def _trainers(people: HumanData, seed: int) -> dict[str, dict[str, Any]]:
    """Each trainer's true accuracy on tasks of normal difficulty, and what came of it over all their work."""
    finished = people.correct >= 0
    n = len(people.trainers.accuracy)
    done = np.bincount(people.trainer[finished], minlength=n)
    right = np.bincount(people.trainer[finished], weights=people.correct[finished], minlength=n).astype(np.int64)
    return {
        _identifier(seed, "trn", i): {
            "accuracy_normal": round(float(people.trainers.accuracy[i]), 4),
            "annotations": int(done[i]),
            "correct": int(right[i]),
        }
        for i in range(n)
    }


def _share(of: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Positives, rows and their quotient; None where there are no rows."""
    n, positives = int(among.sum()), int((of & among).sum())
    return {"share": positives / n if n else None, "positives": positives, "n": n}


def _identifier(seed: int, prefix: str, number: int) -> str:
    """The same identifier as the SQL macro `make_id` of store.py."""
    return f"{prefix}_{hashlib.md5(f'{seed}|{prefix}|{number}'.encode(), usedforsecurity=False).hexdigest()[:16]}"
