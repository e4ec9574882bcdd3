"""The labels that stand, as a file that can be imported again. Ids only: no item text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Literal

from tools.labeling.label_studio import write_label_studio
from tools.labeling.ledger import Recorded

COLUMNS = ("item", "label", "labeller", "kind", "policy", "version", "hash", "time", "recorded_at", "run")


def export_labels(entries: Sequence[Recorded], *, format: Literal["csv", "label-studio"] = "csv") -> str:
    """Labels as text, in the order recorded: CSV, or tasks for Label Studio with annotations and predictions."""
    labels = [entry for entry in entries if entry.outcome == "label"]
    if format == "label-studio":
        return json.dumps(write_label_studio(labels), ensure_ascii=False, indent=1) + "\n"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for e in labels:
        time = e.labelled_at or ""
        writer.writerow([e.item, e.label, e.labeller, e.kind, e.policy, e.version, e.hash, time, e.recorded_at, e.run])
    return text.getvalue()
