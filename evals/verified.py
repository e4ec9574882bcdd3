"""Verified queries as regression cases: each question is asked as a person would, and must give what was signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tools.access import Asker, decide
from tools.errors import Declined, TransectError
from tools.figure import Figure
from tools.metrics import MetricQuery, catalog_of, run_query
from tools.metrics.definitions import VerifiedQuery
from tools.metrics.usage import usage_of
from tools.workspace import Workspace

Outcome = Literal["as signed", "other reading", "not answered", "cannot be run"]


@dataclass(frozen=True)
class Replayed:
    """One verified query, asked again.

    Attributes:
        outcome: `cannot be run`: the signed query itself gives no figures any more.
        found: what came instead, in words; empty when it is as signed.
    """

    verified: VerifiedQuery
    outcome: Outcome
    found: str = ""


def replay_verified(workspace: Workspace, *, asker: Asker) -> tuple[Replayed, ...]:
    """Every verified query that the asker may see, in the order of the files.

    The signed query is run by itself, and the question is asked through the whole product; both must hold the same
    figures. What the figures are is not fixed: data grows.
    """
    catalog, policy = catalog_of(workspace), workspace.settings.access
    queries = [(v, MetricQuery.model_validate(v.query)) for v in catalog.verified_queries]
    return tuple(
        _replay(v, query, workspace, asker)
        for v, query in queries
        if not isinstance(decide(asker, usage_of(query, catalog), policy), Declined)
    )


def _replay(verified: VerifiedQuery, query: MetricQuery, workspace: Workspace, asker: Asker) -> Replayed:
    from agent import answer  # start-up
    from agent.state import Question

    try:
        signed = run_query(query, workspace=workspace, asker=asker)
    except TransectError as error:
        return Replayed(verified, "cannot be run", error.message)
    said = answer(Question(text=verified.question), workspace=workspace, asker=asker)
    if said.kind != "answer":
        return Replayed(verified, "not answered", f"{said.kind}: {said.headline}")
    same = _numbers(said.figures) == _numbers(signed.figures)
    return Replayed(verified, "as signed") if same else Replayed(verified, "other reading", said.headline)


def _numbers(figures: Sequence[Figure]) -> list[tuple[Any, ...]]:
    return [
        (f.metric, f.version, f.value, f.low, f.high, f.undefined, f.period, sorted(f.slice.items())) for f in figures
    ]


def replay_to_json(replayed: Sequence[Replayed]) -> dict[str, Any]:
    """The document of `eval verified --json`."""
    return {
        "verified": [
            {
                "question": r.verified.question,
                "by": r.verified.by,
                "on": r.verified.on.isoformat(),
                "outcome": r.outcome,
                "found": r.found,
            }
            for r in replayed
        ],
        "n": len(replayed),
        "as_signed": sum(r.outcome == "as signed" for r in replayed),
        "failed": len(failures(replayed)),
    }


def replay_to_markdown(replayed: Sequence[Replayed]) -> str:
    """The same as lines for people."""
    lines = [
        f"- {r.outcome}: \u201c{r.verified.question}\u201d, signed by {r.verified.by} on {r.verified.on}"
        + (f" ({r.found})" if r.found else "")
        for r in replayed
    ]
    as_signed = sum(r.outcome == "as signed" for r in replayed)
    if not replayed:
        return "There is no verified query that this role may see.\n"
    summary = f"{as_signed} of {len(replayed)} verified queries are answered as signed."
    return "\n".join([*lines, "", summary, ""])


def failures(replayed: Sequence[Replayed]) -> tuple[Replayed, ...]:
    """Those that came out otherwise than signed."""
    return tuple(r for r in replayed if r.outcome != "as signed")
