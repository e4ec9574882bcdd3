"""A query of the semantic layer, answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tools.access import Asker, decide
from tools.errors import Declined
from tools.figure import Figure
from tools.metrics.catalog import Catalog, catalog_of
from tools.metrics.caveats import assumptions_of, caveats_of
from tools.metrics.check_scan import check_scan
from tools.metrics.cut import resolve_cut
from tools.metrics.definitions import Prevalence
from tools.metrics.figures import figures_of, table_of
from tools.metrics.outcome import CellKey
from tools.metrics.panel import Panel, hide_small, keep_top, panel_of, rank_keys
from tools.metrics.per import divide
from tools.metrics.profile import profile_of
from tools.metrics.query import MetricQuery, QueryResult
from tools.metrics.session import Session
from tools.metrics.threshold import keep_within
from tools.metrics.top import key_order
from tools.metrics.usage import time_usage, usage_of
from tools.metrics.values import ValueMatcher
from tools.metrics.visible import find_metric, visible_for
from tools.metrics.weigh_differences import weigh_differences

if TYPE_CHECKING:
    from tools.access import Policy
    from tools.workspace import Workspace


def run_query(query: MetricQuery, *, workspace: Workspace, asker: Asker, tested: bool = False) -> QueryResult:
    """The figures of a query, the table that shows them, the SQL that ran.

    With `tested`, each difference of full counts is also weighed as the outcome of a process.

    Figures come by row: for each cell each metric; with `compare` [difference, new, old] for each, with `contrast`
    [difference, first, second].

    Raises:
        InvalidInput: an unknown metric or dimension, a condition that does not fit.
        Declined: `not_permitted`, `no_data`, `unsupported_cut`, `underpowered`, `uncorrectable`, `small_cell`,
            `too_expensive`.
        InvalidWorkspace: the definitions do not fit one another or the data.
    """
    from tools.warehouse import open_warehouse  # start-up: duckdb

    catalog = catalog_of(workspace)
    policy = workspace.settings.access
    for name in (*query.metrics, *([query.per] if query.per is not None else [])):
        find_metric(name, catalog, asker=asker, policy=policy)
    query, catalog = divide(query, catalog)
    allowed = decide(asker, usage_of(query, catalog), policy)
    if isinstance(allowed, Declined):
        raise allowed
    profile = profile_of(workspace)
    session = Session(catalog, profile, open_warehouse(workspace), asker, allowed.min_cell, query.level)
    dated = _may_know_times(query, catalog, workspace, asker)
    panels = _panels(query, session, policy, scan_rows=workspace.settings.limits.scan_rows, dated=dated)
    keys, panels = _arrange(panels, query, session)
    if query.having is not None:
        keys = keep_within(keys, panels[0], query, session)
    figures, rows = figures_of(panels, keys, session, dated=dated)
    _decline_if_empty(figures, panels, session.min_cell)
    tests = weigh_differences(panels[0], keys, rows, session) if tested and len(panels) == 1 else ()
    return QueryResult(
        figures=figures,
        table=table_of(query, panels, keys, rows),
        sql=tuple(session.sql),
        assumptions=assumptions_of(query, panels, session),
        caveats=caveats_of(query, panels, session),
        tables=tuple(sorted(usage_of(query, catalog).tables)),
        receipts=tuple(session.receipts),
        tests=tests,
    )


def _panels(query: MetricQuery, session: Session, policy: Policy, *, scan_rows: int, dated: bool) -> list[Panel]:
    match = ValueMatcher(session.catalog, session.profile, session.warehouse, session.asker, session.min_cell)
    found = []
    for name in dict.fromkeys(query.metrics):
        metric = session.catalog.metric(name)
        visible = visible_for(name, session.catalog, asker=session.asker, policy=policy)
        cut = resolve_cut(query, name, catalog=session.catalog, profile=session.profile, match=match, visible=visible)
        periods = 1 if query.compare is None else 2
        check_scan(cut, session.profile, scan_rows=scan_rows, periods=periods, dated=dated)
        found.append(panel_of(metric, cut, query, session))
    return found


def _arrange(panels: list[Panel], query: MetricQuery, session: Session) -> tuple[list[CellKey], list[Panel]]:
    """Keys in the order of the answer; small cells hidden; with a limit, the rest folded or left out."""
    ranked = rank_keys(panels[0], query, session)
    timed = query.grain is not None and bool(query.by)
    for panel in panels[1:]:  # cells that only another metric has come last
        more = dict.fromkeys(k[1:] if timed else k for k in (*panel.cells, *(panel.old or {})))
        ranked += [k for k in sorted(more, key=key_order) if k not in set(ranked)]
    if query.limit is not None and len(ranked) > query.limit:
        kept, rest = ranked[: query.limit], ranked[query.limit :]
        cut = [keep_top(panel, kept, rest, session) for panel in panels]
        panels = [panel for panel, _ in cut]
        if not all(folded for _, folded in cut):
            session.caveats.append(f"{len(rest):,} more are not shown.")
        ranked = kept
    count = len({k for panel in panels for k in panel.cells})
    if count > session.most_cells:
        raise Declined(
            f"That would be {count:,} rows.", reason="too_expensive", value=count, hint="Ask for the top 10, or filter."
        )
    panels = [hide_small(panel, session) for panel in panels]
    found = dict.fromkeys(k for panel in panels for k in (*panel.cells, *(panel.old or {})))
    place = {key: i for i, key in enumerate(ranked)}
    if timed:
        return sorted(found, key=lambda k: (k[0], place.get(k[1:], len(place)), key_order(k[1:]))), panels
    return sorted(found, key=lambda k: (place.get(k, len(place)), key_order(k))), panels


def _may_know_times(query: MetricQuery, catalog: Catalog, workspace: Workspace, asker: Asker) -> bool:
    for name in query.metrics:
        for dataset in catalog.datasets_of(name):
            column = catalog.metric(name).time or dataset.time
            if column is None:
                continue
            if isinstance(decide(asker, time_usage(dataset, column), workspace.settings.access), Declined):
                return False
    return True


def _decline_if_empty(figures: Sequence[Figure], panels: Sequence[Panel], min_cell: int) -> None:
    """No row at all, or nothing that may be shown."""
    if not figures:
        raise Declined("No row matches these conditions.", reason="no_data", rule="no_rows")
    reasons = {f.undefined for f in figures}
    if reasons == {"small_cell"}:
        raise _too_few(panels, min_cell)
    if all(r is not None and r.startswith("fewer than ") for r in reasons):
        raise _underpowered(figures, panels)
    if all(f.basis == "sample" and f.value is None for f in figures) and reasons != {"no rows"}:
        _decline_unsupported(figures)


def _decline_unsupported(figures: Sequence[Figure]) -> None:
    """A cut whose rows lie in too few clusters of the sample has a value, and nothing to say how sure it is."""
    from tools.estimation.statistic import lacks_clusters  # start-up: a full count needs none of this

    if all(lacks_clusters(f.undefined or "") or f.undefined == "no rows" for f in figures):
        rows = max((f.n or 0 for f in figures), default=0)
        raise Declined(
            f"The sample does not support this cut: its {rows:,} rows lie in too few clusters to tell how sure the "
            "number would be.",
            reason="underpowered",
            rule="clusters",
            value=rows,
            hint="Ask for a wider group or a longer period, or sample more clusters of this one.",
        )


def _too_few(panels: Sequence[Panel], min_cell: int) -> Declined:
    """Nothing may be shown: the cells are small themselves, or what is excluded from them is."""
    cells = [cell for panel in panels for side in (panel.cells, panel.old or {}) for cell in side.values()]
    if not any(count < min_cell for cell in cells for count in cell.guard):
        return Declined(
            "What this question leaves out rests on too few people or positives to be shown to this audience, and the "
            "total minus the answer would give it.",
            reason="small_cell",
            rule="small_complement",
            hint="Leave out a larger group, or ask without the exclusion.",
        )
    return Declined(
        "Too few people or positives are behind this number for it to be shown to this audience.",
        reason="small_cell",
        hint="Ask about a larger group or a longer period.",
    )


def _underpowered(figures: Sequence[Figure], panels: Sequence[Panel]) -> Declined:
    """Too few rows for the metric's own `min_n`; more of them are labels only where rows are labelled."""
    metric = max((panel.metric for panel in panels), key=lambda m: m.min_n)
    most = max((f.n or 0 for f in figures if f.metric == metric.name), default=0)
    more = max(metric.min_n - most, 1)
    what = "label" if isinstance(metric, Prevalence) else "row"
    needed = f"{more:,} more {what}{'s are' if more > 1 else ' is'} needed"
    return Declined(
        f"The {metric.name.replace('_', ' ')} needs at least {metric.min_n:,} rows; there are {most:,}.",
        reason="underpowered",
        rule="min_n",
        value=most,
        hint=f"Ask for a longer period or a wider group: {needed}.",
    )
