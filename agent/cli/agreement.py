"""`transect agreement`: how far raters agree, and what they agree on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.cli.options import JsonOption, command_app

if TYPE_CHECKING:
    from tools.labeling import AgreementReport

app = command_app()
_LABELS = 20


@app.command()
def agreement(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TSV or Parquet, one row per label.")],
    item: Annotated[str, typer.Option("--item", metavar="C", help="Column of the item.")],
    rater: Annotated[str, typer.Option("--rater", metavar="C", help="Column of who gave the label.")],
    label: Annotated[str, typer.Option("--label", metavar="C", help="Column of the label; empty or NA is no label.")],
    scale: Annotated[
        Literal["nominal", "ordinal", "interval", "ratio"],
        typer.Option("--scale", help="What differences between labels mean, for alpha and the weights."),
    ] = "nominal",
    level: Annotated[float, typer.Option("--level", metavar="L", help="Level of the intervals.")] = 0.95,
    replications: Annotated[
        int, typer.Option("--replications", metavar="R", help="Bootstrap draws of items, for the intervals.")
    ] = 2000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Seed of the bootstrap.")] = 0,
    json_: JsonOption = False,
) -> None:
    """Measure how far raters agree, with consensus labels and each rater's accuracy.

    Krippendorff's alpha, kappa (Cohen's for two raters, Fleiss's for more) and Gwet's AC1, on a scale of numbers also
    weighted kappa and AC2, each with a bootstrap interval over items. Consensus by majority, Dawid-Skene, and
    Dawid-Skene with raters drawn towards the average one.

    \b
    Example:
      transect agreement labels.csv --item item_id --rater worker_id --label label
    """
    from agent.cli.output import print_json, print_progress  # start-up
    from tools.labeling import measure_agreement, read_label_table

    found = read_label_table(file, item=item, rater=rater, label=label)
    print_progress(f"{len(found.table.item):,} labels")
    report = measure_agreement(
        found.table, scale=scale, level=level, replications=replications, seed=seed, left_out=found.left_out
    )
    print_progress("done", 1)
    if json_:
        print_json(report)
    else:
        _show(report)


def _show(report: AgreementReport) -> None:
    from agent.cli.output import print_table, wrap  # start-up

    print(f"{report.n_items:,} items, {report.n_raters:,} raters, {report.n_labels:,} labels\n")
    figures = [f for f in (report.alpha, report.kappa, report.ac1, report.weighted_kappa, report.ac2) if f]
    print_table(
        ("statistic", "value", f"low ({report.alpha.level:g})", "high", "items", "method"),
        [(f.metric, f.value, f.low, f.high, f.n, f.undefined or f.method) for f in figures],
    )
    counts: dict[str, list[int]] = {}
    for each in report.consensus:
        for place, label in enumerate((each.label, each.shrunken, each.majority)):
            if label is not None:
                counts.setdefault(label, [0, 0, 0])[place] += 1
    print("\nConsensus: items of each label")
    most = sorted(counts, key=lambda name: (-sum(counts[name]), name))[:_LABELS]
    print_table(("label", "Dawid-Skene", "shrinkage", "majority"), [(name, *counts[name]) for name in sorted(most)])
    if len(counts) > _LABELS:
        print(f"and {len(counts) - _LABELS:,} labels of fewer items")
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
