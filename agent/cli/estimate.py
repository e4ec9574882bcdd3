"""`transect estimate`: design-based estimates from a file of sampled rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.cli.options import JsonOption, command_app
from tools.errors import InvalidInput

if TYPE_CHECKING:
    from tools.estimation.file import EstimateReport

app = command_app()

_STATISTICS = ("--mean", "--total", "--proportion", "--ratio", "--quantile")


@app.command()
def estimate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TSV or Parquet, one row per sampled row.")],
    mean: Annotated[str | None, typer.Option("--mean", metavar="COL", help="The mean of a column.")] = None,
    total: Annotated[str | None, typer.Option("--total", metavar="COL", help="The population total.")] = None,
    proportion: Annotated[
        str | None,
        typer.Option("--proportion", metavar="COL[=VALUE]", help="The share of rows that are 1, or that hold VALUE."),
    ] = None,
    ratio: Annotated[
        tuple[str, str] | None, typer.Option("--ratio", metavar="NUM DEN", help="The ratio of two totals.")
    ] = None,
    quantile: Annotated[
        tuple[str, float] | None, typer.Option("--quantile", metavar="COL Q", help="The quantile at Q, 0 to 1.")
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option("--weights", metavar="C", help="Column of weights; default: from --fpc, else 1."),
    ] = None,
    probability: Annotated[
        str | None, typer.Option("--probability", metavar="C", help="Column of inclusion probabilities; weight 1/π.")
    ] = None,
    strata: Annotated[str | None, typer.Option("--strata", metavar="C", help="Column of the stratum.")] = None,
    clusters: Annotated[
        str | None,
        typer.Option("--clusters", metavar="A[,B]", help="Columns of first- and second-stage units, nested."),
    ] = None,
    fpc: Annotated[
        str | None,
        typer.Option(
            "--fpc", metavar="A[,B]", help="Columns of population counts, one a stage; at most 1: sampling fractions."
        ),
    ] = None,
    variance: Annotated[
        Literal["wr", "brewer", "hartley-rao", "overton", "yates-grundy", "ht", "poisson"] | None,
        typer.Option("--variance", help="Default: wr, or brewer with --probability."),
    ] = None,
    joint: Annotated[
        Path | None,
        typer.Option("--joint", metavar="FILE", help="Square CSV of joint probabilities, in FILE's order."),
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", metavar="COL=V", help="A domain; all conditions hold. Repeatable.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="C", help="One figure for each value of a column.")] = None,
    compare: Annotated[
        str | None, typer.Option("--compare", metavar="C", help="Difference of the two values of a column, last first.")
    ] = None,
    interval: Annotated[
        Literal["wald", "logit", "likelihood", "asin", "wilson", "clopper-pearson", "jeffreys", "korn-graubard"] | None,
        typer.Option("--interval", help="Default: what suits the situation (docs/statistics.md)."),
    ] = None,
    level: Annotated[float, typer.Option("--level", metavar="L", help="Level of the intervals, a share.")] = 0.95,
    lonely: Annotated[
        Literal["fail", "adjust", "certainty", "average"],
        typer.Option("--lonely", help="What a stratum with one cluster adds to the variance."),
    ] = "fail",
    poststratify: Annotated[
        Path | None,
        typer.Option("--poststratify", metavar="FILE", help="CSV of category columns and `total`."),
    ] = None,
    rake: Annotated[
        Path | None, typer.Option("--rake", metavar="FILE", help="CSV `column,value,total` of margins.")
    ] = None,
    calibrate: Annotated[
        Path | None,
        typer.Option("--calibrate", metavar="FILE", help="CSV `column,value,total`; GREG. No value: a number."),
    ] = None,
    replicates: Annotated[
        Literal["jackknife", "bootstrap"] | None,
        typer.Option("--replicates", help="Variance from replicates instead of linearisation."),
    ] = None,
    replications: Annotated[
        int | None,
        typer.Option("--replications", metavar="R", help="Bootstrap replicates; default: 1,000."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="S", help="Of the bootstrap, or of the folds of --prediction.")
    ] = None,
    prediction: Annotated[
        str | None,
        typer.Option("--prediction", metavar="C", help="Column of predictions made without the row's label."),
    ] = None,
    population_predictions: Annotated[
        Path | None,
        typer.Option("--population-predictions", metavar="FILE", help="Predictions of the whole frame, one a row."),
    ] = None,
    sensitivity: Annotated[
        str | None, typer.Option("--sensitivity", metavar="X/N", help="Of the labeller; N = inf: known.")
    ] = None,
    specificity: Annotated[
        str | None, typer.Option("--specificity", metavar="X/N", help="Of the labeller; goes with --sensitivity.")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Estimate from a sample as it was drawn, with an interval.

    Strata, clusters, population corrections, unequal probabilities, domains, known totals. An empty field or NA is
    missing. docs/statistics.md has every formula.

    \b
    Example:
      transect estimate sample.csv --proportion label=violating --weights _weight --strata _stratum
      transect estimate schools.csv --mean api00 --clusters dnum,snum --fpc fpc1,fpc2 --by stype
      transect estimate labels.csv --proportion bad --prediction score --population-predictions frame.csv
      transect estimate flags.csv --proportion flagged --sensitivity 92/100 --specificity 1990/2000
    """
    from agent.cli.output import print_json, print_progress  # start-up
    from tools.estimation.file import EstimateRequest, estimate_file
    from tools.estimation.validation import read_rate

    given = (mean, total, proportion, ratio, quantile)
    chosen = [name for name, value in zip(_STATISTICS, given, strict=True) if value is not None]
    if len(chosen) != 1:
        said = f"{' and '.join(chosen)} are two statistics" if chosen else "No statistic is named"
        raise InvalidInput(f"{said}; give one.", code="usage", value=" ".join(chosen) or None, allowed=_STATISTICS)
    column = mean or total or proportion or (ratio or quantile or ("",))[0]
    request = EstimateRequest(
        statistic=chosen[0].removeprefix("--"),  # type: ignore[arg-type]
        column=column,
        denominator=ratio[1] if ratio else None,
        q=quantile[1] if quantile else None,
        weights=weights,
        probability=probability,
        strata=strata,
        clusters=_listed(clusters),
        fpc=_listed(fpc),
        variance=variance,
        joint=joint,
        where=tuple(where or ()),
        by=by,
        compare=compare,
        interval=interval,
        level=level,
        lonely=lonely,
        poststratify=poststratify,
        rake=rake,
        calibrate=calibrate,
        replicates=replicates,
        replications=replications,
        seed=seed,
        prediction=prediction,
        population_predictions=population_predictions,
        sensitivity=None if sensitivity is None else read_rate(sensitivity, name="sensitivity"),
        specificity=None if specificity is None else read_rate(specificity, name="specificity"),
    )
    report = estimate_file(file, request, progress=print_progress)
    if json_:
        print_json(report)
    else:
        _show(report)


