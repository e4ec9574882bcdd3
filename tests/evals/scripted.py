"""Answers written by hand, for examining the examiner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.state import Answer, Choice, DefinitionRef, Provenance
from evals.ask import Ask, Asking, Said
from tools.figure import Figure

TEXT = "### Answer\n{said}\n### How this was found\nCounted every row.\n### Caveats\nNone."


def figure(value: float | None, **changes: Any) -> Figure:
    """A full count, unless told otherwise."""
    given: dict[str, Any] = {
        "id": "f1",
        "metric": "orders",
        "unit": "count",
        "basis": "full_count",
        "method": "full count",
    }
    return Figure(**{**given, "value": value, **changes})


def answered(*figures: Figure, said: str = "Done.", **changes: Any) -> Answer:
    """An answer that keeps every law."""
    given: dict[str, Any] = {
        "kind": "answer",
        "headline": said,
        "text": TEXT.format(said=said),
        "figures": figures,
        "sql": ("select 1",) if figures else (),
        "provenance": Provenance(definitions=(DefinitionRef(name="orders", version=1, owner="shop"),)),
    }
    return Answer(**{**given, **changes})


def declined(reason: str) -> Answer:
    return Answer(kind="declined", headline="No.", text="No.", reason=reason)


def asked_back(*queries: str) -> Answer:
    choices = tuple(Choice(label=query, query=query) for query in queries)
    return Answer(kind="clarification", headline="Which one?", text="Which one?", choices=choices)


def scripted(answers: Mapping[str, Answer | Exception]) -> Ask:
    """An answer function that knows these questions and declines all others as off topic."""

    def ask(asking: Asking) -> Said:
        found = answers.get(asking.text, declined("off_topic"))
        if isinstance(found, Exception):
            raise found
        return Said(found)

    return ask
