"""Groups whose value lies within bounds, and what is to be said of those that may lie on the other side."""

from __future__ import annotations

from collections.abc import Sequence

from tools.errors import Declined, InvalidInput
from tools.figure import Unit
from tools.metrics.outcome import CellKey
from tools.metrics.panel import Panel
from tools.metrics.query import Having, MetricQuery
from tools.metrics.session import Session
from tools.metrics.units import unit_for


def keep_within(keys: Sequence[CellKey], panel: Panel, query: MetricQuery, session: Session) -> list[CellKey]:
    """The keys whose cell of the first metric lies within `query.having`; hidden and undefined cells never do.

    Raises:
        InvalidInput: nothing is grouped by, or two states are compared.
        Declined: `no_data`, no group lies within the bounds.
    """
    assert query.having is not None
    if not (query.by or query.grain) or query.compare is not None or query.contrast is not None:
        raise InvalidInput("A threshold needs groups, and no comparison.", hint="Name what to group by.")
    known = [k for k in keys if (cell := panel.cells.get(k)) is not None and cell.value is not None]
    if not known:
        return list(keys)  # hidden, or undefined: what stands for them says why
    kept = [k for k in known if query.having.holds(float(panel.cells[k].value or 0))]
    if not kept:
        raise Declined(
            f"No group lies {describe_having(query.having, _unit(panel, session))}: of {len(known):,} none does.",
            reason="no_data",
            rule="threshold",
            hint=_nearest(panel, known, _unit(panel, session)),
        )
    _say(kept, known, len(keys), panel, query.having, session)
    return kept


def describe_having(having: Having, unit: Unit) -> str:
    """The bounds in words, those of a share in per cent."""
    scale, suffix = (100.0, "%") if unit == "share" else (1.0, "")
    words = {"above": "above", "at_least": "at or above", "below": "below", "at_most": "at or below"}
    return " and ".join(
        f"{said} {bound * scale:,.12g}{suffix}"
        for name, said in words.items()
        if (bound := getattr(having, name)) is not None
    )


def _nearest(panel: Panel, known: Sequence[CellKey], unit: Unit) -> str:
    scale, suffix = (100.0, "%") if unit == "share" else (1.0, "")
    values = [scale * float(panel.cells[k].value or 0) for k in known]
    if not values:
        return "No group has a value."
    return f"The values run from {min(values):,.6g}{suffix} to {max(values):,.6g}{suffix}."


def _unit(panel: Panel, session: Session) -> Unit:
    return "share" if panel.shared else unit_for(panel.metric, session.catalog)


def _say(
    kept: Sequence[CellKey], known: Sequence[CellKey], every: int, panel: Panel, having: Having, session: Session
) -> None:
    if len(kept) < len(known):
        session.caveats.append("Groups outside of the bounds are not shown.")
    if every > len(known):
        session.caveats.append("Some groups have no value that can be shown or compared.")
    sampled = [k for k in known if panel.cells[k].sampled]
    unsure = [k for k in sampled if _crosses(panel, k, having)]
    if unsure:
        session.caveats.append(
            "Some intervals reach across the bounds, so on which side those groups lie is not established."
        )


def _crosses(panel: Panel, key: CellKey, having: Having) -> bool:
    cell = panel.cells[key]
    bounds = (having.above, having.at_least, having.below, having.at_most)
    return any(b is not None and (cell.low or 0) < b < (cell.high or 0) for b in bounds)
