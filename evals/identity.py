"""What makes a case the same case: hashes of its wordings and of what it expects."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from evals.case import Case
from evals.recipes import Recipe, read_script

HELD_OUT = "heldout"
_DECIDING = {"audience", "surface", "canaries", "follow_ups", "study"}


def hash_wording(wording: str) -> str:
    """Twelve hexadecimal digits of a wording, exactly as typed."""
    return hashlib.sha256(wording.encode()).hexdigest()[:12]


def hash_expectation(case: Case, recipes: Mapping[str, Recipe]) -> str:
    """Twelve digits of all that decides whether an answer is right: workspace, readers, surface and what is expected.

    Wordings are told apart by their own hashes. `why` and `tags` are words for people and do not count.
    """
    recipe = recipes.get(case.workspace or "")
    parts: dict[str, Any] = {
        "workspace": recipe.model_dump(mode="json", exclude_defaults=True) if recipe else case.workspace,
        "script": read_script(recipe) if recipe else "",
        "role": case.role,
        "expect": case.expect.model_dump(mode="json", exclude_defaults=True),
    }
    more = case.model_dump(mode="json", include=_DECIDING, exclude_defaults=True)
    parts |= more  # absent keys are left out, so that a case's hash outlives new parts of the format
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def hash_suite(cases: Mapping[str, tuple[str, Iterable[str]]]) -> str:
    """One hash of a suite: `{case: (expectation hash, wording hashes)}`, in any order."""
    parts = {name: [expectation, *sorted(wordings)] for name, (expectation, wordings) in cases.items()}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def hash_cases(cases: Iterable[Case], recipes: Mapping[str, Recipe]) -> str:
    """One hash of cases as they are now: what they ask and what they expect."""
    return hash_suite(
        {
            shown_name(case.id, case.tags): (hash_expectation(case, recipes), [hash_wording(w) for w in case.wordings])
            for case in cases
        }
    )


def shown_name(case: str, tags: Iterable[str]) -> str:
    """The case's id; for a held-out case only that it is one, so that nobody builds towards it."""
    return f"{HELD_OUT}-{hash_wording(case)[:8]}" if HELD_OUT in tags else case