def _listed(columns: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in columns.split(",")) if columns else ()


def _show(report: EstimateReport) -> None:
    from agent.cli.output import embolden, print_table, wrap  # start-up
    from tools.reporting.format import format_range, format_value

    def listed(value: object) -> list[object]:
        return value if isinstance(value, list) else [value]

    design, figures = report.design, report.figures
    print(embolden(figures[0].metric))
    sliced = list(figures[0].slice)
    level = f"{100 * (figures[0].level or figures[-1].level or 0.95):g}% interval"
    rows = []
    for figure, se, df, deff in zip(figures, listed(design.se), listed(design.df), listed(design.deff), strict=True):
        shown = (format_value(figure, among=figures), format_range(figure, among=figures), se, figure.n)
        rows.append((*figure.slice.values(), *shown, figure.positives, figure.n_eff, deff, df, figure.method))
    names = [*sliced, "estimate", level, "se", "n", "positives", "effective n", "deff", "df", "interval"]
    kept = [i for i in range(len(names)) if i < len(sliced) + 2 or any(row[i] is not None for row in rows)]
    print_table(
        [names[i] for i in kept], [[row[i] for i in kept] for row in rows], right={"estimate", level}, width=None
    )
    print()
    strata = f"{design.strata:,} strata, " if design.strata > 1 else ""
    replicates = f", {design.replicates:,} replicates" if design.replicates else ""
    print(wrap(f"{strata}{design.clusters:,} first-stage units{replicates}", label="Design"))
    print(wrap(report.method, label="Method"))
    for note in report.notes:
        print(wrap(note, label="Mind"))
