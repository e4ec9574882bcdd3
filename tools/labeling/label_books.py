"""The books of a run by a model: one transaction records what came back and reserves what is sent next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.access import Asker
from tools.labeling.label_request import Judgement, LabelQuestion, keep_reply
from tools.labeling.labellers import ModelLabeller
from tools.labeling.ledger import Entry, append_entries, refuse_changed_policy
from tools.labeling.model_workers import Back, Task
from tools.labeling.policy import Policy
from tools.model import Reply
from tools.model.budget import Hold, Settlement, hold_in, settle
from tools.model.call import LEASE_MARGIN_SECONDS
from tools.model.retries import is_unanswered
from tools.model.stored_reply import reply_to_json
from tools.state import NothingSent, OutcomeUnknown, Recorded, State, append_audits_in
from tools.state.claims import Claim, Release, Result, claim_in, record_in, release_in

if TYPE_CHECKING:
    from sqlalchemy import Connection

Claimed = tuple[Task, Recorded | Claim | None]


@dataclass(frozen=True)
class Sitting:
    """What every entry and every reservation of a sitting says.

    Attributes:
        run: its name; scope: its calls' budget.
        labeller, name: the model, and how the ledger calls it.
        policy, prompt: what is asked.
        state, asker: the store; who is in the audit chain as having looked.
    """

    run: str
    scope: str
    labeller: ModelLabeller
    name: str
    policy: Policy
    prompt: LabelQuestion
    state: State
    asker: Asker


class Books:
    """Writes one sitting into the store."""

    def __init__(self, sitting: Sitting) -> None:
        self._sitting = sitting
        self._checked_policy = False
        self._reserved: list[Claim] = []

    def turn(self, back: Sequence[Back], tasks: Sequence[Task]) -> list[Claimed]:
        """Record what came back and reserve `tasks`, in one transaction; what was found at each task's key is returned.

        A task may be sent when it has a Claim. None: it may not, as somebody else is at it or its outcome is unknown.
        Doing the same twice, after an interruption, records nothing twice.

        Raises:
            InvalidInput: `policy_changed`; nothing was recorded or reserved.
        """
        sitting = self._sitting
        with sitting.state.transaction() as connection:
            if not self._checked_policy:
                refuse_changed_policy(connection, sitting.policy)
            self._record(connection, back)
            release_in(connection, sitting.state, [_release(each) for each in back if _release_due(each)])
            claimed = self._reserve(connection, tasks)
        self._checked_policy = True  # once we have an entry, nobody else can give this version another text
        return claimed

    def forget_unsent(self, sent: Sequence[str]) -> None:
        """Let go of what was reserved and, after an interruption, never sent; `sent` are the keys under way."""
        unsent = [Release(each.attempt, True, NothingSent()) for each in self._reserved if each.attempt.key not in sent]
        with self._sitting.state.transaction() as connection:
            release_in(connection, self._sitting.state, unsent)
        self._reserved = []

    def key(self, task: Task) -> str:
        """Of the task's call."""
        return f"{label_keys(self._sitting.run)[task.asking - 1]}{self._sitting.policy.hash}:{task.item}"

    def _reserve(self, connection: Connection, tasks: Sequence[Task]) -> list[Claimed]:
        """Reserve, hold what it may cost, and say in the audit chain whose texts are about to be read."""
        self._reserved = []
        if not tasks:
            return []
        sitting = self._sitting
        stored = {"model": sitting.labeller.model.name, "prompt": sitting.prompt.hash, "policy": sitting.policy.hash}
        lease_seconds = 2 * sitting.labeller.seconds + LEASE_MARGIN_SECONDS
        keys = [self.key(task) for task in tasks]
        found = claim_in(connection, sitting.state, keys, reserve=lambda _: stored, lease_seconds=lease_seconds)
        claimed: list[Claimed] = []
        holds: list[Hold] = []
        for task, claim in zip(tasks, found, strict=True):
            if not isinstance(claim, Claim):
                claimed.append((task, claim))
            elif claim.certain or _may_repeat(task):
                claimed.append((task, claim))
                self._reserved.append(claim)
                holds.append(Hold(claim.attempt.key, claim.attempt.token, task.most_usd))
            else:
                why = OutcomeUnknown("An earlier attempt may have been carried out.")
                release_in(connection, sitting.state, [Release(claim.attempt, False, why)])
                claimed.append((task, None))
        if holds:
            hold_in(connection, holds, scope=sitting.scope, model=sitting.labeller.model.name)
            reason = f"label run {sitting.run}: {sitting.policy.id} version {sitting.policy.version}"
            looks = [{"item": task.item, "reason": reason} for task, claim in claimed if isinstance(claim, Claim)]
            append_audits_in(connection, sitting.state, action="reveal", asker=sitting.asker, details=looks)
        return claimed

    def _record(self, connection: Connection, back: Sequence[Back]) -> None:
        replies: dict[str, tuple[Back, Reply, Judgement]] = {}
        for each in back:
            if isinstance(each.outcome, Reply):
                judgement = self._sitting.prompt.judge(each.outcome)
                replies[each.attempt.key] = (each, keep_reply(each.outcome, judgement), judgement)

        def write(ours: Sequence[Result]) -> None:
            mine = [replies[each.attempt.key] for each in ours]
            tokens = [Settlement(each.attempt.key, each.attempt.token, reply.usage) for each, reply, _ in mine]
            settle(connection, tokens, self._sitting.labeller.prices)
            entries = [self._entry(each, judgement) for each, _, judgement in mine]
            append_entries(connection, [entry for entry in entries if entry is not None])

        if replies:
            results = [Result(each.attempt, reply_to_json(reply)) for each, reply, _ in replies.values()]
            record_in(connection, self._sitting.state, results, record=write)

    def _entry(self, back: Back, judgement: Judgement) -> Entry | None:
        """What the ledger gets: nothing yet for the first answer outside the schema."""
        if judgement.outcome == "outside" and back.task.asking == 1:
            return None
        policy = self._sitting.policy
        return Entry(
            policy.id,
            policy.version,
            policy.hash,
            back.task.item,
            self._sitting.name,
            "model",
            "failed" if judgement.outcome == "outside" else judgement.outcome,
            self._sitting.run,
            judgement.label,
            labelled_at=back.at,
        )


def label_keys(run: str) -> tuple[str, str]:
    """How the keys of a run's calls begin: an item's first asking, and the one after an answer outside the schema."""
    return (f"label:{run}:", f"label-again:{run}:")


def _may_repeat(task: Task) -> bool:
    """There is nothing to look at: whether a call of unknown outcome is made again is a rule, once a sitting."""
    if task.last is not None and not is_unanswered(task.last):
        return True
    task.repeats_left -= 1
    return task.repeats_left >= 0


def _release_due(back: Back) -> bool:
    return isinstance(back.outcome, BaseException)


def _release(back: Back) -> Release:
    assert isinstance(back.outcome, BaseException)
    if back.may_be_billed:
        return Release(back.attempt, False, back.outcome)
    return Release(back.attempt, True, back.outcome)
