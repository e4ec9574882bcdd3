"""What was asked with `is that a real change`: the design of the test, and what it says."""

from __future__ import annotations

from collections.abc import Sequence

from tools.figure import Figure
from tools.metrics.query import ProcessTest
from tools.reporting.format import format_level, format_range, in_points
from tools.reporting.prose import render

_ONE = 3
_EXACT = "Both sides are counted in full, so the difference is exact and has no sampling error"


def describe_test(figures: Sequence[Figure], tests: Sequence[ProcessTest] = ()) -> str:
    """Two or three sentences on [difference, one side, the other], or on several of these.

    Args:
        tests: of differences of full counts, the period taken as a sample of the process behind it.
    """
    difference = figures[0]
    if len(figures) > _ONE and difference.low is not None:
        return (
            "Each difference is tested by its own interval, from the design of the sample; of several at once, some "
            "exclude zero by chance alone."
        )
    if difference.value is None and len(figures) == _ONE:
        return "The difference is undefined, so nothing is tested."
    if difference.low is None or difference.high is None:
        return _of_counts(figures, tests)
    return render(
        "The test is the {level} interval of the difference itself, from the design of the sample ({method}): it "
        "{verdict}.",
        level=format_level(difference),
        method=difference.method,
        verdict=_verdict(
            difference.low, difference.high, "excludes zero, so the difference is more than sampling error"
        ),
    )


def _of_counts(figures: Sequence[Figure], tests: Sequence[ProcessTest]) -> str:
    defined = [t for t in tests if t.low is not None]
    if not defined:
        reason = next((t.undefined for t in tests if t.undefined), "it was not asked of one metric alone")
        return render(
            _EXACT + ". Whether more than chance made the sides differ is not tested: {reason}.", reason=reason
        )
    if len(figures) > _ONE:
        clear = sum(not _holds_zero(t) for t in defined)
        return render(
            _EXACT
            + " each time. Taken as a sample of the process behind it, {clear} of {all} intervals at {level} exclude "
            "zero; of several at once, some do by chance alone. {design}",
            clear=str(clear),
            all=str(len(defined)),
            level=_level(defined[0]),
            design=_design(defined[0], several=True),
        )
    test = defined[0]
    assert test.low is not None and test.high is not None  # noqa: PT018
    shown = figures[0].model_copy(update={"low": test.low, "high": test.high, "level": test.level, "basis": "sample"})
    return render(
        _EXACT + ". As a test, the data are taken as a sample of the process behind them: the {level} interval of the "
        "difference is {range} and {verdict}. {design} What moved everybody at once, such as an outage or a season, "
        "is no chance in this sense.",
        level=_level(test),
        range=format_range(in_points(shown, among=figures), among=()),
        verdict=_verdict(test.low, test.high, "excludes zero, so the sides differ by more than chance"),
        design=_design(test),
    )


def _design(test: ProcessTest, *, several: bool = False) -> str:
    """Which rows count together, and what that costs."""
    if test.clusters_of is None:
        return (
            "No actor is defined for these rows, so they are taken as independent; where several belong to one person, "
            "the interval is too narrow."
        )
    words = render(
        "Rows of one {actor} count together ({clusters} in all)", actor=test.clusters_of, clusters=f"{test.clusters:,}"
    )
    if several:
        return render("Rows of one {actor} count together.", actor=test.clusters_of)
    if test.deff is None:
        return words + "."
    return render(
        "{words}: the design effect against independent rows is {deff}.", words=words, deff=f"{test.deff:.3g}"
    )


def _holds_zero(test: ProcessTest) -> bool:
    return test.low is not None and test.high is not None and test.low <= 0 <= test.high


def _verdict(low: float, high: float, otherwise: str) -> str:
    return "includes zero, so a real difference is not established" if low <= 0 <= high else otherwise


def _level(test: ProcessTest) -> str:
    return f"{100 * test.level:.4g}%"
