"""What is true of the platform, for judging answers; written to a file outside the warehouse."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from tools.demo.accounts import HARMS, NONE, PLANS, Accounts, Bools
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


class Tally:
    """What is true of the messages, added up block by block. Messages of test accounts do not count."""

    def __init__(self, *, seed: int) -> None:
        self._seed = seed
        self._shares: dict[tuple[str, ...], list[int]] = {}
        self._violating: dict[str, list[str]] = {h: [] for k, h in enumerate(HARMS) if k != NONE}

    def add(self, accounts: Accounts, traffic: Traffic, signals: Signals) -> None:
        """A block of messages."""
        counted = ~traffic.is_test
        violates = traffic.violation != NONE
        month, plan = months_of(traffic.at), accounts.plan[traffic.account]
        flagged = signals.score >= FLAG_AT
        scored = counted & ~np.isnan(signals.score)
        self._count(("overall",), violates, counted)
        for i, s in enumerate(SURFACES):
            self._count(("by_surface", s), violates, counted & (traffic.surface == i))
        for m in np.unique(month).tolist():
            self._count(("by_month", f"{m // 12}-{m % 12 + 1:02d}"), violates, counted & (month == m))
        for i, p in enumerate(PLANS):
            self._count(("by_plan", p), violates, counted & (plan == i))
        self._count(("recall_at_0.8",), flagged, scored & violates)
        self._count(("precision_at_0.8",), violates, scored & flagged)
        for k, h in enumerate(HARMS):
            if k != NONE:
                self._count(("by_harm", h), traffic.violation == k, counted)
                rows = (traffic.first + np.flatnonzero(traffic.violation == k)).tolist()
                self._violating[h] += [_identifier(self._seed, "msg", i) for i in rows]

    def _count(self, key: tuple[str, ...], of: Bools, among: Bools) -> None:
        entry = self._shares.setdefault(key, [0, 0])
        entry[0] += int((of & among).sum())
        entry[1] += int(among.sum())

    def share(self, *key: str) -> dict[str, Any]:
        """Positives, rows and their quotient; None where there are no rows."""
        positives, n = self._shares[key]
        return {"share": positives / n if n else None, "positives": positives, "n": n}

    def shares_by(self, cut: str) -> dict[str, dict[str, Any]]:
        """The share of every part of a cut."""
        return {key[1]: self.share(*key) for key in self._shares if key[0] == cut}

    @property
    def violating(self) -> dict[str, list[str]]:
        """Identifiers of the violating messages, by harm."""
        return self._violating


def describe_truth(
    accounts: Accounts, tally: Tally, people: HumanData, planted: dict[str, Any], *, size: str, seed: int
) -> dict[str, Any]:
    """A JSON document; docs/demo.md says what each part is. `planted` is that of the tables built in SQL."""
    return {
        "note": NOTE,
        "size": size,
        "seed": seed,
        "period": {"from": FIRST_DAY.isoformat(), "to": TODAY.isoformat()},
        "messages": tally.share("overall")["n"],
        "violating_message_prevalence": {
            "overall": tally.share("overall"),
            **{cut: tally.shares_by(cut) for cut in ("by_surface", "by_month", "by_harm", "by_plan")},
        },
        "detector": {
            "recall_at_0.8": tally.share("recall_at_0.8"),
            "precision_at_0.8": tally.share("precision_at_0.8"),
        },
        "effects": [
            {"on": MODEL_CHANGE.isoformat(), "metric": "refusal_rate", "benign_before": 0.041, "benign_after": 0.026},
            {"on": POLICY_CHANGE.isoformat(), "metric": "violating_message_prevalence", "fraud_times": BROADER_POLICY},
            {"on": TOOL_RELEASE.isoformat(), "metric": "average_handle_time", "times": NEW_TOOL_SPEED},
            {"on": NEW_VENDOR.isoformat(), "metric": "golden_set_accuracy", "of": "vendor cedar", "direction": "lower"},
            *_later_effects(planted),
        ],
        **planted,
        "trainers": _trainers(people, seed),
        "harmful_accounts": {
            _identifier(seed, "acct", i): HARMS[int(accounts.harm[i])]
            for i in np.flatnonzero(accounts.harm != NONE).tolist()
        },
        "violating_messages": tally.violating,
    }


def _later_effects(planted: dict[str, Any]) -> list[dict[str, Any]]:
    """Dated changes in the tables that are built in SQL."""
    links, threats, judged = planted["links"], planted["violent_threats"], planted["judgements"]
    wave, lost, experiment = links["spam_wave"], links["view_log_outage"], judged["experiment"]
    return [
        {"on": links["launch"]["on"], "metric": "links_published", "of": "country BR", "from_nothing": True},
        {"on": wave["from"], "until": wave["to"], "metric": "links_published", "more_links": wave["links"]},
        {
            "on": threats["threshold"]["on"],
            "metric": "conversation_flags",
            "false_flags_times": threats["threshold"]["false_flags_times"],
        },
        {
            "on": judged["drift"]["on"],
            "metric": "rating_bias",
            "of": f"vendor {judged['drift']['vendor']}",
            "share_a_point_too_high": judged["drift"]["share_a_point_too_high"],
        },
        {
            "on": experiment["from"],
            "metric": "average_rating_seconds",
            "of": "arm guided",
            "times": experiment["handle_seconds_times"],
        },
        {"on": lost["from"], "until": lost["to"], "metric": "link_views", "views_lost": lost["views_lost"]},
    ]


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


def _identifier(seed: int, prefix: str, number: int) -> str:
    """The same identifier as the SQL macro `make_id` of store.py."""
    return f"{prefix}_{hashlib.md5(f'{seed}|{prefix}|{number}'.encode(), usedforsecurity=False).hexdigest()[:16]}"
