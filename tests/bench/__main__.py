"""`make bench`: how fast, against what, with goals. Writes docs/evidence/bench.md and bench.json."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import geometric_mean, median

import duckdb

from tests.bench.agreement import measure_agreements
from tests.bench.assisted import measure_assisted
from tests.bench.draws import measure_draws
from tests.bench.estimates import measure_estimates
from tests.bench.hidden import measure_hidden
from tests.bench.labels import measure_labels
from tests.bench.measure import cpu_of, quantile, ratio_of, seconds_of
from tests.bench.planning import measure_planning
from tests.bench.questions import BY_KIND, COMPARED, QUESTIONS
from tests.bench.report import Measured, write_table
from tests.bench.slack_ack import measure_ack
from tests.bench.study import measure_study
from tests.bench.survey import measure_survey
from tests.bench.turns import measure_turns
from tests.bench.untrusted import measure_untrusted
from tools.demo import build_demo
from tools.metrics import MetricQuery
from tools.version import VERSION
from tools.workspace import Workspace, default_asker, load_workspace

ROOT = Path(__file__).parents[2]
EVIDENCE = ROOT / "docs" / "evidence"
BASELINE = "import langgraph.graph, duckdb, pydantic"


def main() -> int:
    """Measure everything; the exit code is 1 when a goal is missed."""
    begun = time.monotonic()
    rows: list[Measured] = []
    with tempfile.TemporaryDirectory() as folder:
        demo = Path(folder) / "demo"
        seconds = seconds_of(lambda: build_demo(demo))
        rows.append(Measured("demo", "build (small)", seconds, " s", 20))
        workspace, medium = load_workspace(demo), Path(folder) / "medium"
        sizes = (10_000_000, 100_000_000) if os.environ.get("BENCH") == "large" else (10_000_000,)
        for measure in (
            measure_metrics(workspace),
            measure_medium(medium),
            measure_answers(workspace),
            measure_planning(Path(folder)),
            measure_turns(workspace),
            measure_start_up(demo),
            measure_ack(demo),
            measure_study(workspace),
            measure_labels(),
            measure_agreements(),
            measure_hidden(),
            measure_assisted(Path(folder)),
            measure_draws(Path(folder), rows=sizes),
            measure_estimates(Path(folder)),
            measure_survey(Path(folder)),
            measure_untrusted(medium, Path(folder)),
        ):
            for row in measure:
                rows.append(row)
                print(f"{row.part}: {row.what}: {row.value:.3g}{row.unit} {row.detail}", flush=True)
    write_evidence(rows, seconds=time.monotonic() - begun)
    missed = [row for row in rows if row.met is False]
    print(f"{len(rows) - len(missed)} of {len(rows)} measurements meet their goals or have none")
    return 1 if missed else 0


def measure_medium(demo: Path) -> Iterator[Measured]:
    """The demo of 5 million messages: its build, then the same queries and questions."""
    built = seconds_of(lambda: build_demo(demo, size="medium"))
    yield Measured("demo", "build (medium)", built, " s", 120)
    workspace = load_workspace(demo)
    yield from measure_metrics(workspace, size="medium", rounds=11)
    yield from measure_kinds(workspace, time_answers(workspace, rounds=5), size="medium")


def measure_metrics(workspace: Workspace, *, size: str = "small", rounds: int = 41) -> Iterator[Measured]:
    """Compiled SQL against SQL by hand, each through the same read-only connection; then the whole query."""
    from tools.metrics import run_query
    from tools.warehouse import open_warehouse

    warehouse, asker = open_warehouse(workspace), default_asker(workspace)
    part = f"compiled / by hand ({size})"
    ratios, wholes = [], []
    for item in COMPARED:
        result = run_query(item.query, workspace=workspace, asker=asker)
        by_hand = warehouse.run_compiled(item.sql, asker=asker)
        check_same(item.name, [f.value for f in result.figures], [row[-1] for row in by_hand.rows])

        def compiled(statements: tuple[str, ...] = result.sql) -> None:
            for statement in statements:
                warehouse.run_compiled(statement, asker=asker)

        def whole(query: MetricQuery = item.query) -> None:
            run_query(query, workspace=workspace, asker=asker)

        def hand(statement: str = item.sql) -> None:
            warehouse.run_compiled(statement, asker=asker)

        ratio, ours, theirs = ratio_of(compiled, hand, rounds=rounds)
        whole_ratio, whole_seconds, _ = ratio_of(whole, hand, rounds=rounds)
        ratios.append(ratio)
        wholes.append(whole_ratio)
        detail = f"{ours * 1000:.2f} ms against {theirs * 1000:.2f} ms; figures and all {whole_seconds * 1000:.2f} ms"
        yield Measured(part, item.name, ratio, "x", 1.1, detail)
    yield Measured(part, "geometric mean of all", geometric_mean(ratios), "x", 1.1)
    yield Measured(part, "with planning, checks and figures", geometric_mean(wholes), "x", None)


def check_same(name: str, ours: list[float | int | None], theirs: list[float | int | None]) -> None:
    """Both sides must give the same numbers before their times are compared."""
    a, b = (sorted(float(v) for v in side if v is not None) for side in (ours, theirs))
    if len(a) != len(b) or any(abs(x - y) > 1e-9 * max(abs(x), abs(y), 1) for x, y in zip(a, b, strict=True)):
        raise AssertionError(f"{name}: compiled gives {a[:5]}, by hand {b[:5]}")


def measure_answers(workspace: Workspace, *, rounds: int = 10) -> Iterator[Measured]:
    """Warm `answer`: every question once to warm up, then in turn."""
    from agent import answer
    from agent.state import Question

    asker = default_asker(workspace, surface="python")
    kinds = [answer(Question(text=text), workspace=workspace, asker=asker).kind for text in QUESTIONS]
    times = time_answers(workspace, rounds=rounds)
    every = [t for taken in times.values() for t in taken]
    slowest = max(times, key=lambda text: median(times[text]))
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
    yield Measured(
        "warm answer", "p50", quantile(every, 0.50) * 1000, " ms", 100, f"{len(QUESTIONS)} questions: {counts}"
    )
    detail = f'slowest: "{slowest}", {median(times[slowest]) * 1000:.0f} ms'
    yield Measured("warm answer", "p95", quantile(every, 0.95) * 1000, " ms", 300, detail)
    yield from measure_kinds(workspace, times, size="small")


def measure_kinds(workspace: Workspace, times: dict[str, list[float]], *, size: str) -> Iterator[Measured]:
    """By kind of question, beyond the time that its SQL takes by itself through the same connection."""
    from agent import answer
    from agent.state import Question
    from tools.warehouse import open_warehouse

    warehouse, asker = open_warehouse(workspace), default_asker(workspace, surface="python")
    for kind, questions in BY_KIND.items():
        beyond: list[float] = []
        alone: list[float] = []
        for text in questions:
            statements = answer(Question(text=text), workspace=workspace, asker=asker).sql

            def run(statements: tuple[str, ...] = statements) -> None:
                for statement in statements:
                    warehouse.run_compiled(statement, asker=asker)

            own = median(seconds_of(run) for _ in range(5)) if statements else 0.0
            alone.append(own)
            beyond += [max(t - own, 0.0) for t in times[text]]
        detail = f"p95 {quantile(beyond, 0.95) * 1000:.0f} ms; its SQL alone {median(alone) * 1000:.1f} ms"
        what = f"{kind}, p50 beyond its SQL"
        yield Measured(f"warm answer, {size}", what, median(beyond) * 1000, " ms", 100, detail)


def time_answers(workspace: Workspace, *, rounds: int) -> dict[str, list[float]]:
    """Seconds of every question, all of them in turn; a first round only warms up."""
    from agent import answer
    from agent.state import Question

    asker = default_asker(workspace, surface="python")
    times: dict[str, list[float]] = {text: [] for text in QUESTIONS}
    for number in range(rounds + 1):
        for text in QUESTIONS:
            asked = Question(text=text)
            taken = seconds_of(lambda asked=asked: answer(asked, workspace=workspace, asker=asker))  # type: ignore[misc]
            times[text] += [taken] if number else []
    return times


def measure_start_up(demo: Path, *, rounds: int = 11) -> Iterator[Measured]:
    """CPU of whole commands, in turn with the baseline."""
    transect = [sys.executable, "-m", "transect"]
    commands = {
        "baseline": [sys.executable, "-c", BASELINE],
        "--version": [*transect, "--version"],
        "--help": [*transect, "--help"],
        "ask": [*transect, "-w", str(demo), "ask", "how many messages last week?"],
        "ask a prevalence": [*transect, "-w", str(demo), "ask", "what is the violating message prevalence?"],
        "ask and draw": [*transect, "-w", str(demo), "ask", "how many messages last week by surface?"],
    }
    for command in commands.values():
        cpu_of(command, folder=ROOT)
    spent: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            spent[name].append(cpu_of(command, folder=ROOT))
    base = median(spent["baseline"])
    yield Measured("CPU of the command line", f'baseline: python -c "{BASELINE}"', base * 1000, " ms", None)
    yield Measured("CPU of the command line", "--version", median(spent["--version"]) * 1000, " ms", 100)
    yield Measured("CPU of the command line", "--help", median(spent["--help"]) * 1000, " ms", 250)
    for name, goal in (("ask", 1.5), ("ask a prevalence", None), ("ask and draw", None)):
        ratio = median(a / b for a, b in zip(spent[name], spent["baseline"], strict=True))
        detail = f"{median(spent[name]) * 1000:.0f} ms against {base * 1000:.0f} ms"
        yield Measured("CPU of the command line", f"{name} / baseline", ratio, "x", goal, detail)


def write_evidence(rows: list[Measured], *, seconds: float) -> None:
    """The table for people and the same as JSON, with what is needed to run it again."""
    about = {
        "command": "make bench",
        "commit": git("rev-parse", "--short=12", "HEAD")
        + (" and changes not committed" if git("status", "--porcelain") else ""),
        "version": VERSION,
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "on": datetime.now(UTC).date().isoformat(),
        "seed": 7,
        "seconds": round(seconds, 1),
    }
    EVIDENCE.mkdir(parents=True, exist_ok=True)
    measured = [{**asdict(row), "met": row.met} for row in rows]
    (EVIDENCE / "bench.json").write_text(json.dumps({"about": about, "measured": measured}, indent=1) + "\n")
    lines = "\n".join(f"- {name}: {value}" for name, value in about.items())
    page = f"""# Speed

Written by `make bench`. Both sides of a ratio ran in turn, in one process or one run; a ratio is the median of the
rounds' ratios. CPU is user and system time of the child process.

{lines}

{write_table(rows)}
"""
    (EVIDENCE / "bench.md").write_text(page)


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
