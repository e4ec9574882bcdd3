"""The manifest of a draw, from what was planned and what was written."""

from __future__ import annotations

from tools.sampling.check_frame import FrameFacts
from tools.sampling.columns import Columns
from tools.sampling.designs import Clusters, Daily, Design, Panel, Stratified
from tools.sampling.manifest import (
    ClusterDraw,
    DayDraw,
    DrawnMark,
    FirstPhase,
    FrameMark,
    Manifest,
    SizeUse,
    StratumDraw,
)
from tools.sampling.plan import Plan, is_pareto
from tools.sampling.plan_frame import certainty_units
from tools.sampling.prediction_totals import predicted_total
from tools.sampling.source import Source
from tools.version import VERSION


def describe_draw(
    source: Source,
    columns: Columns,
    plan: Plan,
    *,
    facts: FrameFacts,
    stage: str,
    second_stage: str | None,
    seed: int,
    first_phase: FirstPhase | None,
    fingerprint: str,
    rows: int,
    mark: DrawnMark,
    output_fingerprint: str,
    joint_fingerprint: str | None,
    sql: str,
) -> Manifest:
    """The manifest; arguments as its fields."""
    design = plan.design
    sizes = _size_use(columns, facts)
    return Manifest(
        stage=stage,
        second_stage=second_stage,
        seed=seed,
        design=design,
        id=columns.id.column,
        n=rows,
        units=plan.units,
        size_sum=plan.rule.total if plan.rule else None,
        sizes=sizes,
        predicted_total=predicted_total(source, columns, facts),
        certainty_units=certainty_units(source, columns, plan),
        first_order=_first_order(plan),
        weights="multiplicity" if isinstance(design, Daily) and design.union == "multiplicity" else "inverse",
        strata=tuple(StratumDraw(stratum=s, units=of, n=take) for s, (of, take) in plan.strata.items()),
        days=tuple(DayDraw(day=day, units=found.units) for day, found in plan.days.items()),
        clusters=ClusterDraw(units=plan.first_units, n=design.n) if isinstance(design, Clusters) else None,
        first_phase=first_phase,
        left_out=tuple(getattr(source, "left_out", ())),
        notes=tuple(_notes(plan, sizes) + _steered(design, source, columns, facts)),
        frame=FrameMark(name=source.name, fingerprint=fingerprint),
        drawn=mark,
        output_fingerprint=output_fingerprint,
        joint_fingerprint=joint_fingerprint,
        sql=sql,
        engine_version=_engine_version(),
        version=VERSION,
    )


def _first_order(plan: Plan) -> str:
    if plan.true:
        return "computed"
    return "target" if is_pareto(plan.design) and plan.rule is not None and plan.rule.n_rest > 0 else "exact"


def _size_use(columns: Columns, facts: FrameFacts) -> SizeUse | None:
    size = columns.size
    if size is None or not (facts.missing or facts.raised):
        return None
    return SizeUse(column=size.column, missing=facts.missing, imputed=size.imputed, raised=facts.raised)


def _notes(plan: Plan, sizes: SizeUse | None) -> list[str]:
    notes = []
    if sizes and sizes.missing:
        notes.append(
            f"{sizes.missing:,} of {plan.units:,} rows have no {sizes.column}: "
            + (
                "they are left out of its standard deviation"
                if isinstance(plan.design, Stratified)
                else f"they were drawn as if it were {sizes.imputed:.6g}, the mean of the others"
            )
        )
    if sizes and sizes.raised:
        notes.append(f"{sizes.raised:,} of {plan.units:,} rows have a {sizes.column} below the floor and got the floor")
    if isinstance(plan.design, Panel):
        design = plan.design
        expected = plan.first_units * design.share
        notes.append(
            f"about {expected:,.0f} {'clusters' if design.cluster else 'units'} are expected in a wave, and "
            f"{(design.stay - 1) / design.stay:.0%} of them in the next one"
        )
    if isinstance(plan.design, Daily) and plan.design.union == "multiplicity":
        notes.append("weights are 1/(_pi * _days), not 1/_pi: a unit counts once for every day on which it was there")
    return notes


def _steered(design: Design, source: Source, columns: Columns, facts: FrameFacts) -> list[str]:
    steps = getattr(design, "steps", None)
    if steps is None:
        return []
    predicted = predicted_total(source, columns, facts)
    notes = [f"sizes are steps of the score, learned from {steps.learned_from}"] if steps.learned_from else []
    if predicted is not None:
        share = predicted / facts.rows
        notes.append(f"the score predicts a share of {share:.3g}; it steers the draw, and the labels decide")
    return notes


def _engine_version() -> str:
    from importlib.metadata import version

    return version("duckdb")
