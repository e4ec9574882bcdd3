"""A process that imports labels and kills itself: `python -m tests.labeling.importer ROOT FILE POINT`.

POINT: before (the file is checked), inside (rows are written, the transaction is open), after, never.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Collection
from pathlib import Path

from sqlalchemy import event

from tools.labeling import find_policy, import_labels, read_label_file
from tools.state import open_state
from tools.workspace import default_asker, load_workspace


def main(root: Path, file: Path, point: str) -> None:
    workspace = load_workspace(root)
    state = open_state(workspace)

    def die_at(here: str) -> None:
        if here == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def find_unknown(items: Collection[str]) -> set[str]:
        die_at("before")
        return set()

    @event.listens_for(state.engine, "after_cursor_execute")
    def _after(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO labels"):
            die_at("inside")

    @event.listens_for(state.engine, "commit")
    def _committing(_c: object) -> None:
        die_at("committing")

    report = import_labels(
        read_label_file(file, zone=workspace.zone),
        policy=find_policy(workspace, "spam"),
        find_unknown=find_unknown,
        state=state,
        asker=default_asker(workspace, person="ann"),
    )
    die_at("after")
    print(report.added, report.present)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
