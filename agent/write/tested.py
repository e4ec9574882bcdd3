"""What was asked with `is that a real change`: the design of the test, and what it says."""

from __future__ import annotations

from collections.abc import Sequence

from tools.figure import Figure
from tools.reporting.format import format_level
from tools.reporting.prose import render

_ONE = 3


def describe_test(figures: Sequence[Figure], *, unit: str) -> str:
    """One sentence on [difference, one side, the other].

    Args:
        unit: what a row is, such as `response`, for the design that a full count lacks.
    """
    difference = figures[0]
    if len(figures) > _ONE and difference.low is not None:
        return (
            "Each difference is tested by its own interval, from the design of the sample; of several at once, some "
            "exclude zero by chance alone."
        )
    if difference.value is None:
        return "The difference is undefined, so nothing is tested."
    if difference.low is None or difference.high is None:
        return render(
            "Both sides are counted in full: the difference is exact and has no sampling error. Whether more than "
            "chance made the sides differ is asked of a process, and takes a design, such as an experiment by {unit}.",
            unit=unit,
        )
    return render(
        "The test is the {level} interval of the difference itself, from the design of the sample ({method}): it "
        "{verdict}.",
        level=format_level(difference),
        method=difference.method,
        verdict="includes zero, so a real difference is not established"
        if difference.low <= 0 <= difference.high
        else "excludes zero, so the difference is more than sampling error",
    )
