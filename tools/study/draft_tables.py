"""The tables of a draft as Markdown, every number written by `tools.reporting.format`."""

from __future__ import annotations

from collections.abc import Sequence, Set

from tools.figure import Figure
from tools.reporting.format import clean_text, format_label, format_range, format_value
from tools.reporting.inert import make_inert
from tools.reporting.markdown_page import escape_markdown
from tools.reporting.scale import bound_side
from tools.study.estimate import CheckCounts, Response
from tools.study.plan import Plan

LEFT, RIGHT = "---", "---:"
WITHHELD = "too few to show"


def as_text(value: object) -> str:
    """A value from data as inert text of a line or a cell."""
    return escape_markdown(make_inert(clean_text(str(value))))


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column is text and whose others are numbers."""
    lines = [columns, [LEFT, *[RIGHT] * (len(columns) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def result_table(overall: Figure, total: Figure, *, unit: str, units: str, frame_units: int) -> str:
    """The share and the number of positive units, with their intervals."""
    rows = [
        [f"**Share of {as_text(units)}**", *_numbers(overall, [overall]), _count(overall.n), _count(overall.positives)],
        [f"Number, of {frame_units:,} {as_text(units)}", *_numbers(total, [total]), "", ""],
    ]
    return markdown_table(["", "estimate", _interval_head(overall), "labelled", "positive"], rows)


def group_table(figures: Sequence[Figure], overall: Figure, *, name: str, units: str) -> str:
    """One row a stratum or breakdown value, all units last."""
    among = [*figures, overall]
    rows = [
        [
            as_text(format_label(figure.slice[name])),
            *_numbers(figure, among),
            _count(figure.n),
            _count(figure.positives),
        ]
        for figure in figures
    ]
    rows.append([f"**All {as_text(units)}**", *_numbers(overall, among), _count(overall.n), _count(overall.positives)])
    return markdown_table([as_text(name), "share", _interval_head(overall), "labelled", "positive"], rows)


def strata_table(plan: Plan, response: Sequence[Response], *, hidden: Set[str]) -> str:
    """Units, take and weight of each stratum, of hidden ones none."""
    settled = {each.stratum: each.settled for each in response}
    rows = [
        [as_text(each.stratum), WITHHELD, "", "", "", ""]
        if each.stratum in hidden
        else [
            as_text(each.stratum),
            *(f"{n:,}" for n in (each.units, each.n, settled[each.stratum])),
            *(f"{each.units / n:,.4g}" for n in (each.n, settled[each.stratum])),
        ]
        for each in plan.strata
    ]
    columns = ["in the frame", "drawn", "labelled", "weight as drawn", "weight as used"]
    return markdown_table([as_text(plan.spec.strata), *columns], rows)


def response_table(response: Sequence[Response], *, hidden: Set[str]) -> str:
    """Drawn, settled, unresolved and unlabelled units, by stratum (hidden ones left open) and in all."""
    rows = [
        [as_text(each.stratum), WITHHELD, "", "", ""]
        if each.stratum in hidden
        else [
            "**All**" if each.stratum is None else as_text(each.stratum),
            *(f"{n:,}" for n in (each.drawn, each.settled, each.unresolved, each.unlabelled)),
        ]
        for each in (*response[1:], response[0])
    ]
    return markdown_table(["", "drawn", "settled", "unresolved", "without an answer"], rows)


def checks_table(checks: CheckCounts) -> str:
    """A model's verdicts against people's."""
    rows = [
        ["model positive", f"{checks.both_positive:,}", f"{checks.model_positive_only:,}"],
        ["model negative", f"{checks.people_positive_only:,}", f"{checks.both_negative:,}"],
    ]
    return markdown_table(["", "people positive", "people negative"], rows)


def _numbers(figure: Figure, among: Sequence[Figure]) -> list[str]:
    """Value and interval; a bound is its own interval."""
    if figure.value is None:
        return [as_text(format_value(figure)), ""]
    if bound_side(figure) is not None:
        return [format_value(figure, among=among), "one-sided"]
    return [format_value(figure, among=among), format_range(figure, among=among)]


def _interval_head(figure: Figure) -> str:
    return f"{100 * (figure.level or 0):.4g}% interval"


def _count(n: int | None) -> str:
    return "" if n is None else f"{n:,}"
