"""A first question that the new workspace can answer."""

from __future__ import annotations

from collections.abc import Sequence

from tools.ingest.english import plural
from tools.ingest.propose import Proposal
from tools.ingest.table_shape import TableShape
from tools.metrics.definitions import Proportion


def suggest_question(proposal: Proposal, tables: Sequence[TableShape]) -> str:
    """About a share if there is one, else an average, else how many rows there are."""
    largest = sorted(tables, key=lambda t: -t.rows)
    for table in largest:
        for metric in proposal.files[table.name].metrics:
            if isinstance(metric, Proportion) and metric.synonyms:
                return f"What is the {metric.synonyms[0]}?"
    for table in largest:
        for measure in proposal.files[table.name].datasets[0].measures:
            if "average" in measure.aggregations:
                return f"What is the average {measure.name.replace('_', ' ')}?"
    return f"How many {plural(largest[0].unit)} are there?"
