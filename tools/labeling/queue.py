"""A person's queue: the items not yet labelled, one at a time, every key recorded before the next item shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tools.errors import Declined
from tools.labeling.ledger import (
    Entry,
    Outcome,
    append_entries,
    current_entries,
    now_text,
    read_entries_in,
    refuse_changed_policy,
)
from tools.labeling.policy import Policy
from tools.state import State

Act = Literal["label", "abstain", "skip", "undo", "quit"]


@dataclass(frozen=True)
class Answer:
    """What a person does with the item before them; `label` goes with the act label."""

    act: Act
    label: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Progress:
    """Where the queue stands: items answered by this person before and now, and all."""

    done: int
    total: int


@dataclass(frozen=True)
class QueueReport:
    """What a sitting came to.

    Attributes:
        labelled, abstained, skipped, undone: answers of this sitting.
        left: items without a label or abstention of this person.
    """

    labelled: int
    abstained: int
    skipped: int
    undone: int
    left: int


def run_queue(
    items: Sequence[str],
    *,
    policy: Policy,
    labeller: str,
    state: State,
    ask: Callable[[str | None, Progress], Answer],
) -> QueueReport:
    """Ask one person about each item that they have not answered under this version of the policy.

    Where a sitting stands is read from the ledger, so it resumes wherever the last one ended, killed or not. Skipped
    items come again in the next sitting. Undo takes back this person's last answer about these items, also an earlier
    sitting's, and asks again.

    Args:
        items: ids, in the order to ask.
        policy: as it stands; sealed ones are declined.
        labeller: who answers.
        state: the store.
        ask: shows the item and returns the answer; None when no item is left, where undo alone is of use.

    Raises:
        Declined: the policy is sealed.
        InvalidInput: the policy was edited without a new version.
    """
    if policy.header.sealed:
        raise Declined(
            f"The policy {policy.id!r} is sealed: the text of its items is not shown here.",
            reason="not_permitted",
            rule="sealed_policy",
            hint="Import labels from the tool that holds its items.",
        )
    wanted = list(dict.fromkeys(items))
    counts: dict[str, int] = {"label": 0, "abstain": 0, "skip": 0, "undo": 0}
    passed: set[str] = set()
    again: str | None = None
    while True:
        answered = _answered(state, policy, labeller, set(wanted))
        pending = [item for item in wanted if item not in answered and (item not in passed or item == again)]
        if again in pending:
            pending = [again, *pending]
        progress = Progress(len(answered), len(wanted))
        answer = ask(pending[0] if pending else None, progress)
        if answer.act == "quit" or (not pending and answer.act != "undo"):
            return QueueReport(
                counts["label"], counts["abstain"], counts["skip"], counts["undo"], len(wanted) - len(answered)
            )
        if answer.act == "undo":
            undone = _undo(state, policy, labeller, set(wanted))
            counts["undo"] += undone is not None
            again = undone or again
            continue
        _record(state, policy, labeller, pending[0], answer)
        counts[answer.act] += 1
        again = None
        if answer.act == "skip":
            passed.add(pending[0])


def _answered(state: State, policy: Policy, labeller: str, items: set[str]) -> set[str]:
    with state.snapshot() as connection:
        entries = read_entries_in(connection, policy=policy.id, version=policy.version, labeller=labeller)
    current = current_entries(entry for entry in entries if entry.item in items)
    return {entry.item for entry in current if entry.outcome in ("label", "abstain")}


def _record(state: State, policy: Policy, labeller: str, item: str, answer: Answer) -> None:
    outcome: Outcome = "label" if answer.act == "label" else "abstain" if answer.act == "abstain" else "skip"
    with state.transaction() as connection:
        refuse_changed_policy(connection, policy)
        at = now_text()
        entry = Entry(
            policy.id,
            policy.version,
            policy.hash,
            item,
            labeller,
            "person",
            outcome,
            f"queue:{labeller}",
            answer.label if outcome == "label" else None,
            answer.reason,
            at,
            nth=len(read_entries_in(connection, policy=policy.id, version=policy.version, labeller=labeller)),
        )
        append_entries(connection, [entry])


def _undo(state: State, policy: Policy, labeller: str, items: set[str]) -> str | None:
    """Take back the last answer; the item it was about, or None when there is none."""
    with state.transaction() as connection:
        entries = read_entries_in(connection, policy=policy.id, version=policy.version, labeller=labeller)
        undone = {entry.undoes for entry in entries}
        mine = [e for e in entries if e.kind == "person" and e.outcome != "undo" and e.item in items]
        last = next((entry for entry in reversed(mine) if entry.key not in undone), None)
        if last is None:
            return None
        entry = Entry(
            policy.id,
            policy.version,
            policy.hash,
            last.item,
            labeller,
            "person",
            "undo",
            f"queue:{labeller}",
            labelled_at=now_text(),
            undoes=last.key,
        )
        append_entries(connection, [entry])
        return last.item
