"""Agreement between raters: labels per item in SQL, alpha or the share of agreeing pairs per cell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tools.metrics.cut import Cut
from tools.metrics.definitions import Agreement
from tools.metrics.outcome import CellKey, Outcome
from tools.metrics.sample import from_estimate
from tools.metrics.selection import Selection, indent, select_sql, unique_names
from tools.metrics.session import Session, cell_key
from tools.metrics.sql import Values, quote


def agreement_cells(metric: Agreement, cut: Cut, session: Session) -> dict[CellKey, Outcome]:
    """Every cell with a label. Of several labels by one rater on one item the last one counts.

    A table of labels that is not a sample is a full count without interval; a sample's interval is over items.
    """
    values = Values()
    selection = session.select(metric.of, cut, values, metric)
    width = len(cut.keys) + (cut.grain is not None)
    sampled = selection.dataset.design is not None
    sql = _counts_sql(metric, selection) if sampled else _coincidences_sql(metric, selection)
    grouped: dict[CellKey, list[tuple[Any, ...]]] = {} if width else {(): []}
    for row in sorted(session.run(sql, values).rows, key=repr):
        grouped.setdefault(cell_key(row[:width]), []).append(row[width:])
    units = session.count_units(metric.of, cut, metric, filled=metric.label) if session.guarded else {}
    find = _estimated if sampled else _counted
    return {
        key: replace(find(metric, rows, session), guard=(units.get(key, 0),) if session.guarded else ())
        for key, rows in grouped.items()
    }


def _counts_sql(metric: Agreement, selection: Selection) -> str:
    """How often each label was given to each item of a cell."""
    names = _key_names(selection)
    keys = list(zip(selection.key_sql(), names, strict=True))
    item, rater, label = (selection.column(c) for c in (metric.item, metric.rater, metric.label))
    order = [label] if selection.time is None else [selection.column(selection.time), label]
    partition = ", ".join([*(sql for sql, _ in keys), item, rater])
    last = ", ".join(f"{column} desc nulls last" for column in order)
    rows = select_sql(
        [*keys, (item, "item"), (label, "label")],
        source=selection.from_sql(),
        where=[*selection.where_sql(), f"{item} is not null", f"{rater} is not null", f"{label} is not null"],
        extra=f"qualify row_number() over (partition by {partition} order by {last}) = 1",
    )
    columns = [(quote(n), n) for n in (*names, "item", "label")]
    return select_sql(
        [*columns, ("count(*)", "n")], source=f"from (\n{indent(rows)}\n) as last_labels", groups=len(columns)
    )


def _coincidences_sql(metric: Agreement, selection: Selection) -> str:
    """Per cell and label: labels on items that have two or more, and how many of their pairs agree.

    Quotients are summed in the order of the items: the same question must give the same digits.
    """
    names = _key_names(selection)
    partition = ", ".join(quote(n) for n in (*names, "item"))
    columns = [(quote(n), n) for n in (*names, "label")]
    several = "filter (m >= 2)"
    sums = [
        (f"sum(n) {several}", "labels"),
        (f"sum(n * (n - 1) / (m - 1) order by item) {several}", "coincidences"),
        (f"sum(n * (n - 1) / (m * (m - 1)) order by item) {several}", "agreeing"),
        (f"sum(n / m order by item) {several}", "items"),
    ]
    body = select_sql([*columns, *sums], source="from sized", groups=len(columns))
    sized = f"select *, sum(n) over (partition by {partition}) as m from counts"
    return f"with counts as (\n{indent(_counts_sql(metric, selection))}\n),\nsized as (\n  {sized}\n)\n{body}"


def _key_names(selection: Selection) -> list[str]:
    reserved = ["item", "label", "n", "m", "counts", "sized"]
    return unique_names([*reserved, *selection.key_names()])[len(reserved) :]


def _counted(metric: Agreement, rows: list[tuple[Any, ...]], session: Session) -> Outcome:
    """alpha = 1 - (n - 1)(n - Σ o_cc) / (n² - Σ n_c²); percent: the mean share of agreeing pairs per item.

    Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section C.
    """
    labels, coincidences, agreeing, per_item = ([float(r[i] or 0) for r in rows] for i in range(-4, 0))
    items = round(sum(per_item))
    if items == 0:
        return Outcome(undefined="no item has two labels", n=0)
    if metric.statistic == "percent":
        return Outcome(value=sum(agreeing) / items, n=items)
    total = sum(labels)
    chance = total**2 - sum(x**2 for x in labels)
    if chance <= 0:
        reason = "only one label occurs, so there is no agreement beyond chance to measure"
        return Outcome(undefined=reason, n=items)
    return Outcome(value=1 - (total - 1) * (total - sum(coincidences)) / chance, n=items)


def _estimated(metric: Agreement, rows: list[tuple[Any, ...]], session: Session) -> Outcome:
    import numpy as np  # start-up

    from tools.estimation import LabelCounts, estimate_agreement

    counts = LabelCounts(
        item=np.array([str(r[-3]) for r in rows]),
        label=np.array([str(r[-2]) for r in rows]),
        n=np.array([int(r[-1]) for r in rows], dtype=np.int64),
    )
    return from_estimate(estimate_agreement(counts, statistic=metric.statistic, level=session.level))
