"""The labels that stand, as a file that can be imported again. Ids only: no item text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Literal

from tools.labeling.label_studio import write_label_studio
from tools.labeling.ledger import Recorded
from tools.reporting.csv_cell import csv_cell, exact_cell

COLUMNS = ("item", "label", "labeller", "kind", "policy", "version", "hash", "time", "recorded_at", "run")


def export_labels(
    entries: Sequence[Recorded], *, format: Literal["csv", "label-studio"] = "csv", exact: bool = False
) -> str:
    """Labels as text, in the order recorded: CSV, or tasks for Label Studio with annotations and predictions.

    In CSV an id or label that a spreadsheet would take for a formula begins with an apostrophe, which an import takes
    off again; not when `exact`.
    """
    labels = [entry for entry in entries if entry.outcome == "label"]
    if format == "label-studio":
        return json.dumps(write_label_studio(labels), ensure_ascii=False, indent=1) + "\n"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    cell = exact_cell if exact else csv_cell
    for e in labels:
        time = e.labelled_at or ""
        row = (e.item, e.label, e.labeller, e.kind, e.policy, e.version, e.hash, time, e.recorded_at, e.run)
        writer.writerow([cell(value) for value in row])
    return text.getvalue()
