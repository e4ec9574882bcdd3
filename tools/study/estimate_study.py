"""The estimate of a study from the labels that stand in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from tools.access import Asker
from tools.errors import Declined
from tools.estimation import LabelCounts, estimate_agreement
from tools.figure import Figure, Period
from tools.state import open_state
from tools.study.check_model import agreement_with_people, check_model
from tools.study.drawn import DrawnItem, read_sample
from tools.study.estimate import AGREEMENT, CHECKS, CheckCounts, Labelling, StudyEstimate
from tools.study.estimate_sample import Measure, estimate_sample
from tools.study.folder import file_hash, write_model, write_text
from tools.study.frame import open_frame
from tools.study.guard_steps import require_approval, require_plan, require_policy, require_sample
from tools.study.label_snapshot import snapshot_text, standing_labels
from tools.study.load_study import load_study
from tools.study.plan import Plan
from tools.study.receipts import write_receipt
from tools.study.settle_labels import MODELS, PEOPLE, StandingLabel, settle_labels
from tools.study.significant import significant
from tools.study.write_caveats import write_caveats
from tools.warehouse.rows import Receipt
from tools.workspace import Workspace


def estimate_study(workspace: Workspace, id: str, *, asker: Asker) -> StudyEstimate:
    """Estimate a study: labels.csv, the labels it rests on, and estimate.json.

    Raises:
        InvalidInput: nothing is drawn, or the plan, the spec, the sample or the policy changed since.
        Declined: no approval of the plan; too few settled labels (`underpowered`, with how many are missing); a
            model's labels that nobody checked (`uncorrectable`, with how many to check).
    """
    study = load_study(workspace, id)
    plan = require_plan(study)
    require_approval(study, plan, workspace.settings)
    require_policy(plan, workspace)
    manifest = require_sample(study, plan)
    drawn = read_sample(study.folder.sample, manifest=manifest, plan=plan)
    labels = standing_labels(open_state(workspace), policy=plan.policy, items=[item.id for item in drawn])
    actors, receipts = read_actors(plan, drawn, workspace=workspace, asker=asker)
    estimate = make_estimate(plan, drawn, labels, sample_hash=file_hash(study.folder.sample), actors=actors)
    write_text(study.folder.labels, snapshot_text(labels))
    write_model(study.folder.estimate, estimate, nulls=True)
    files = [study.folder.labels, study.folder.estimate]
    write_receipt(study.folder, "estimate", asker=asker, files=files, sql=receipts, plan=plan.hash)
    return estimate


def read_actors(
    plan: Plan, drawn: Sequence[DrawnItem], *, workspace: Workspace, asker: Asker
) -> tuple[dict[str, str] | None, list[Receipt]]:
    """Whom each drawn unit is about, where small cells are withheld and the frame knows; and the SQL that ran."""
    if plan.min_cell <= 1:
        return None, []
    frame = open_frame(plan.spec, workspace=workspace, asker=asker)
    return frame.actors_of([item.id for item in drawn]) or None, frame.receipts


def make_estimate(
    plan: Plan,
    drawn: Sequence[DrawnItem],
    labels: Sequence[StandingLabel],
    *,
    sample_hash: str,
    actors: dict[str, str] | None,
) -> StudyEstimate:
    """The estimate of a plan from drawn units and standing labels; nothing is read or written."""
    estimand = plan.spec.estimand
    people = settle_labels(labels, estimand=estimand, kinds=PEOPLE)
    by_model = plan.spec.labels == "model"
    model = settle_labels(labels, estimand=estimand, kinds=MODELS)
    if not by_model and not people:
        raise _nobody_labelled(plan, machine=len(model))
    if by_model and not model:
        raise _nothing_labelled(plan)
    checks = check_model(drawn, model=model, people=people) if by_model else None
    found = estimate_sample(drawn, model if by_model else people, measure_of(plan), actors=actors)
    used = [each for each in labels if each.kind in (MODELS if by_model else PEOPLE)]
    more = _more_figures(plan, used, checks)
    return StudyEstimate(
        study=plan.study,
        plan_hash=plan.hash,
        sample_hash=sample_hash,
        labels_hash=sha256(snapshot_text(labels).encode()).hexdigest(),
        basis="model_labelled" if by_model else "sample",
        figures=(*found.figures, *more),
        precision=found.precision,
        cells=dict(found.cells),
        response=found.response,
        labelling=_labelling(used),
        checks=checks,
        caveats=tuple(write_caveats(plan, found, checks=checks, agreement=more[0] if checks and more else None)),
    )


def measure_of(plan: Plan) -> Measure:
    """What the figures of a plan are called and said of."""
    frame = plan.frame
    period = plan.spec.frame.period
    if period is None and frame.first is not None and frame.last is not None:
        period = Period.model_validate({"from": frame.first, "to": frame.last + timedelta(days=1)})
    units = {s.stratum: s.units for s in plan.strata} or {"": frame.units}
    return Measure(
        metric=f"{plan.policy.id}_prevalence",
        version=plan.policy.version,
        level=plan.spec.level,
        basis="model_labelled" if plan.spec.labels == "model" else "sample",
        units=units,
        strata=plan.spec.strata,
        breakdowns=plan.spec.breakdowns,
        period=period,
        as_of=frame.last,
        max_missing=plan.spec.max_missing,
    )


def _more_figures(plan: Plan, used: Sequence[StandingLabel], checks: CheckCounts | None) -> list[Figure]:
    """How far a model agrees with people, and labellers with one another."""
    figures = []
    if checks is not None:
        figures.append(_checks_figure(plan, checks))
    counts: dict[tuple[str, str], int] = {}
    for each in used:
        if each.label is not None:
            counts[each.item, each.label] = counts.get((each.item, each.label), 0) + 1
    items = [item for item, _ in counts]
    if len(items) > len(set(items)) or any(n > 1 for n in counts.values()):
        figures.append(_agreement_figure(plan, counts))
    return figures


def _checks_figure(plan: Plan, checks: CheckCounts) -> Figure:
    found = agreement_with_people(checks, level=plan.spec.level)
    return Figure(
        id=CHECKS,
        metric=f"{plan.policy.id}_model_agreement_with_people",
        version=plan.policy.version,
        value=_round(found.value),
        low=_round(found.low),
        high=_round(found.high),
        level=found.level,
        unit="share",
        n=checks.n,
        positives=found.positives,
        basis="sample",
        method=found.method,
        undefined=found.undefined,
        one_sided=found.one_sided,
    )


def _agreement_figure(plan: Plan, counts: dict[tuple[str, str], int]) -> Figure:
    import numpy as np

    table = LabelCounts(
        item=np.array([item for item, _ in counts]),
        label=np.array([label for _, label in counts]),
        n=np.array(list(counts.values()), dtype=np.int64),
    )
    found = estimate_agreement(table, level=plan.spec.level)
    return Figure(
        id=AGREEMENT,
        metric=f"{plan.policy.id}_labeller_alpha",
        version=plan.policy.version,
        value=_round(found.value),
        low=_round(found.low),
        high=_round(found.high),
        level=found.level,
        unit="index",
        n=found.n,
        basis="sample",
        method=found.method,
        undefined=found.undefined,
        one_sided=found.one_sided,
    )


def _round(value: float | None) -> float | None:
    return None if value is None else significant(value)


def _labelling(used: Sequence[StandingLabel]) -> Labelling:
    labels = [each for each in used if each.label is not None]
    per_item: dict[str, int] = {}
    for each in labels:
        per_item[each.item] = per_item.get(each.item, 0) + 1
    return Labelling(
        labels=len(labels),
        labellers=len({(each.kind, each.labeller) for each in labels}),
        kinds=tuple(sorted({each.kind for each in labels})),
        items_twice=sum(n > 1 for n in per_item.values()),
    )


def _nobody_labelled(plan: Plan, *, machine: int) -> Declined:
    also = (
        f" A model labelled {machine:,} of them, and this study counts people's labels (labels: people)."
        if machine
        else ""
    )
    return Declined(
        f"None of the {plan.n:,} drawn units has a label by people.{also}",
        reason="no_data",
        value=0,
        hint=f"transect study label {plan.study} --queue, or --import FILE.",
    )


def _nothing_labelled(plan: Plan) -> Declined:
    return Declined(
        f"None of the {plan.n:,} drawn units has a model's label, and this study counts those (labels: model).",
        reason="no_data",
        value=0,
        hint=f"transect study label {plan.study} --run embedded, or --run model.",
    )
