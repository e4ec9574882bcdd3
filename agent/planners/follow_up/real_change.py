"""`is that a real change?`: the comparison before it once more, with what its interval says of it."""

from __future__ import annotations

import re

from agent.planners.embedded import Context
from agent.planners.embedded.canonical import write_query
from agent.state import Choice, ClarifyPlan, DeclinePlan, QueryPlan

_WHAT = r"(?:change|difference|rise|drop|increase|decrease|fall|effect|movement|trend|one|gap)"
_SURE = r"(?:statistically )?(?:real|really|significant|genuine|true|meaningful|noise|random|chance)"
_ASKED = re.compile(
    rf"(?i)^\W*(?:(?:and|so|but|ok|okay|hm+|well)\W+)*(?:is|was|are|were|could|can)(?:n't| not)? "
    rf"(?:that|this|it|the {_WHAT}|these|they)(?: {_WHAT})?(?: (?:be|a|an|really|just|due to|only))* {_SURE}"
    rf"(?: {_WHAT})?(?: or (?:is it )?(?:just |only )?(?:noise|chance|luck))?\W*$"
)


def read_real_change(text: str, *, before: QueryPlan, context: Context) -> QueryPlan | ClarifyPlan | DeclinePlan | None:
    """The comparison as a test; a question back, or a decline, where nothing was compared. None for other texts."""
    if _ASKED.match(text) is None:
        return None
    query = before.query
    if query.compare is not None or query.contrast is not None:
        return before.model_copy(update={"tested": True, "assumptions": ("It is asked of the comparison before.",)})
    if query.period is not None and query.grain is None:
        compared = query.model_copy(update={"compare": "previous", "having": None})
        choices = (Choice(label="against the period before", query=write_query(compared)),)
        return ClarifyPlan(question="A change from what?", choices=choices, understood=True)
    return DeclinePlan(
        reason="unsupported_cut",
        message="Nothing was compared before, so there is no change to test.",
        next_steps=("Compare two periods or two groups first.",),
        understood=True,
    )
