"""Whole studies of the SMS messages: `python -m tests.simulations.study [--full] [--out FILE]`.

Each seed is a stratified study of 400 messages whose labels are the data's own: drawn by hash, labelled, estimated by
the functions that `transect study` calls. Some of the seeds also run through the command line, every step of them.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulations.__main__ import commit_of
from tools.estimation.intervals import clopper_pearson, wilson
from tools.figure import Figure
from tools.sampling import Unit, draw_plain
from tools.study import Plan, new_study, plan_study
from tools.study.drawn import DrawnItem
from tools.study.estimate_study import make_estimate
from tools.study.settle_labels import StandingLabel
from tools.workspace import Workspace, default_asker, load_workspace

DATA = Path(__file__).parents[2] / "../shared/data/sms_spam/messages.csv"
FULL, SHORT = 2_000, 100
COMPLETE, SHORT_COMPLETE = 20, 2
N = 400
LEAST = 0.935
POLICY = """---
id: spam
version: 1
labels: [spam, ham]
owner: trust
---
# Spam

A message that was not asked for and sells, begs or lures.
"""


@dataclass(frozen=True)
class Messages:
    """The data: id -> whether it is spam, and its band of length."""

    spam: dict[str, bool]
    band: dict[str, str]

    @property
    def truth(self) -> float:
        return sum(self.spam.values()) / len(self.spam)


@dataclass(frozen=True)
class Coverage:
    """What the seeds gave."""

    seeds: int
    covered: int
    too_low: int
    too_high: int
    width: float
    width_simple: float
    cpu_seconds: float

    @property
    def share(self) -> float:
        return self.covered / self.seeds


def read_messages() -> Messages:
    """The messages; the band of length is known before anybody labels."""
    with DATA.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    spam = {row["message_id"]: row["is_spam"] == "1" for row in rows}
    return Messages(spam, {row["message_id"]: _band(len(row["text"])) for row in rows})


def build_workspace(root: Path, messages: Messages, transect: Callable[..., str]) -> Workspace:
    """A workspace by `transect init` from a frame of ids and bands; the truth is not in it."""
    frame = root.parent / "messages.csv"
    lines = ["message_id,length_band", *(f"{id},{band}" for id, band in messages.band.items())]
    frame.write_text("\n".join(lines) + "\n")
    transect("init", root, "--data", frame)
    (root / "policies").mkdir()
    (root / "policies" / "spam.md").write_text(POLICY)
    return load_workspace(root)


def plan_once(workspace: Workspace, *, id: str = "coverage") -> Plan:
    """The plan of the study; a seed changes the draw and nothing else of it."""
    asker = default_asker(workspace, surface="python")
    new_study(workspace, id, asker=asker, frame="messages", strata="length_band", n=N, prevalence=0.13, seed=0)
    return plan_study(workspace, id, asker=asker)


def run_seeds(plan: Plan, messages: Messages, seeds: Sequence[int]) -> Coverage:
    """Draw, label and estimate each seed."""
    units = [Unit(id, stratum=band) for id, band in messages.band.items()]
    begun, truth = time.process_time(), messages.truth
    found = [estimate_seed(plan, messages, units, seed) for seed in seeds]
    limits = [(f.low or 0.0, f.high or 1.0) for f in found]
    simple = clopper_pearson(truth * N, N, level=0.95)
    return Coverage(
        seeds=len(found),
        covered=sum(low <= truth <= high for low, high in limits),
        too_low=sum(high < truth for _, high in limits),
        too_high=sum(low > truth for low, _ in limits),
        width=sum(high - low for low, high in limits) / len(found),
        width_simple=simple.high - simple.low,
        cpu_seconds=time.process_time() - begun,
    )


def estimate_seed(plan: Plan, messages: Messages, units: Sequence[Unit], seed: int) -> Figure:
    """The overall figure of one seed."""
    drawn = draw_plain(units, plan.design, seed=seed, stage=plan.stage)
    labels = [StandingLabel(d.id, "spam" if messages.spam[d.id] else "ham", "truth", "import") for d in drawn]
    items = [DrawnItem(d.id, d.stratum or "") for d in drawn]
    return make_estimate(plan, items, labels, sample_hash="", actors=None).figures[0]


def complete_run(workspace: Workspace, messages: Messages, seed: int, transect: Callable[..., str]) -> Figure:
    """One study through the command line, from `new` to `sign`; its overall figure."""
    id, root = f"sms-{seed}", workspace.root
    study = ("-w", root, "study")
    transect(*study, "new", id, "--frame", "messages", "--strata", "length_band", "--n", N, "--seed", seed)
    transect(*study, "plan", id)
    transect(*study, "approve", id, "--by", "ana", "--budget", 100)
    transect(*study, "draw", id)
    with (root / "studies" / id / "sample.csv").open(newline="") as file:
        drawn = [row["message_id"] for row in csv.DictReader(file)]
    labels = root.parent / f"labels-{seed}.csv"
    rows = (f"{each},{'spam' if messages.spam[each] else 'ham'}" for each in drawn)
    labels.write_text("\n".join(["message_id,verdict", *rows]) + "\n")
    transect(*study, "label", id, "--import", labels, "--item", "message_id", "--label", "verdict", "--by", "truth")
    transect(*study, "estimate", id)
    transect(*study, "draft", id)
    transect(*study, "sign", id, "--by", "ana")
    transect(*study, "verify", id)
    document = json.loads((root / "studies" / id / "estimate.json").read_text())
    return Figure.model_validate(document["figures"][0])


def command_line(*arguments: object) -> str:
    """`transect` in this process; what it printed, when it ended well."""
    from agent.cli.main import run

    printed = StringIO()
    with redirect_stdout(printed):
        code = run([str(each) for each in arguments])
    if code != 0:
        raise AssertionError(f"transect {' '.join(map(str, arguments))} ended with {code}: {printed.getvalue()}")
    return printed.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulations.study", description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} seeds and {COMPLETE} complete runs")
    parser.add_argument("--out", type=Path, help="write the report here; default: stdout")
    options = parser.parse_args()
    if not DATA.is_file():
        print("The shared data is absent: sms_spam/messages.csv", file=sys.stderr)
        return 0
    seeds, complete = (FULL, COMPLETE) if options.full else (SHORT, SHORT_COMPLETE)
    messages = read_messages()
    with TemporaryDirectory() as folder:
        workspace = build_workspace(Path(folder) / "sms", messages, command_line)
        plan = plan_once(workspace)
        found = run_seeds(plan, messages, range(seeds))
        print(f"{seeds:,} seeds: {found.share:.4f} in {found.cpu_seconds:.0f} s of CPU", file=sys.stderr)
        begun = time.process_time()
        figures = [complete_run(workspace, messages, seed, command_line) for seed in range(complete)]
        ended = time.process_time() - begun
        units = [Unit(id, stratum=band) for id, band in messages.band.items()]
        same = sum(each == estimate_seed(plan, messages, units, seed) for seed, each in enumerate(figures))
    report = write_report(found, figures, same=same, truth=messages.truth, full=options.full, cpu_seconds=ended)
    if options.out:
        options.out.write_text(report, encoding="utf-8")
    else:
        print(report)
    return 0 if found.share >= LEAST and same == len(figures) else 1


def write_report(
    found: Coverage, figures: Sequence[Figure], *, same: int, truth: float, full: bool, cpu_seconds: float
) -> str:
    """The evidence as Markdown."""
    monte_carlo = wilson(found.share, found.seeds, level=0.99)
    held = sum((f.low or 0) <= truth <= (f.high or 1) for f in figures)
    width = found.width / found.width_simple
    command = "python -m tests.simulations.study" + (" --full" if full else "")
    return f"""# Whole studies of the SMS messages

