"""The coverage study as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from tests.simulations.coverage import Result

HEAD = (
    "| design | prevalence | n | positives expected | coverage % (99 % Monte Carlo) | below / above % |"
    " no positive % | width | width, all | intervals chosen | verdict |\n" + "|---" * 11 + "|\n"
)


def write_report(results: Sequence[Result], *, run: dict[str, str]) -> str:
    """Tables by class, then what failed and what must be said."""
    parts = ["# Coverage of the default interval for a share\n\n"]
    parts += [f"- {key}: {value}\n" for key, value in run.items()]
    parts.append(_reading())
    for title, purpose, kind in (
        ("At least 20 expected positives (target 94-97 %, width at most 1.05)", "default", "common"),
        ("Fewer than 20 expected positives (at least 95 %, width at most 1.3)", "default", "rare"),
        ("Beyond the sizes the default was set on", "stress", None),
    ):
        rows = [r for r in results if r.cell.purpose == purpose and kind in (None, r.cell.kind)]
        if rows:
            parts.append(f"\n## {title}\n\n{HEAD}{''.join(map(_row, rows))}")
    parts.append(_summary(results))
    return "".join(parts)


def _reading() -> str:
    return (
        "\nA cell fails when the 99 % Wilson interval of its coverage lies wholly below 94 %. Classes were fixed in"
        " `tests/simulations/cells.csv` before the run. *Below / above*: intervals that lie wholly below or above"
        " the truth. *Width*: mean width over that of Clopper-Pearson at the true effective n, over samples with a"
        " positive; *width, all* includes samples without one, whose one-sided design bound takes clusters as all"
        " or nothing and so is as wide as the number of clusters makes it, whatever the true intraclass correlation.\n"
    )


def _row(r: Result) -> str:
    low, high = r.monte_carlo
    chosen = ", ".join(f"{k} {100 * v / r.replicates:.0f} %" for k, v in sorted(r.methods.items(), key=lambda m: -m[1]))
    verdict = "; ".join(("fail" if r.failed else "pass", *r.remarks))
    return (
        f"| {r.cell.name} | {r.cell.prevalence:g} | {r.cell.n} | {r.cell.expected_positives:g} |"
        f" {100 * r.coverage:.2f} ({100 * low:.2f}-{100 * high:.2f}) |"
        f" {100 * r.too_low / r.replicates:.2f} / {100 * r.too_high / r.replicates:.2f} |"
        f" {100 * r.none / r.replicates:.1f} | {_number(r.width)} | {_number(r.width_all)} | {chosen} | {verdict} |\n"
    )


def _summary(results: Sequence[Result]) -> str:
    default = [r for r in results if r.cell.purpose == "default"]
    stress = [r for r in results if r.cell.purpose == "stress"]
    undefined = sum(r.undefined for r in results)
    lines = ["\n## Summary\n\n"]
    for title, rows in (("default", default), ("stress", stress)):
        failed = [r for r in rows if r.failed]
        lines.append(f"- {title} cells: {len(rows) - len(failed)} of {len(rows)} pass\n")
        lines += [f"  - fails: {_where(r)}: {100 * r.coverage:.2f} %\n" for r in failed]
        lines += [f"  - {', '.join(r.remarks)}: {_where(r)}: {_numbers(r)}\n" for r in rows if r.remarks]
    lines.append(f"- samples without an interval: {undefined}\n")
    return "".join(lines)


def _where(r: Result) -> str:
    return f"{r.cell.name}, prevalence {r.cell.prevalence:g}, n {r.cell.n}"


def _numbers(r: Result) -> str:
    return f"coverage {100 * r.coverage:.2f} %, width {_number(r.width)}"


def _number(x: float) -> str:
    return "-" if math.isnan(x) else f"{x:.2f}"


def failed_cells(results: Iterable[Result]) -> list[str]:
    """Default cells that fail the coverage rule."""
    return [_where(r) for r in results if r.cell.purpose == "default" and r.failed]
