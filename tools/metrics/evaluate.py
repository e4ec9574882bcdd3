"""A metric over a cut: cells of whatever kind, empty buckets filled, young ones marked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from tools.errors import Declined
from tools.figure import Period
from tools.metrics.agreement_cells import agreement_cells
from tools.metrics.arithmetic import combine, relative_change, subtract
from tools.metrics.buckets import (
    bucket_period,
    buckets_of,
    check_period,
    data_period,
    day_of,
    ends_early,
    is_young,
    next_start,
    period_before,
    start_of,
)
from tools.metrics.cut import Cut
from tools.metrics.definitions import Agreement, Change, Derived, Metric, Prevalence, Proportion, Ratio
from tools.metrics.full_count import count_cells
from tools.metrics.outcome import CellKey, Outcome, Vector, outcome_of, scale_of
from tools.metrics.profile import TimeProfile
from tools.metrics.sample import sample_cells
from tools.metrics.sample_design import is_sampled
from tools.metrics.session import Session
from tools.metrics.usage import leaves_of

Cells = dict[CellKey, Outcome]


def evaluate(metric: Metric, cut: Cut, session: Session) -> Cells:
    """Every cell of a metric.

    Raises:
        Declined: `no_data` for a period outside of the data, `unsupported_cut` for one without a time column.
    """
    if isinstance(metric, Derived):
        cells = _derived(metric, cut, session)
    elif isinstance(metric, Change):
        cells = _change(metric, cut, session)
    else:
        _check_time(metric, cut, session)
        cells = _leaf(metric, cut, session)
        cells = _filled(metric, cells, cut, session)
    covered = data_period([t for _, t in metric_times(metric, session)])
    return {key: _marked(metric, cell, key, cut, session, covered) for key, cell in cells.items()}


def _leaf(metric: Metric, cut: Cut, session: Session) -> Cells:
    if isinstance(metric, Agreement):
        return agreement_cells(metric, cut, session)
    return sample_cells(metric, cut, session) if is_sampled(metric, session) else count_cells(metric, cut, session)


def metric_times(metric: Metric, session: Session) -> list[tuple[str, TimeProfile]]:
    """The time column of every dataset that a metric reads, where it has one; the base dataset first."""
    found: dict[str, TimeProfile] = {}
    for leaf in leaves_of(metric.name, session.catalog):
        for dataset in session.catalog.datasets_of(leaf.name):
            column = leaf.time if leaf.time is not None else dataset.time
            if column is not None:
                found.setdefault(dataset.name, session.profile.datasets[dataset.name].times[column])
    order = [d.name for d in session.catalog.datasets_of(metric.name)]
    return sorted(found.items(), key=lambda item: order.index(item[0]))


def period_of(metric: Metric, key: CellKey, cut: Cut, session: Session) -> Period | None:
    """The days that a cell covers."""
    within = cut.period or data_period([t for _, t in metric_times(metric, session)])
    if cut.grain is not None and isinstance(key[0], date):
        return bucket_period(key[0], cut.grain, within)
    return within


def empty_outcome(metric: Metric, session: Session) -> Outcome:
    """A cell without a row."""
    guard = (0,) if session.guarded else ()
    if isinstance(metric, Agreement) or is_sampled(metric, session):
        return Outcome(undefined="no rows", n=0, sampled=is_sampled(metric, session), guard=guard)
    positives = 0 if isinstance(metric, (Proportion, Prevalence)) else None
    total = 0 if isinstance(metric, Ratio) else None
    return outcome_of(metric, Vector(positives=positives, total=total, units=0 if session.guarded else None))


def _check_time(metric: Metric, cut: Cut, session: Session) -> None:
    if cut.period is None and cut.grain is None:
        return
    times = metric_times(metric, session)
    untimed = [d for d in cut.datasets if d not in {name for name, _ in times}]
    if untimed:
        raise Declined(
            f"{metric.name!r} has no time: {untimed[0]} has no time column, so it cannot be cut by period.",
            reason="unsupported_cut",
            hint="Ask for all the data.",
        )
    if cut.period is not None:
        session.caveats += check_period(cut.period, times)


def _filled(metric: Metric, cells: Cells, cut: Cut, session: Session) -> Cells:
    """Buckets without a row, inside the data's days, for every combination of the other keys."""
    if cut.grain is None:
        return cells
    covered = data_period([t for _, t in metric_times(metric, session)])
    if covered is None:
        return cells
    start = max(covered.start, cut.period.start) if cut.period is not None else covered.start
    end = min(covered.end, cut.period.end) if cut.period is not None else covered.end
    if end <= start:
        return cells
    buckets = buckets_of(Period(start=start, end=end), cut.grain)
    groups = dict.fromkeys(key[1:] for key in cells) if cut.keys else {(): None}
    if len(buckets) * len(groups) > session.most_cells:
        raise Declined(
            f"That would be {len(buckets) * len(groups):,} numbers.",
            reason="too_expensive",
            hint="Ask for the top 10, a coarser grain or a shorter period.",
        )
    empty = empty_outcome(metric, session)
    return {(b, *group): cells.get((b, *group), empty) for b in buckets for group in groups}


