"""`transect agreement`: how far raters agree, and what they agree on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.cli.options import JsonOption, command_app

if TYPE_CHECKING:
    from tools.labeling import AgreementReport

app = command_app()


@app.command()
def agreement(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TSV or Parquet, one row per label.")],
    item: Annotated[str, typer.Option("--item", metavar="C", help="Column of the item.")],
    rater: Annotated[str, typer.Option("--rater", metavar="C", help="Column of who gave the label.")],
    label: Annotated[str, typer.Option("--label", metavar="C", help="Column of the label; empty or NA is no label.")],
    scale: Annotated[
        Literal["nominal", "ordinal", "interval", "ratio"],
        typer.Option("--scale", help="What differences between labels mean, for alpha."),
    ] = "nominal",
    level: Annotated[float, typer.Option("--level", metavar="L", help="Level of the intervals.")] = 0.95,
    json_: JsonOption = False,
) -> None:
    """Measure how far raters agree, with consensus labels and each rater's accuracy.

    Krippendorff's alpha, kappa (Cohen's for two raters, Fleiss's for more) and Gwet's AC1 with intervals over items;
    consensus by majority and Dawid-Skene.

    \b
    Example:
      transect agreement labels.csv --item item_id --rater worker_id --label label
    """
    from agent.cli.output import print_json, print_progress  # start-up
    from tools.errors import InvalidInput
    from tools.labeling import measure_agreement, read_columns

    if len({item, rater, label}) < 3:
        raise InvalidInput("--item, --rater and --label name three columns.", code="usage", value=[item, rater, label])
    found = read_columns(file, (item, rater, label))
    for name, values in zip((item, rater), list(zip(*found.columns, strict=True))[:2], strict=False):
        empty = [line for line, value in zip(found.lines, values, strict=True) if value is None]
        if empty:
            raise InvalidInput(
                f"{found.name} has {len(empty):,} rows without a value in {name!r}.",
                code="missing_value",
                value=name,
                hint="Every label needs its item and who gave it.",
                where=f"{found.name}:{empty[0]}",
            )
    rows = [(str(i), str(r), text) for i, r, text in found.columns if text is not None]
    print_progress(f"{len(rows):,} labels")
    report = measure_agreement(rows, scale=scale, level=level, left_out=len(found.columns) - len(rows))
    print_progress("done", 1)
    if json_:
        print_json(report)
    else:
        _show(report)


def _show(report: AgreementReport) -> None:
    from agent.cli.output import print_table, wrap  # start-up

    print(f"{report.n_items:,} items, {report.n_raters:,} raters, {report.n_labels:,} labels\n")
    figures = (report.alpha, report.kappa, report.ac1)
    print_table(
        ("statistic", "value", f"low ({report.alpha.level:g})", "high", "items", "method"),
        [(f.metric, f.value, f.low, f.high, f.n, f.undefined or f.method) for f in figures],
    )
    counts: dict[str, list[int]] = {}
    for each in report.consensus:
        count = counts.setdefault(each.label, [0, 0])
        count[0] += 1
        count[1] += each.majority == each.label
    print("\nConsensus")
    print_table(("label", "items", "of these also the majority"), [(name, *counts[name]) for name in sorted(counts)])
    for model in report.models:
        state = "converged" if model.converged else "not converged"
        print(
            f"{model.name}: log-likelihood {model.log_likelihood:,.3f} after {model.iterations:,} iterations, {state}"
        )
    far = sorted(report.raters, key=lambda each: (each.high, each.rater))[:10]
    print("\nRaters furthest from the consensus")
    print_table(
        ("rater", "items", "labels", "accuracy", "low", "high"),
        [(r.rater, r.n_items, r.n_labels, r.accuracy, r.low, r.high) for r in far],
    )
    print()
    for note in report.notes:
        print(wrap(note, label="Mind"))
    print("--json has every item's consensus and every rater.")
