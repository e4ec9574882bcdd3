"""Published capture histories, from the reference file."""

from __future__ import annotations

from typing import Any

from tests.estimation.survey_data import reference
from tools.estimation.hidden import Histories, count_histories


def published(name: str) -> dict[str, Any]:
    return dict(reference("hidden_population.json")["values"][name])


def histories_of(counts: dict[str, int]) -> Histories:
    """Histories such as `0110`, lists named A, B, C, ..."""
    digits = list(counts)
    lists = "ABCDEFGH"[: len(digits[0])]
    return count_histories(lists, [[int(d) for d in history] for history in digits], [counts[h] for h in digits])


def hares() -> Histories:
    return histories_of(published("snowshoe_hare")["histories"])


def hepatitis() -> Histories:
    return histories_of(published("taiwan_hav")["counts"])
