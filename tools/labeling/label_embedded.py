"""The embedded labeller: learns what people said about some items, and says how probable each label is for others."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from tools.access import Asker
from tools.errors import Declined
from tools.labeling.fit_embedded import RECIPE, fit_embedded, learnable_labels
from tools.labeling.item_texts import ItemTexts
from tools.labeling.labellers import EmbeddedLabeller
from tools.labeling.ledger import Entry, append_entries, now_text, refuse_changed_policy
from tools.labeling.people_labels import PeopleLabels
from tools.labeling.policy import Policy
from tools.labeling.run_report import Ended
from tools.state import State, append_audits_in
from tools.state.claims import Claim, Result, claim_in, record_in

FEWEST = 10  # items of a label, for it to be learnt
_CHUNK = 500


@dataclass(frozen=True)
class Lesson:
    """What is learnt from.

    Attributes:
        people: the labels of people, those that can be learnt.
        left_out: how many items have each label that cannot.
        name: how the ledger calls a labeller that learnt this.
    """

    people: PeopleLabels
    left_out: dict[str, int]
    name: str


def prepare_lesson(people: PeopleLabels, *, labeller: EmbeddedLabeller, policy: Policy) -> Lesson:
    """Check that there is enough to learn from, and name who learns it.

    Raises:
        Declined: fewer than two labels have ten items; says how many are missing.
    """
    counts = people.counts()
    fine = learnable_labels(people.items, people.labels, folds=labeller.folds, seed=labeller.seed, fewest=FEWEST) & set(
        policy.header.labels
    )
    if len(fine) < 2:
        raise _too_few(people, policy, fine)
    kept = [(item, label) for item, label in zip(people.items, people.labels, strict=True) if label in fine]
    learnt = PeopleLabels(tuple(i for i, _ in kept), tuple(label for _, label in kept), people.tied, people.seq)
    parts = [RECIPE, labeller.folds, labeller.seed, labeller.confidence, policy.hash, learnt.hash()]
    digest = sha256(json.dumps(parts).encode()).hexdigest()[:12]
    return Lesson(learnt, {label: n for label, n in counts.items() if label not in fine}, f"embedded:{digest}")


def label_embedded(
    items: Sequence[str],
    lesson: Lesson,
    *,
    labeller: EmbeddedLabeller,
    policy: Policy,
    texts: ItemTexts,
    state: State,
    asker: Asker,
    run: str,
    key_of: Callable[[str], str],
    progress: Callable[[int], None],
) -> Ended:
    """Label items that the run has no entry of, some hundred a transaction.

    Args:
        items: each once. texts: where these and those learnt from are.
        lesson: of `prepare_lesson`.
        labeller, policy, run: who labels, under what, for which run.
        state, asker: the store; who is in the audit chain as having looked.
        key_of: an item's key as an effect.
        progress: told how many of `items` are done.
    """
    learnt = lesson.people
    _look(state, asker, learnt.items, f"label run {run}: {lesson.name} learns from it")
    found = texts.read(learnt.items)
    fit = fit_embedded(
        learnt.items, [found[i] for i in learnt.items], learnt.labels, folds=labeller.folds, seed=labeller.seed
    )
    del found
    try:
        for start in range(0, len(items), _CHUNK):
            chunk = items[start : start + _CHUNK]
            _look(state, asker, chunk, f"label run {run}: {policy.id} version {policy.version}")
            read = texts.read(chunk)
            scores = fit.score(chunk, [read[item] for item in chunk])
            entries = {
                key_of(item): _entry(item, each, lesson.name, labeller, policy, run)
                for item, each in zip(chunk, scores, strict=True)
            }
            _record(state, entries, policy, lesson.name)
            progress(start + len(chunk))
    except KeyboardInterrupt:
        return Ended("interrupted", notes=_notes(lesson))
    return Ended(notes=_notes(lesson))


def _look(state: State, asker: Asker, items: Sequence[str], reason: str) -> None:
    """Lines of the audit chain, before the texts are read."""
    if items:
        with state.transaction() as connection:
            details = [{"item": item, "reason": reason} for item in items]
            append_audits_in(connection, state, action="reveal", asker=asker, details=details)


def _entry(
    item: str, scores: dict[str, float], name: str, labeller: EmbeddedLabeller, policy: Policy, run: str
) -> Entry:
    best = max(sorted(scores), key=lambda label: scores[label])
    sure = scores[best] >= labeller.confidence
    return Entry(
        policy.id,
        policy.version,
        policy.hash,
        item,
        name,
        "embedded",
        "label" if sure else "abstain",
        run,
        best if sure else None,
        labelled_at=now_text(),
        scores=scores,
    )


def _record(state: State, entries: dict[str, Entry], policy: Policy, name: str) -> None:
    """Nothing leaves this process, so that one transaction is enough to reserve and record."""
    with state.transaction() as connection:
        refuse_changed_policy(connection, policy)
        stored = {"model": name, "policy": policy.hash}
        claims = claim_in(connection, state, list(entries), reserve=lambda _: stored, lease_seconds=1.0)
        ours = [claim.attempt for claim in claims if isinstance(claim, Claim)]
        results = [
            Result(each, {"outcome": entries[each.key].outcome, "label": entries[each.key].label}) for each in ours
        ]

        def write(recorded: Sequence[Result]) -> None:
            append_entries(connection, [entries[each.attempt.key] for each in recorded])

        if results:
            record_in(connection, state, results, record=write)


def _too_few(people: PeopleLabels, policy: Policy, fine: set[str]) -> Declined:
    counts = people.counts()
    names = sorted(policy.header.labels, key=lambda label: -counts[label])  # of equals, the policy's first
    missing = {label: max(FEWEST - counts[label], 1) for label in names[:2] if label not in fine}
    known = ", ".join(f"{label} {counts[label]:,}" for label in policy.header.labels)
    wanted = " and ".join(f"{n:,} more items of {label!r}" for label, n in missing.items())
    rate = min((counts[label] / max(len(people.labels), 1) for label in missing), default=0.0)
    needed = math.ceil(max(missing.values()) / rate) if rate else 0
    about = f" At the present shares that is about {needed:,} more items to label." if needed else ""
    return Declined(
        f"The embedded labeller needs {FEWEST} items of each of two labels, labelled by people under {policy.id} "
        f"version {policy.version}; there are {known}. {wanted} are missing.{about}",
        reason="underpowered",
        rule="too_few_labels",
        value=len(people.labels),
        hint=f"transect label queue --policy {policy.id} --items FILE, or import labels.",
    )


def _notes(lesson: Lesson) -> tuple[str, ...]:
    n = len(lesson.people.items)
    notes = [f"Learnt from {n:,} items that people labelled; no item is scored by a classifier that saw its part."]
    if lesson.left_out:
        few = ", ".join(f"{label} ({n:,})" for label, n in sorted(lesson.left_out.items()))
        notes.append(f"Labels with fewer than {FEWEST} items cannot be learnt and are never given: {few}.")
    if lesson.people.tied:
        notes.append(f"{lesson.people.tied:,} items on which people disagree evenly are not learnt from.")
    return tuple(notes)
