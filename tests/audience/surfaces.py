"""One case, as each surface takes it: how it ended, and everything that was shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent import answer
from agent.state import Answer, Question
from evals.ask import run_command
from evals.scorers.canaries import every_part
from tests.audience.case import Case
from tools.access import Asker
from tools.figure import Figure
from tools.workspace import load_workspace

_ENDS = {0: "answer", 1: "failed", 2: "invalid", 3: "declined", 4: "clarification"}


@dataclass(frozen=True)
class Shown:
    """How a case ended and what came out.

    Attributes:
        text: every string of the answer, document, page, error and chart.
        numbers: label and number of each figure or row that was shown.
        withheld: labels of figures without a value.
    """

    outcome: str
    reason: str | None
    text: str
    numbers: tuple[tuple[frozenset[str], float], ...] = ()
    withheld: frozenset[str] = field(default_factory=frozenset)


def show(case: Case, workspace: Path) -> Shown:
    """Carry out one case."""
    return _ask(case, workspace) if case.ask is not None else _run(case, workspace)


def _ask(case: Case, workspace: Path) -> Shown:
    place = load_workspace(workspace)
    asker = Asker("someone", case.roles, case.before, surface="python")
    found = answer(Question(text=case.ask or ""), workspace=place, asker=asker)
    return _of_answer(found)


def _of_answer(found: Answer) -> Shown:
    figures = [f.model_dump(mode="json") for f in found.figures]
    return Shown(found.kind, found.reason, every_part(found), *_numbers(figures, None))


def _run(case: Case, workspace: Path) -> Shown:
    """For people, then for programs; both must end alike."""
    head, *rest = case.run
    options = ["-w", str(workspace), "--role", case.roles[0]]
    inner = [rest.pop(0)] if head == "metrics" else []
    code, page, aside = run_command(head, *inner, *options, *rest)
    again, document, more = run_command(head, *inner, *options, "--json", *rest)
    assert code == again, f"exit code {code} for people, {again} with --json"
    found: Any = json.loads(document)
    reason = found.get("reason") or found.get("error", {}).get("code")
    charts = _pictures(found)
    text = "\n".join([page, aside, document, more, *charts])
    return Shown(_ENDS[code], reason, text, *_numbers(found.get("figures") or [], found))


def _numbers(
    figures: list[dict[str, Any]], document: Mapping[str, Any] | None
) -> tuple[tuple[tuple[frozenset[str], float], ...], frozenset[str]]:
    if figures or document is None:
        rows = [([str(v) for v in f["slice"].values()], f["value"]) for f in figures]
    else:
        rows = [([str(v) for v in row[:-1]], row[-1]) for row in document.get("rows") or []]
    shown = tuple((frozenset(labels), float(value)) for labels, value in rows if isinstance(value, int | float))
    return shown, frozenset(label for labels, value in rows if value is None for label in labels)


def _pictures(document: Mapping[str, Any]) -> list[str]:
    chart = document.get("chart") or {}
    return [Path(chart["svg"]).read_text(encoding="utf-8")] if chart else []


__all__ = ["Figure", "Shown", "show"]