def _marked(metric: Metric, cell: Outcome, key: CellKey, cut: Cut, session: Session, covered: Period | None) -> Outcome:
    """Too few rows: no value. Too young, or a bucket that the data ends in: provisional."""
    if cell.value is not None and metric.min_n > 0 and (cell.n or 0) < metric.min_n:
        cell = cell.without_value(too_few_rows(metric))
    if metric.maturity is not None:
        newest = max((d for _, t in metric_times(metric, session) if (d := day_of(t.newest))), default=None)
        period = period_of(metric, key, cut, session)
        if period is not None and is_young(period, newest, metric.maturity.lag_days):
            cell = replace(cell, provisional=True)
    bucket = key[0] if cut.grain is not None and isinstance(key[0], date) else None
    if bucket is not None and cut.grain is not None and covered is not None:
        cell = replace(cell, provisional=cell.provisional or ends_early(bucket, cut.grain, cut.period, covered))
    return cell


def too_few_rows(metric: Metric) -> str:
    """Why a cell below the metric's `min_n` has no value."""
    return f"fewer than {metric.min_n:,} rows"


def _derived(metric: Derived, cut: Cut, session: Session) -> Cells:
    parts = [session.catalog.metric(name) for name in metric.metrics]
    datasets = [tuple(d.name for d in session.catalog.datasets_of(p.name)) for p in parts]
    first, second = (evaluate(p, cut.on(d), session) for p, d in zip(parts, datasets, strict=True))
    independent = not set(datasets[0]) & set(datasets[1])
    scale = scale_of(metric)
    return {
        key: combine(
            metric.op,
            first.get(key) or empty_outcome(parts[0], session),
            second.get(key) or empty_outcome(parts[1], session),
            independent=independent,
            scale=scale,
        )
        for key in dict.fromkeys((*first, *second))
    }


def _change(metric: Change, cut: Cut, session: Session) -> Cells:
    inner = session.catalog.metric(metric.metric)
    change = relative_change if metric.relative else subtract
    if cut.grain is not None:
        return _change_by_bucket(metric, inner, cut, session)
    if cut.period is None:
        raise Declined(
            f"{metric.name!r} is a change, so it needs a period.",
            reason="unsupported_cut",
            hint="Say which period; it is compared with the one before.",
        )
    new = evaluate(inner, cut, session)
    old = evaluate(inner, replace(cut, period=period_before(cut.period)), session)
    empty = empty_outcome(inner, session)
    keys = dict.fromkeys((*new, *old))
    return {key: change(new.get(key, empty), old.get(key, empty), level=session.level) for key in keys}


def _change_by_bucket(metric: Change, inner: Metric, cut: Cut, session: Session) -> Cells:
    """Each bucket against the one before; undefined where one is not covered in full, or only a part was asked for."""
    assert cut.grain is not None
    change = relative_change if metric.relative else subtract
    covered = data_period([t for _, t in metric_times(inner, session)])
    asked = cut.period or covered
    if asked is None or covered is None:
        raise Declined(f"{metric.name!r} is a change, and there is no time in the data.", reason="no_data")
    first = start_of(asked.start, cut.grain)
    before = start_of(first - timedelta(days=1), cut.grain)
    wide = Period(start=max(before, covered.start), end=asked.end) if asked.end > covered.start else asked
    cells = evaluate(inner, replace(cut, period=wide), session)
    found: Cells = {}
    for key, new in cells.items():
        if key[0] < first:
            continue
        previous = start_of(key[0] - timedelta(days=1), cut.grain)
        old = cells.get((previous, *key[1:]))
        asked_whole = key[0] >= asked.start and next_start(key[0], cut.grain) <= min(asked.end, covered.end)
        whole = asked_whole and previous >= wide.start
        unknown = new.without_value(f"the {cut.grain}, or the one before, is not complete")
        found[key] = change(new, old, level=session.level) if old is not None and whole else unknown
    return found
