"""A study of 1,000 messages that a machine labels, from its spec to a verified draft."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.measure import seconds_of
from tests.bench.report import Measured
from tools.access import Asker
from tools.labeling import find_policy, find_unknown_items, import_labels, read_label_file
from tools.state import open_state
from tools.study import (
    approve_study,
    draft_study,
    draw_study,
    estimate_study,
    import_study_labels,
    new_study,
    plan_study,
    run_study,
    verify_study,
)
from tools.workspace import Workspace, default_asker

ID = "bench"
N, CHECKS, LESSONS = 1_000, 100, 200


def measure_study(workspace: Workspace) -> Iterator[Measured]:
    """The steps that take no person, timed; what people labelled before (lessons and checks) is brought in untimed."""
    asker = default_asker(workspace, surface="python")
    known = json.loads((workspace.root / "data" / "truth.json").read_text())["violating_messages"]["fraud"]
    _teach(workspace, asker, known)
    spent: dict[str, float] = {}

    def timed(step: str, run: Callable[[], object]) -> None:
        spent[step] = seconds_of(run)

    timed(
        "new",
        lambda: new_study(
            workspace, ID, asker=asker, frame="messages", policy="fraud", strata="surface", n=N, labels="model"
        ),
    )
    timed("plan", lambda: plan_study(workspace, ID, asker=asker))
    timed("approve", lambda: approve_study(workspace, ID, by="bench", budget_usd=0))
    timed("draw", lambda: draw_study(workspace, ID, asker=asker))
    _check(workspace, asker, set(known))
    timed("label", lambda: run_study(workspace, ID, asker=asker))
    timed("estimate", lambda: estimate_study(workspace, ID, asker=asker))
    timed("draft", lambda: draft_study(workspace, ID, asker=asker))
    timed("verify", lambda: _must_verify(workspace, asker))
    detail = ", ".join(f"{step} {seconds:.2f} s" for step, seconds in spent.items())
    what = f"{N:,} messages by the embedded labeller, end to end"
    yield Measured("study", what, sum(spent.values()), " s", None, detail)


def _teach(workspace: Workspace, asker: Asker, violating: list[str]) -> None:
    """Labels of messages outside the study, to learn from: half of them violating."""
    import duckdb

    with duckdb.connect(str(workspace.warehouse_path), read_only=True) as connection:
        sql = "select message_id from messages where not is_test order by md5(message_id) limit ?"
        others = [row[0] for row in connection.execute(sql, [LESSONS]).fetchall()]
    bad = violating[:LESSONS]
    rows = [(item, "violating") for item in bad] + [(item, "benign") for item in others if item not in violating]
    file = _write(workspace.root / "lessons.csv", rows)
    import_labels(
        read_label_file(file, zone=workspace.zone),
        policy=find_policy(workspace, "fraud"),
        find_unknown=lambda ids: find_unknown_items(workspace, ids),
        state=open_state(workspace),
        asker=asker,
    )


def _check(workspace: Workspace, asker: Asker, violating: set[str]) -> None:
    """People's labels of the first drawn messages."""
    with (workspace.root / "studies" / ID / "sample.csv").open(newline="") as sample:
        drawn = [row["message_id"] for row in csv.DictReader(sample)][:CHECKS]
    rows = [(item, "violating" if item in violating else "benign") for item in drawn]
    import_study_labels(workspace, ID, _write(workspace.root / "checks.csv", rows), asker=asker)


def _write(path: Path, rows: list[tuple[str, str]]) -> Path:
    lines = ["item,label,labeller", *(f"{item},{label},expert" for item, label in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def _must_verify(workspace: Workspace, asker: Asker) -> None:
    found = verify_study(workspace, ID, asker=asker)
    if not found.ok:
        raise AssertionError(f"the study does not verify: {found.differences[0]}")
