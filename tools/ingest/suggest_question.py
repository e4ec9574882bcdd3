"""A first question that the new workspace can answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.ingest.english import plural
from tools.ingest.propose import Proposal
from tools.ingest.table_shape import TableShape
from tools.metrics.definitions import Proportion


def suggest_question(proposal: Proposal, tables: Sequence[TableShape]) -> str:
    """About the share of a flag if there is one, else of a value, else an average, else the number of rows."""
    largest = sorted(tables, key=lambda t: -t.rows)
    shares = list(_shares(proposal, largest))
    flags = [phrase for phrase, flag in shares if flag]
    averages = [
        f"average {measure.name.replace('_', ' ')}"
        for table in largest
        for measure in proposal.files[table.name].datasets[0].measures
        if "average" in measure.aggregations
    ]
    for phrase in (*flags, *(phrase for phrase, _ in shares), *averages):
        if " in " not in phrase:
            return f"What is the {phrase}?"
    return f"How many {plural(largest[0].unit)} are there?"


def _shares(proposal: Proposal, tables: Sequence[TableShape]) -> Iterator[tuple[str, bool]]:
    for table in tables:
        flags = {c.name for c in table.of_kind("flag")}
        for metric in proposal.files[table.name].metrics:
            if isinstance(metric, Proportion) and metric.synonyms:
                yield metric.synonyms[0], metric.positive.column in flags
