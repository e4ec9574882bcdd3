"""A red and a green gate on a scratch workspace: `python -m tests.transcripts.gate` writes docs/transcripts/gate.md.

Nothing in it is typed by hand but the cases and the two edits: every block is what the commands printed.
"""

from __future__ import annotations

import difflib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "transcripts" / "gate.md"
DEFINITIONS = "demo/metrics/integrity.yml"
RIGHT = "    numerator: {agg: sum, of: messages, column: n_reports}\n"
WRONG = "    numerator: {agg: count, of: messages, where: [{column: n_reports, above: 0}]}\n"
DAYS = [date(2026, 1, 21) + timedelta(days=i) for i in range(70)]

QUESTIONS = (Path(__file__).parent / "gate_questions.yml").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Ran:
    """One command line as a reader would see it."""

    line: str
    code: int
    out: str
    err: str

    @property
    def block(self) -> str:
        text = f"$ {self.line}\n{self.out.rstrip()}\n{self.err.rstrip()}".rstrip()
        return f"```console\n{text}\n$ echo $?\n{self.code}\n```\n"


def write_transcript(folder: Path) -> str:
    """The page, made in an empty folder."""
    return "\n".join(_parts(folder))


def _parts(folder: Path) -> Iterator[str]:
    yield _INTRODUCTION
    _must(_transect(folder, "demo", "demo"), 0)
    cases = folder / "evals"
    cases.mkdir()
    (cases / "questions.yml").write_text(QUESTIONS, encoding="utf-8")
    (cases / "days.yml").write_text(_days(), encoding="utf-8")
    yield _CASES + f"```yaml\n{QUESTIONS}```\n"
    gate = ["-w", "demo", "eval", "gate", "evals", "--baseline", "evals/baseline.json"]
    yield "What works today is written down once:\n"
    yield _must(_transect(folder, *gate, "--update-baseline"), 0).block
    yield _CHANGE
    definitions = folder / DEFINITIONS
    before = definitions.read_text(encoding="utf-8")
    assert before.count(RIGHT) == 1, f"{DEFINITIONS} does not hold the line that is changed"
    after = before.replace(RIGHT, WRONG)
    definitions.write_text(after, encoding="utf-8")
    changed = difflib.unified_diff(before.splitlines(), after.splitlines(), DEFINITIONS, DEFINITIONS, lineterm="", n=2)
    yield "```diff\n" + "\n".join(changed) + "\n```\n"
    yield "## Red\n"
    yield _must(_transect(folder, *gate), 1).block
    yield _RED
    definitions.write_text(before, encoding="utf-8")
    yield "## Green\n\nThe line is put back:\n"
    yield _must(_transect(folder, *gate), 0).block


def _days() -> str:
    """One case a day of ten weeks for each of two counts, so that the gate can see a drop of five points."""
    tables = {
        "messages": "messages where not is_test and created_at",
        "user reports": "user_reports where reported_at",
    }
    lines = ["# Enough cases that a drop of five points of the pass rate would show.", "workspace: .", "cases:"]
    for name, rows in tables.items():
        for day in DAYS:
            sql = f"select count(*) from {rows} >= '{day}' and {rows.rpartition(' ')[2]} < '{day + timedelta(days=1)}'"
            lines += [
                f"  - id: {name.replace(' ', '-')}-{day}",
                f"    question: {name} on {day}",
                f'    expect: {{kind: answer, sql: "{sql}"}}',
                "    why: one whole day",
            ]
    return "\n".join(lines) + "\n"


def _transect(folder: Path, *arguments: str) -> Ran:
    command = Path(sys.executable).with_name("transect")
    done = subprocess.run(
        [str(command), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return Ran(f"transect {' '.join(arguments)}", done.returncode, done.stdout, done.stderr)


def _must(ran: Ran, code: int) -> Ran:
    if ran.code != code:
        raise SystemExit(f"{ran.line} ended with {ran.code}, not {code}:\n{ran.out}{ran.err}")
    return ran


_INTRODUCTION = """\
# Transcript: a red and a green gate

Written by `python -m tests.transcripts.gate`; a test checks that this page is what the command prints today. A team
keeps a workspace (here the demo) and beside it `evals/`: questions with the numbers that they must bring. There,
`workspace: .` is the workspace that `-w` names. CI runs the same gate on every change:
[an example](../../examples/ci/github-actions.yml).
"""

_CASES = f"""\
`evals/questions.yml`; beside it `evals/days.yml` asks for messages and user reports on each of {len(DAYS)} days.

"""

_CHANGE = """\
## A change

Somebody simplifies a definition. It reads well, every check of the file passes, and `report rate` still answers:
"""

_RED = """\
The gate names what broke, by case and wording, and says that the new numbers would have been given as if they were
right. The breakdown broke with the number; the questions that are declined or asked back, and every day's counts, are
as before.
"""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="transect-transcript-") as scratch:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(write_transcript(Path(scratch)), encoding="utf-8")
    print(f"wrote {PAGE.name}")
