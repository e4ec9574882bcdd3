"""`transect hidden-population`: the size of a population from lists that overlap."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.options import JsonOption, command_app
from tools.errors import InvalidInput

if TYPE_CHECKING:
    from tools.estimation.hidden import HiddenReport

app = command_app()


@app.command()
def hidden_population(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TSV or Parquet.")],
    lists: Annotated[
        str | None, typer.Option("--lists", metavar="A,B,C", help="0/1 columns: whether the unit is on each list.")
    ] = None,
    counts: Annotated[
        str | None, typer.Option("--counts", metavar="C", help="Column of units; a row is then a history, not a unit.")
    ] = None,
    frequencies: Annotated[
        str | None, typer.Option("--frequencies", metavar="K,N", help="Columns: times seen, and units seen that often.")
    ] = None,
    occasions: Annotated[
        int | None, typer.Option("--occasions", metavar="T", help="How often a unit could be seen; with --frequencies.")
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option("--precision", metavar="A=P,...", help="Share of a list that belongs to the population."),
    ] = None,
    linkage_recall: Annotated[
        float, typer.Option("--linkage-recall", metavar="R", help="Share of the true links that were found.")
    ] = 1.0,
    removes: Annotated[
        str | None, typer.Option("--removes", metavar="A[,B]", help="Lists on which being found removes the actor.")
    ] = None,
    odds_ratio: Annotated[
        str, typer.Option("--odds-ratio", metavar="LOW,HIGH", help="Dependence that the range allows for.")
    ] = "0.5,4",
    level: Annotated[float, typer.Option("--level", metavar="L", help="Level of the intervals, a share.")] = 0.95,
    json_: JsonOption = False,
) -> None:
    """Estimate the size of a population that no list holds in full.

    Chapman, Chao's lower bound, log-linear models (selected and averaged), sample coverage; always with the range that
    an undetected dependence of the lists allows. docs/hidden-populations.md has formulas and when not to use them.

    \b
    Example:
      transect hidden-population accounts.csv --lists reports,classifier,honeypot
      transect hidden-population seen.csv --frequencies times,accounts --occasions 6
    """
    from agent.cli.output import print_json  # start-up
    from tools.estimation.hidden.hidden_file import check_lists, estimate_frequency_file, estimate_hidden_file

    if (lists is None) == (frequencies is None):
        message = "Give either --lists or --frequencies." if lists else "Say what the columns are."
        raise InvalidInput(message, code="usage", value=None, allowed=("--lists", "--frequencies"))
    ratios = _two_numbers(odds_ratio)
    if lists is not None:
        if occasions is not None:
            raise InvalidInput("--occasions goes with --frequencies.", code="usage", value=occasions)
        names = _names(lists)
        check_lists(names)
        report = estimate_hidden_file(
            file,
            lists=names,
            counts=counts,
            precision=_shares(precision),
            linkage_recall=linkage_recall,
            removes=_names(removes) if removes else (),
            odds_ratio=ratios,
            level=level,
        )
    else:
        assert frequencies is not None
        columns = _names(frequencies)
        if len(columns) != 2:
            raise InvalidInput("--frequencies names two columns.", code="usage", value=frequencies)
        _refuse_with_frequencies(counts, precision, linkage_recall, removes)
        times, units = columns
        report = estimate_frequency_file(
            file, times=times, units=units, occasions=occasions, odds_ratio=ratios, level=level
        )
    if json_:
        print_json(report)
    else:
        _show(report)


def _refuse_with_frequencies(counts: str | None, precision: str | None, recall: float, removes: str | None) -> None:
    for option, given in (
        ("--counts", counts),
        ("--precision", precision),
        ("--linkage-recall", recall != 1 or None),
        ("--removes", removes),
    ):
        if given is not None:
            raise InvalidInput(f"{option} goes with --lists.", code="usage", value=option)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _two_numbers(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        raise InvalidInput("--odds-ratio takes two numbers.", code="usage", value=text, hint="0.5,4") from None
    return low, high


def _shares(text: str | None) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in text.split(",") if text else ():
        name, equals, share = part.rpartition("=")
        try:
            found[name.strip()] = float(share)
        except ValueError:
            equals = ""
        if not equals:
            hint = "--precision reports=0.9,classifier=0.8"
            raise InvalidInput("--precision takes LIST=SHARE.", code="usage", value=part, hint=hint)
    return found


def _show(report: HiddenReport) -> None:
    from agent.cli.output import embolden, print_table, wrap  # start-up
    from tools.reporting.format import format_range, format_value

    figures = report.estimates
    level = next((figure.level for figure in figures if figure.level is not None), 0.95)
    print(embolden("population size") + f", {figures[0].n:,} seen\n")
    shown = sorted(figures[:_SHOWN] if len(figures) > _MOST else figures, key=lambda figure: _ORDER.index(figure.role))
    if len(figures) > _MOST:
        shown += [figure for figure in figures[_SHOWN:] if not figure.method.startswith("loglinear")]
    print_table(
        ("method", "role", "size", f"{level:.0%} interval", "se"),
        [(f.method, f.role, "undefined" if f.value is None else format_value(f), format_range(f), f.se) for f in shown],
        right={"size", "interval"},
    )
    if len(shown) < len(figures):
        print(f"{len(figures) - len(shown):,} more models: --json")
    for reason, number in Counter(f.undefined for f in shown if f.undefined).items():
        print(f"undefined ({number}): {reason}")
    print()
    if report.range is not None:
        print(wrap(_range_in_words(report), label="Range"))
    for warning in report.warnings:
        print(wrap(warning, label="Mind"))


_ORDER = ("selected", "listed", "bound")
_MOST, _SHOWN = 30, 9


def _range_in_words(report: HiddenReport) -> str:
    spread = report.range
    assert spread is not None
    low, high = spread.odds_ratio
    ends = f"from {spread.low:,.0f}" if spread.low is not None else ""
    ends += f" to {spread.high:,.0f}" if spread.high is not None else " upwards"
    sampling = spread.with_sampling
    if sampling.low is not None and sampling.high is not None:
        ends += f"; with sampling error {sampling.low:,.0f} to {sampling.high:,.0f}"
    return f"{ends}, for odds ratios of {low:g} to {high:g} between the lists"
