"""What `demo` and `init` did, for a person."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.output import bullet, embolden, near_path, print_table, wrap

if TYPE_CHECKING:
    from tools.demo import DemoReport
    from tools.ingest import InitReport

REPORTED_SHOWN = 10


def show_demo(report: DemoReport) -> None:
    """What was built, what relative dates mean in it, and what to try."""
    place = near_path(report.directory)
    rows = sum(report.rows.values())
    built = f"Built the {report.size} demo in {place}: {rows:,} rows in {len(report.rows)} tables"
    print(embolden(f"{built}, {report.seconds:.1f} s"))
    print(
        wrap(
            f'It holds 180 days of a made-up AI platform (seed {report.seed}). Relative dates such as "last week" '
            f"count from {report.today}, the day after the newest data: `today` in transect.toml. What is really true "
            f"of it is in {near_path(report.truth)}, which no role can read."
        )
    )
    print("\nTry:")
    for question in (
        "how many messages last week by surface?",
        "what is the violating message prevalence?",
        "which metrics are there?",
    ):
        print(f'  transect -w {shlex.quote(place)} ask "{question}"')


def show_init(report: InitReport) -> None:
    """The account of every file, what was assumed, and a question to begin with."""
    place = near_path(report.directory)
    tables = "1 table" if len(report.tables) == 1 else f"{len(report.tables)} tables"
    print(embolden(f"Made the workspace {place}: {len(report.metrics)} metrics over {tables}"))
    print()
    print_table(
        ("table", "file", "rows in file", "loaded", "left out"),
        [(t.table, Path(t.file).name, t.rows_in_file, t.rows_loaded, t.rows_reported) for t in report.tables],
    )
    for row in report.reported[:REPORTED_SHOWN]:
        print(wrap(f"{row.file}:{row.line}: {row.reason}", label="left out"))
    if len(report.reported) > REPORTED_SHOWN:
        print(wrap("every row left out is in data/reported_rows.csv of the workspace", label="more"))
    for declined in report.declined:
        place = f"{declined.file}:{declined.line}" if declined.line else declined.file
        print(wrap(f"{place}: {declined.reason}", label="declined"))
    if report.assumptions:
        print("\nAssumed:")
        for assumption in report.assumptions:
            print(bullet(assumption))
    print(f"\nEdit {os.path.join(place, 'metrics')}/*.yml: names, synonyms, owners. Then:")
    print(f'  transect -w {shlex.quote(place)} ask "{report.next_question}"')
