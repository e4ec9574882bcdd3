"""Run the whole matrix and count: `python -m tests.audience` prints it, `--out FILE` writes the page of evidence."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import yaml

from tests.audience.run_matrix import Result, run_matrix

SLACK = Path(__file__).parents[1] / "slack" / "audience.yml"
OUTCOMES = ("answer", "clarification", "declined", "invalid", "failed")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="write the page here as well")
    out = parser.parse_args().out
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="transect-audience-") as folder:
        results, left = run_matrix(Path(folder))
    page = _page(results, left)
    print(page)
    if out is not None:
        head = (
            "# The audience matrix, last run\n\n- command: python -m tests.audience --out docs/evidence/audience.md\n"
        )
        head += f"- duration: {time.perf_counter() - begun:.0f} s\n\n"
        out.write_text(head + page, encoding="utf-8")
    return int(any(r.problems for r in results) or bool(left))


def _page(results: list[Result], left: list[str]) -> str:
    leaked = sum(r.leaked for r in results)
    lines = [
        f"{len(results)} cases: {leaked} let a secret out, {sum(bool(r.problems) for r in results)} not as expected; "
        f"{len(left)} places in the workspace hold what nobody may know.",
        "",
        f"| surface | cases | {' | '.join(OUTCOMES)} | leaks |",
        "|---|" + "---:|" * (len(OUTCOMES) + 2),
    ]
    for surface in (*dict.fromkeys(r.surface for r in results), "all"):
        mine = [r for r in results if surface in (r.surface, "all")]
        ends = Counter(r.outcome for r in mine)
        counts = " | ".join(str(ends[outcome]) for outcome in OUTCOMES)
        lines.append(f"| {surface} | {len(mine)} | {counts} | {sum(r.leaked for r in mine)} |")
    if SLACK.is_file():
        slack = len(yaml.safe_load(SLACK.read_text(encoding="utf-8"))["cases"])
        lines += [
            "",
            f"Slack's {slack} cases (tests/slack/audience.yml) run with the bot: {len(results) + slack} in all.",
        ]
    lines += [f"- {r.surface}: {r.case.said}: {problem}" for r in results for problem in r.problems] + left
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
