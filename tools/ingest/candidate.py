"""A proposed metric before names and words are settled."""

from __future__ import annotations

from dataclasses import dataclass, field

from tools.metrics.definitions import Metric


@dataclass(frozen=True)
class Candidate:
    """A metric of a table and the phrases that might name it; the stronger claim on a phrase wins."""

    metric: Metric
    table: str
    words: dict[str, int] = field(default_factory=dict)
