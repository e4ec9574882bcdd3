"""One sentence that answers: number, interval, n, period."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tools.figure import Figure, Unit
from tools.metrics.query import MetricQuery, Where
from tools.reporting.format import (
    format_change,
    format_interval,
    format_label,
    format_n,
    format_name,
    format_period,
    format_slice,
    format_value,
)
from tools.reporting.prose import render


def write_headline(query: MetricQuery, figures: Sequence[Figure]) -> str:
    """The sentence for one figure, a comparison, a series or a breakdown."""
    if query.contrast is not None and len(figures) == 3:
        return _contrast(query, figures)
    if (query.compare is not None or query.contrast is not None) and len(figures) > 3:
        return _comparisons(query, figures)
    if query.compare is not None and len(figures) == 3:
        return _comparison(query, figures)
    if query.grain is not None and len(figures) > 1:
        return _grouped_series(query, figures) if query.by else _series(query, figures)
    if query.by and figures:
        return _breakdown(query, figures)
    if len(figures) == 1:
        return _single(query, figures[0])
    return render("{parts}.", parts="; ".join(_single(query, f).removesuffix(".") for f in figures))


def describe_conditions(where: Sequence[Where]) -> str:
    """The conditions in words, with a leading comma; empty for none."""
    return "".join(", " + _condition(w) for w in where)


def describe_threshold(query: MetricQuery, unit: Unit) -> str:
    """The bounds on the value of a group in words, with a leading comma; empty for none."""
    if query.having is None:
        return ""
    from tools.metrics.threshold import describe_having  # start-up

    return render(", groups {bounds} only", bounds=describe_having(query.having, unit))


def sides_of(query: MetricQuery, figures: Sequence[Figure]) -> str:
    """The values that a [difference, first, second] sets against each other."""
    values = [format_label(f.slice.get(query.contrast or "")) for f in figures[1:]]
    return render("{sides}", sides=" against ".join(values))


def name_of(query: MetricQuery, metric: str) -> str:
    """The metric in words, capitalised; a share says of what."""
    words = format_name(metric)
    if query.share_over:
        words = render("share of {metric}", metric=words)
    words = " ".join(w.upper() if w in _INITIALS else w for w in words.split(" "))
    return words[:1].upper() + words[1:]


_INITIALS = {"qa", "id", "api", "sla", "aht", "iaa", "fpr", "fnr", "usd", "eur", "csat", "nps"}


def _condition(where: Where) -> str:
    name = format_name(where.dimension)
    if where.in_ is not None:
        return render("{name} {values}", name=name, values=_either(where.in_, "or"))
    if where.not_in is not None:
        return render("{name} not {values}", name=name, values=_either(where.not_in, "or"))
    if where.is_null is not None:
        return render("{name} missing" if where.is_null else "{name} known", name=name)
    for attribute, words in (("above", "above"), ("at_least", "at least"), ("below", "below"), ("at_most", "at most")):
        bound = getattr(where, attribute)
        if bound is not None:
            return render("{name} {words} {bound}", name=name, words=words, bound=f"{bound:,.12g}")
    raise AssertionError(where)


def _either(values: Sequence[object], joiner: str) -> str:
    shown = [format_label(v) for v in values]
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + f" {joiner} " + shown[-1]


def _single(query: MetricQuery, figure: Figure) -> str:
    return render(
        "{metric}{where}: {value}, {period}.",
        metric=name_of(query, figure.metric),
        where=describe_conditions(query.where),
        value=_known(figure),
        period=format_period(figure.period),
    )


def _known(figure: Figure) -> str:
    """Value, interval and n with one pair of brackets."""
    value, n = format_interval(figure), format_n(figure).replace(" (", ", ").rstrip(")")
    if figure.value is None or not n:
        return value
    if figure.basis == "full_count":
        counted = figure.unit == "count" and figure.value == figure.n
        if figure.unit == "share" and figure.positives is not None and figure.n and _is_share_of_rows(figure):
            n = render("{part} of {whole}", part=f"{figure.positives:,}", whole=f"{figure.n:,}")
        return value if counted else render("{value} (full count, {n})", value=value, n=n)
    if value.endswith(")"):
        return render("{value}; {n})", value=value[:-1], n=n)
    return render("{value} ({n})", value=value, n=n)


def _is_share_of_rows(figure: Figure) -> bool:
    """A share of a total has its rows counted too, and they are not what was divided."""
    assert figure.positives is not None
    assert figure.n is not None
    assert figure.value is not None
    return math.isclose(figure.positives / figure.n, figure.value, rel_tol=1e-9)


def _comparison(query: MetricQuery, figures: Sequence[Figure]) -> str:
    change, new, old = figures[:3]
    where = describe_conditions(query.where)
    if change.value is None:
        return render(
            "{metric}{where}: {new} in {now} and {old} in {then}; the change is undefined.",
            metric=name_of(query, new.metric),
            where=where,
            new=format_value(new),
            now=format_period(new.period),
            old=format_value(old),
            then=format_period(old.period),
        )
    unclear = change.low is not None and change.high is not None and change.low <= 0 <= change.high
    if change.value == 0:
        verb = "did not change"
    elif unclear:
        verb = "did not change measurably"
    else:
        verb = "rose" if change.value > 0 else "fell"
    return render(
        "{metric}{where} {verb}: {new} in {now} against {old} in {then}, a difference of {change}.",
        metric=name_of(query, new.metric),
        where=where,
        verb=verb,
        new=format_interval(new, among=figures),
        now=format_period(new.period),
        old=format_interval(old, among=figures),
        then=format_period(old.period),
        change=format_change(change, among=[new, old]),
    )


def _contrast(query: MetricQuery, figures: Sequence[Figure]) -> str:
    """Two slices side by side: both values, and the difference with its own interval."""
    change, first, second = figures
    others = [w for w in query.where if w.dimension != query.contrast]
    unclear = change.low is not None and change.high is not None and change.low <= 0 <= change.high
    said = "the difference is undefined"
    if change.value is not None:
        said = render(
            "a difference of {change}{verdict}",
            change=format_change(change, among=[first, second]),
            verdict=", which is not established: its interval includes zero" if unclear else "",
        )
    return render(
        "{metric}{where}: {first} for {one} against {second} for {other}, {said}, {period}.",
        metric=name_of(query, first.metric),
        where=describe_conditions(others),
        first=format_interval(first, among=figures[1:]),
        one=_side(query, first),
        second=format_interval(second, among=figures[1:]),
        other=_side(query, second),
        said=said,
        period=format_period(first.period),
    )


def _side(query: MetricQuery, figure: Figure) -> str:
    return format_slice({query.contrast: figure.slice.get(query.contrast)} if query.contrast is not None else {})


def _comparisons(query: MetricQuery, figures: Sequence[Figure]) -> str:
    """[difference, new, old] for each group: the largest rise and the largest fall, each of a named group."""
    changes = [f for f in figures[0::3] if f.value is not None]
    new, old = figures[1], figures[2]
    head = render(
        "{metric} by {by}{where}, {now} against {then}",
        metric=name_of(query, new.metric),
        by=", ".join(format_name(b) for b in query.by) or "group",
        where=describe_conditions([w for w in query.where if w.dimension != query.contrast]),
        now=format_period(new.period) if query.contrast is None else _side(query, new),
        then=format_period(old.period) if query.contrast is None else _side(query, old),
    )
    if not changes:
        return render("{head}: no group has a change that can be shown.", head=head)
    rise, fall = max(changes, key=_value), min(changes, key=_value)
    said = []
    words = ("largest rise", "largest fall") if query.contrast is None else ("most above", "most below")
    for figure, verb in zip((rise, fall), words, strict=True):
        if _value(figure) > 0 if figure is rise else _value(figure) < 0:
            change = format_change(figure, among=figures)
            said.append(render("{verb} for {group}, {change}", verb=verb, group=_group(query, figure), change=change))
    return render("{head}: {said}.", head=head, said="; ".join(said) or "nothing changed")


def _grouped_series(query: MetricQuery, figures: Sequence[Figure]) -> str:
    """A series for each group: its highest and lowest point, each of a named group and period."""
    known = [f for f in figures if f.value is not None]
    whole = [f for f in known if not is_cut_short(f, query)] or known
    head = render(
        "{metric} by {by} per {grain}{where}",
        metric=name_of(query, figures[0].metric),
        by=", ".join(format_name(b) for b in query.by),
        grain=str(query.grain),
        where=describe_conditions(query.where),
    )
    if not whole:
        return render("{head}: no point has a value that can be shown.", head=head)
    top, low = max(whole, key=_value), min(whole, key=_value)
    return render(
        "{head}: highest {most} for {top} in {when}, lowest {least} for {low} in {then}.",
        head=head,
        most=format_interval(top, among=whole),
        top=_group(query, top),
        when=format_period(top.period),
        least=format_interval(low, among=whole),
        low=_group(query, low),
        then=format_period(low.period),
    )


def _group(query: MetricQuery, figure: Figure) -> str:
    """The group of a figure, without the conditions that hold for all of them."""
    own = {k: v for k, v in figure.slice.items() if k in query.by}
    return format_slice(own or figure.slice)


def _series(query: MetricQuery, figures: Sequence[Figure]) -> str:
    known = [f for f in figures if f.value is not None]
    if not known:
        return render(
            "{metric}{where}: no {grain} has a defined value.",
            metric=name_of(query, figures[0].metric),
            where=describe_conditions(query.where),
            grain=str(query.grain),
        )
    whole = [f for f in known if not is_cut_short(f, query)] or known
    first, last, top, low = whole[0], whole[-1], max(whole, key=_value), min(whole, key=_value)
    return render(
        "{metric}{where} per {grain}: {first} in {start}, {last} in {end}; "
        "highest {top} in {when}, lowest {low} in {then}.",
        metric=name_of(query, first.metric),
        where=describe_conditions(query.where),
        grain=str(query.grain),
        first=format_interval(first),
        start=format_period(first.period),
        last=format_interval(last),
        end=format_period(last.period),
        top=format_value(top, among=whole),
        when=format_period(top.period),
        low=format_value(low, among=whole),
        then=format_period(low.period),
    )


def is_cut_short(figure: Figure, query: MetricQuery) -> bool:
    """A week of fewer than seven days, or a month that is not whole, at an end of the period."""
    if figure.period is None or query.grain not in ("week", "month"):
        return False
    if query.grain == "week":
        return figure.period.days < _WEEK
    return figure.period.start.day != 1 or figure.period.end.day != 1


_WEEK = 7


def _breakdown(query: MetricQuery, figures: Sequence[Figure]) -> str:
    known = [f for f in figures if f.value is not None]
    by = ", ".join(format_name(b) for b in query.by)
    where = describe_conditions(query.where)
    if not known:
        metric = name_of(query, figures[0].metric)
        return render("{metric} by {by}{where}: no group has a value to show.", metric=metric, by=by, where=where)
    if query.order is not None:
        return _ranked(query, known, where)
    top, low = max(known, key=_value), min(known, key=_value)
    return render(
        "{metric} by {by}{where}: highest for {top} at {most}, lowest for {low} at {least}, of {count} groups, "
        "{period}.{order}",
        metric=name_of(query, top.metric),
        by=by,
        where=where + describe_threshold(query, top.unit),
        top=_group(query, top),
        most=format_interval(top, among=known),
        low=_group(query, low),
        least=format_interval(low, among=known),
        count=str(len(figures)),
        period=format_period(top.period),
        order=_doubt(top, low),
    )


def _ranked(query: MetricQuery, known: Sequence[Figure], where: str) -> str:
    first = known[0]
    rest = known[1] if len(known) > 1 else None
    return render(
        "{slice} has the {rank} {metric}{where}: {value}, {period}.{order}",
        slice=_capital(_group(query, first)),
        rank="highest" if query.order == "desc" else "lowest",
        metric=_lower(name_of(query, first.metric)),
        where=where,
        value=_known(first),
        period=format_period(first.period),
        order=_doubt(first, rest) if rest is not None else "",
    )


def _doubt(a: Figure, b: Figure) -> str:
    """Overlapping intervals do not establish an order (Gelman and Stern 2006 on why this is said with care)."""
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return ""
    return " Their intervals overlap, so the order is not established." if a.low <= b.high and b.low <= a.high else ""


def _value(figure: Figure) -> float:
    return float("nan") if figure.value is None else float(figure.value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    """Without its capital, unless it begins with an abbreviation such as QA."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
