"""What a reader must know beside the numbers, as sentences whose numbers come from figures."""

from __future__ import annotations

from collections.abc import Iterator

from tools.figure import Figure
from tools.reporting.format import format_interval, format_range
from tools.reporting.prose import render
from tools.study.estimate import OVERALL, WORST, CheckCounts, Response
from tools.study.estimate_sample import SampleEstimate
from tools.study.plan import WIDEST, Plan


def write_caveats(
    plan: Plan, found: SampleEstimate, *, checks: CheckCounts | None, agreement: Figure | None
) -> Iterator[str]:
    """One sentence or two each, the gravest first.

    Args:
        plan: of the study.
        found: the estimate.
        checks: a model's labels against people's, when the estimate rests on the model's.
        agreement: the figure of those checks.
    """
    figures = {figure.id: figure for figure in found.figures}
    if checks is not None and agreement is not None:
        yield _model_labelled(checks, agreement)
        yield (
            "The checked units are those that people labelled. What is said of the model holds for all drawn units "
            "only if they were chosen at random."
        )
    if found.response[0].missing:
        yield _missing(found.response[0], figures[WORST], figures[OVERALL])
    positives = figures[OVERALL].positives
    if figures[OVERALL].one_sided:
        yield (
            "No labelled unit was positive, or none was negative: the sample bounds the share from one side and says "
            "no more than that."
        )
    elif positives is not None and plan.expected.prevalence < WIDEST and positives < plan.expected.positives / 2:
        yield render(
            "Fewer positives were found ({found}) than the plan assumed ({planned}), so the interval is wide relative "
            "to the share.",
            found=f"{positives:,}",
            planned=f"{plan.expected.positives:,.4g}",
        )
    for note in found.notes:
        yield note if note.endswith(".") else note + "."


def _model_labelled(checks: CheckCounts, agreement: Figure) -> str:
    return render(
        "These numbers rest on a model's labels and are not corrected for its errors, which the interval does not "
        "contain. People checked {n} of the units and agreed on {agreed}: {share}. The model alone was positive on "
        "{model}, people alone on {people}.",
        n=f"{checks.n:,}",
        agreed=f"{checks.both_positive + checks.both_negative:,}",
        share=format_interval(agreement),
        model=f"{checks.model_positive_only:,}",
        people=f"{checks.people_positive_only:,}",
    )


def _missing(response: Response, worst: Figure, overall: Figure) -> str:
    return render(
        "{missing} of {drawn} drawn units have no settled label ({unlabelled} without an answer, {unresolved} "
        "unresolved) and are taken to be like the others of their stratum. Were they all negative, the interval would "
        "begin, and were they all positive, it would end, as in {range}; as estimated it is {estimated}.",
        missing=f"{response.missing:,}",
        drawn=f"{response.drawn:,}",
        unlabelled=f"{response.unlabelled:,}",
        unresolved=f"{response.unresolved:,}",
        range=format_range(worst) or format_interval(worst),
        estimated=format_range(overall) or format_interval(overall),
    )
