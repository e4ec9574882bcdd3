"""labels.csv: the labels that stood for the drawn items when the estimate was made. Ids, never an item's text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from tools.errors import InvalidInput
from tools.labeling import current_entries, read_entries
from tools.labeling.ledger import Recorded
from tools.state import State
from tools.study.plan import PolicyMark
from tools.study.settle_labels import MODELS, PEOPLE, StandingLabel
from tools.workspace.text_file import show_path

COLUMNS = ("item", "label", "labeller", "kind")


def standing_labels(state: State, *, policy: PolicyMark, items: Sequence[str]) -> list[StandingLabel]:
    """What stands in the ledger for these items under this policy, word for word, in the items' order."""
    return select_labels(read_entries(state, policy=policy.id, version=policy.version), policy=policy, items=items)


def select_labels(entries: Iterable[Recorded], *, policy: PolicyMark, items: Sequence[str]) -> list[StandingLabel]:
    """As `standing_labels`, of entries that were read already.

    Of several machines only the one that labelled last counts: a run that is begun anew replaces the one before.
    """
    place = {item: at for at, item in enumerate(items)}
    kept = [e for e in entries if e.item in place and e.hash == policy.hash]
    machines = [e for e in kept if e.kind in MODELS]
    newest = max(machines, key=lambda e: e.seq).labeller if machines else None
    kept = [e for e in kept if e.kind in PEOPLE or e.labeller == newest]
    labels = [
        StandingLabel(e.item, e.label if e.outcome == "label" else None, e.labeller, e.kind)
        for e in current_entries(kept)
        if e.outcome in ("label", "abstain", "refusal")
    ]
    return sorted(labels, key=lambda each: (place[each.item], each.kind, each.labeller))


def snapshot_text(labels: Iterable[StandingLabel]) -> str:
    """The labels as CSV; an abstention, or a model's refusal, has an empty label."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((each.item, each.label or "", each.labeller, each.kind) for each in labels)
    return text.getvalue()


def read_snapshot(path: Path) -> list[StandingLabel]:
    """The labels of the file; raises InvalidInput when it is not one."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    kinds = {str(kind): kind for kind in PEOPLE | MODELS}
    if (
        not rows
        or tuple(rows[0]) != COLUMNS
        or any(len(row) != len(COLUMNS) or row[3] not in kinds for row in rows[1:])
    ):
        raise InvalidInput(
            f"{show_path(path)} is not a snapshot of labels.",
            code="damaged_file",
            value=path.name,
            hint="Run `transect study estimate` again: it is written from the ledger.",
            where=show_path(path),
        )
    return [StandingLabel(item, label or None, labeller, kinds[kind]) for item, label, labeller, kind in rows[1:]]