- commit: {commit_of()}
- command: {command}
- seeds: 0..{found.seeds - 1}, fixed before the run
- duration: {found.cpu_seconds:.0f} s of CPU for the seeds, {cpu_seconds:.0f} s for the complete runs, one process
- design: stratified by band of length (short, medium, long), proportional allocation, n = {N} of 5,574; labels are the
  data's own; the interval is the default one

| | |
|---|---:|
| truth | {truth:.5f} |
| intervals that hold it | {found.covered:,} of {found.seeds:,} ({100 * found.share:.2f} %) |
| 99 % Monte Carlo limits | {100 * monte_carlo.low:.2f} % to {100 * monte_carlo.high:.2f} % |
| intervals wholly below, wholly above | {found.too_low:,}, {found.too_high:,} |
| mean width, over that of Clopper-Pearson for a simple random sample of as many | {width:.3f} |
| asked for | at least {100 * LEAST:.1f} % |

{len(figures)} of the seeds ran through the command line, every step: new, plan, approve, draw, label, estimate, draft,
sign, verify. All ended with 0 and verified byte for byte; {held} of {len(figures)} intervals hold the truth, and {same} of
{len(figures)} figures are those that the same seed has above.
"""


def _band(length: int) -> str:
    return "short" if length < 60 else "medium" if length < 120 else "long"


if __name__ == "__main__":
    sys.exit(main())
