"""One case, as each surface takes it: how it ended, and everything that was shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from agent import answer
from agent.state import Answer, Question
from evals.ask import run_command
from evals.scorers.canaries import every_part
from tests.audience.case import Case
from tools.access import Asker
from tools.errors import Declined
from tools.labeling import reveal_item
from tools.state import open_state
from tools.workspace import load_workspace

_ENDS = {0: "answer", 1: "failed", 2: "invalid", 3: "declined", 4: "clarification"}
_GROUPS = {"metrics", "threads", "label", "study", "policy", "eval"}
_WITHOUT_ROLE = {"label", "policy", "doctor", "eval"}
_WITHOUT_JSON = {"label export", "eval report"}
_ONCE = {"label", "study", "sample"}  # what they do cannot be done twice


@dataclass(frozen=True)
class Shown:
    """How a case ended and what came out.

    Attributes:
        text: every string of the answer, document, page, error, chart and file that was written.
        numbers: label and number of each figure or row that was shown.
        withheld: labels of figures without a value.
    """

    outcome: str
    reason: str | None
    text: str
    numbers: tuple[tuple[frozenset[str], float], ...] = ()
    withheld: frozenset[str] = field(default_factory=frozenset)


def show(case: Case, workspace: Path, places: Mapping[str, str]) -> Shown:
    """Carry out one case, after what was said before it in its thread.

    Args:
        places: what `{name}` stands for among the words of a command.
    """
    thread = uuid4().hex[:12]
    for earlier in case.after:
        asker = Asker("somebody else", earlier.roles, earlier.before, surface="python")
        answer(Question(text=earlier.say), workspace=load_workspace(workspace), asker=asker, thread=thread)
    if case.ask is not None:
        return _ask(case, workspace, thread)
    if case.reveal is not None:
        return _reveal(case, workspace)
    return _run(case, workspace, {**places, "thread": thread})


def _ask(case: Case, workspace: Path, thread: str) -> Shown:
    place = load_workspace(workspace)
    asker = Asker("someone", case.roles, case.before, surface="python")
    return _of_answer(answer(Question(text=case.ask or ""), workspace=place, asker=asker, thread=thread))


def _of_answer(found: Answer) -> Shown:
    figures = [f.model_dump(mode="json") for f in found.figures]
    return Shown(found.kind, found.reason, every_part(found), *_numbers(figures, None))


def _reveal(case: Case, workspace: Path) -> Shown:
    place = load_workspace(workspace)
    asker = Asker("someone", case.roles, case.before, surface="python")
    try:
        text = reveal_item(place, case.reveal or "", reason="appeal", asker=asker, state=open_state(place))
    except Declined as declined:
        return Shown("declined", declined.reason, json.dumps(declined.to_dict()))
    return Shown("answer", None, text)


def _run(case: Case, workspace: Path, places: Mapping[str, str]) -> Shown:
    """For people, then for programs; both must end alike."""
    head, *rest = (word.format(**places) if "{" in word else word for word in case.run)
    inner = [rest.pop(0)] if head in _GROUPS else []
    roleless = head in _WITHOUT_ROLE or [head, *inner] == ["metrics", "check"]
    options = ["-w", str(workspace), *([] if roleless else ["--role", case.roles[0]])]
    code, page, aside = run_command(head, *inner, *options, *rest)
    written = [Path(places["out"]).read_text(encoding="utf-8")] if places["out"] in rest and not code else []
    text, document, reason = "\n".join([page, aside, *written]), None, None
    if head not in _ONCE and " ".join([head, *inner]) not in _WITHOUT_JSON:
        again, printed, more = run_command(head, *inner, *options, "--json", *rest)
        assert code == again, f"exit code {code} for people, {again} with --json"
        document = json.loads(printed)
        reason = (
            document.get("reason") or (document.get("error") or {}).get("code") if isinstance(document, dict) else None
        )
        text = "\n".join([text, printed, more, *_pictures(document)])
    figures = (document.get("figures") if isinstance(document, dict) else None) or []
    return Shown(_ENDS[code], reason, text, *_numbers(figures, document))


def _numbers(
    figures: list[dict[str, Any]], document: Any
) -> tuple[tuple[tuple[frozenset[str], float], ...], frozenset[str]]:
    rows: list[tuple[list[str], Any]] = []
    if figures:
        rows = [([str(v) for v in f["slice"].values()], f["value"]) for f in figures]
    elif isinstance(document, dict):
        rows = [([str(v) for v in row[:-1]], row[-1]) for row in document.get("rows") or []]
    shown = tuple((frozenset(labels), float(value)) for labels, value in rows if isinstance(value, int | float))
    return shown, frozenset(label for labels, value in rows if value is None for label in labels)


def _pictures(document: Any) -> list[str]:
    chart = (document.get("chart") if isinstance(document, dict) else None) or {}
    return [Path(chart["svg"]).read_text(encoding="utf-8")] if chart else []
