"""What a run of labels came to, read from the ledger: the same after a kill as without one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tools.labeling.ledger import Recorded
from tools.model import Spent

Stopped = Literal["budget", "endpoint", "interrupted"]


@dataclass(frozen=True)
class Ended:
    """How a sitting ended: why it stopped before all was labelled, and errors by code of items that got no answer."""

    stopped: Stopped | None = None
    message: str = ""
    hint: str = ""
    errors: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunReport:
    """A run as it stands.

    Attributes:
        run, policy, version, hash: what was labelled, under what.
        labeller, kind: who labelled, as the ledger names it.
        items: asked for. labelled, abstained, refused, failed: of them, in the ledger; failed said twice what is no
            answer. left: without an entry.
        added: recorded in this sitting.
        labels: how often each label was given.
        cost_usd: paid for recorded calls; None when a price is not known. held_usd: the most that calls without a
            recorded answer may have cost besides.
        left_usd: about what the items that are left will cost, by those that were labelled; None when not known.
        calls: attempts that were, or may have been, carried out.
        maybe_billed_twice: attempts whose outcome cannot be told although their call was made again.
        stopped: why this sitting ended early; message and hint say it in words. errors: items without an answer in
            this sitting, by code.
        notes: what a reader should know.
    """

    run: str
    policy: str
    version: int
    hash: str
    labeller: str
    kind: str
    items: int
    labelled: int
    abstained: int
    refused: int
    failed: int
    left: int
    added: int
    labels: Mapping[str, int]
    cost_usd: float | None
    held_usd: float | None
    left_usd: float | None
    calls: int
    maybe_billed_twice: int
    stopped: Stopped | None
    message: str
    hint: str
    errors: Mapping[str, int]
    notes: tuple[str, ...]


def report_run(
    entries: Sequence[Recorded],
    *,
    run: str,
    items: Sequence[str],
    labeller: str,
    kind: str,
    policy: tuple[str, int, str],
    labels: Sequence[str],
    before: int,
    spent: Spent,
    ended: Ended,
) -> RunReport:
    """The report of a run over `items`.

    Args:
        entries: of the run.
        run, labeller, kind, policy: as recorded.
        items: that were asked for, each once.
        labels: of the policy.
        before: entries of these items that stood before this sitting.
        spent: by the run's calls.
        ended: how this sitting ended.
    """
    wanted = set(items)
    last = {entry.item: entry for entry in entries if entry.item in wanted}
    outcomes = Counter(entry.outcome for entry in last.values())
    given = Counter(entry.label for entry in last.values() if entry.outcome == "label")
    left = len(items) - len(last)
    known = spent.cost_usd is not None and bool(last)
    return RunReport(
        run,
        *policy,
        labeller,
        kind,
        len(items),
        outcomes["label"],
        outcomes["abstain"],
        outcomes["refusal"],
        outcomes["failed"],
        left,
        len(last) - before,
        {label: given[label] for label in labels},
        spent.cost_usd,
        spent.held_usd,
        left * spent.cost_usd / len(last) if known and spent.cost_usd is not None else None,
        spent.calls,
        spent.maybe_billed_twice,
        ended.stopped,
        ended.message,
        ended.hint,
        ended.errors,
        ended.notes,
    )
