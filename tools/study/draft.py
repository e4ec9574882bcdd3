"""The words of a draft, each number of which comes from the plan, the manifest or the estimate."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from tools.estimation.choose_interval import RULES
from tools.figure import Figure
from tools.ingest.english import plural
from tools.labeling import Policy
from tools.reporting.format import (
    format_interval,
    format_label,
    format_level,
    format_name,
    format_period,
    format_range,
    format_value,
)
from tools.reporting.prose import render
from tools.reporting.scale import bound_side
from tools.sampling import Manifest
from tools.study.draft_appendix import fence, write_definitions, write_manifest
from tools.study.draft_tables import (
    as_text,
    checks_table,
    group_table,
    response_table,
    result_table,
    strata_table,
)
from tools.study.estimate import AGREEMENT, OVERALL, TOTAL, StudyEstimate
from tools.study.plan import Plan
from tools.study.spec import StratifiedDesign

SQL_WITHHELD = "-- It holds the size of every stratum, and some are too small to show: see the manifest of the study."


def write_draft(
    plan: Plan, estimate: StudyEstimate, manifest: Manifest, policy: Policy, *, chart_alt: str, estimate_hash: str
) -> str:
    """The draft as Markdown.

    Args:
        plan, estimate, manifest, policy: of the study; `estimate` without what may not be shown.
        chart_alt: the chart in words.
        estimate_hash: sha256 of estimate.json.
    """
    overall, total = _figure(estimate, OVERALL), _figure(estimate, TOTAL)
    units, hidden = plural(plan.frame.unit), _hidden_strata(plan, estimate)
    text = render(
        _template("draft.md"),
        title=as_text(plan.spec.title),
        headline=write_headline(plan, overall, units=units),
        standing=_standing(plan, estimate),
        words=as_text(plan.spec.estimand.words),
        positive=_either(plan.spec.estimand.positive),
        policy=as_text(plan.policy.id),
        policy_version=str(plan.policy.version),
        unresolved=_unresolved(plan),
        result_table=result_table(overall, total, unit=plan.frame.unit, units=units, frame_units=plan.frame.units),
        groups=_groups(plan, estimate, overall, units=units),
        chart_alt=as_text(chart_alt),
        reading=render(_template("reading.md"), level=format_level(overall), units=as_text(units)),
        method=_method(plan, units=units),
        labelling=_labelling(plan, estimate, units=units),
        estimator=render(
            _template("estimator.md"),
            units=as_text(units),
            base="the frame" if plan.spec.strata is None else "its stratum",
            level=format_level(overall),
            interval=as_text(overall.method),
            why=as_text(_why(overall.method)),
            precision=_precision(estimate, overall),
        ),
        frame=_frame(plan, units=units),
        leaves_out="\n".join(f"- {as_text(each)}" for each in plan.spec.frame.leaves_out),
        caveats="\n".join(f"- {as_text(each)}" for each in estimate.caveats) or "None beyond the limits below.",
        limits=render(_template("limits.md")),
        definitions=write_definitions(plan, policy),
        policy_text=fence(policy.text),
        manifest=write_manifest(plan, manifest, estimate_hash=estimate_hash),
        strata_table=strata_table(plan, estimate.response, hidden=hidden) if plan.strata else "",
        response_table=response_table(estimate.response, hidden=hidden),
        checks_table=checks_table(estimate.checks) if estimate.checks is not None else "",
        frame_sql=plan.frame.sql,
        draw_sql=manifest.sql if not hidden else SQL_WITHHELD,
        replay=render(_template("replay.md"), study=plan.study),
    )
    return _tidy(text)


def write_headline(plan: Plan, overall: Figure, *, units: str) -> str:
    """Number, interval, n and period in one sentence."""
    positive = _either(plan.spec.estimand.positive)
    known = {"units": as_text(units), "positive": positive, "policy": as_text(plan.policy.id)}
    if overall.value is None:
        return render(
            "The share of {units} that would be labelled {positive} under the policy {policy}: {value}{period}.",
            **known,
            value=as_text(format_value(overall)),
            period=f", {format_period(overall.period)}" if overall.period is not None else "",
        )
    side = bound_side(overall)
    interval = (
        f"{format_level(overall)} {side} bound" if side else f"{format_level(overall)} interval {format_range(overall)}"
    )
    by = render(", by a model's labels") if overall.basis == "model_labelled" else ""
    sentence = render(
        "{value} of {units} would be labelled {positive} under the policy {policy}{by} ({interval}; n = {n}){period}.",
        **known,
        value=format_value(overall),
        by=by,
        interval=interval,
        n=f"{overall.n:,}",
        period=f", {format_period(overall.period)}" if overall.period is not None else "",
    )
    return sentence[:1].upper() + sentence[1:]


def _hidden_strata(plan: Plan, estimate: StudyEstimate) -> frozenset[str]:
    """Strata about which nothing may be shown, their size included."""
    name = plan.spec.strata
    return frozenset(str(f.slice[name]) for f in estimate.group("strata") if name and f.undefined == "small_cell")


def _standing(plan: Plan, estimate: StudyEstimate) -> str:
    """What kind of page this is, and how to tell a signed one."""
    basis = (
        "estimated from a probability sample labelled by people"
        if estimate.basis == "sample"
        else "a model's labels of a probability sample, not corrected for its errors"
    )
    return render(
        _template("standing.md"),
        study=plan.study,
        basis=basis,
        as_of=f"as of {plan.frame.last}" if plan.frame.last is not None else "without a date",
    )


def _unresolved(plan: Plan) -> str:
    labels = plan.spec.estimand.unresolved
    if not labels:
        return ""
    return render("The label {labels} decides nothing: such an item has no settled label.", labels=_either(labels))


def _groups(plan: Plan, estimate: StudyEstimate, overall: Figure, *, units: str) -> str:
    parts = []
    if plan.spec.strata is not None:
        parts.append((estimate.group("strata"), plan.spec.strata))
    parts += [(estimate.group(f"by_{name}"), name) for name in plan.spec.breakdowns]
    return "\n\n".join(
        f"### By {as_text(format_name(name))}\n\n" + group_table(figures, overall, name=name, units=units)
        for figures, name in parts
    )


def _method(plan: Plan, *, units: str) -> str:
    shared = {
        "n": f"{plan.n:,}",
        "frame_units": f"{plan.frame.units:,}",
        "units": as_text(units),
        "seed": str(plan.spec.seed),
    }
    if not isinstance(plan.spec.design, StratifiedDesign):
        return render(_template("method_srs.md"), **shared)
    return render(
        _template("method_stratified.md"),
        **shared,
        strata=as_text(plan.spec.design.strata),
        strata_count=f"{len(plan.strata):,}",
        allocation=plan.spec.design.allocation,
    )


def _labelling(plan: Plan, estimate: StudyEstimate, *, units: str) -> str:
    facts, agreement = estimate.labelling, estimate.figure(AGREEMENT)
    many = facts.labellers != 1
    labellers = f"{facts.labellers:,} labeller{'s' if many else ''}"
    disagreement = "No item has labels of more than one labeller, so that their agreement is not known."
    if agreement is not None:
        disagreement = render(
            "{items} items have more than one label; Krippendorff's alpha over them is {alpha}.",
            items=f"{facts.items_twice:,}",
            alpha=as_text(format_interval(agreement)),
        )
    shared = {"labels": f"{facts.labels:,}", "labellers": labellers, "disagreement": disagreement}
    if estimate.checks is None:
        return render(_template("labelling_people.md"), **shared)
    return render(_template("labelling_model.md"), **shared, checks=f"{estimate.checks.n:,}", units=as_text(units))


def _why(method: str) -> str:
    """What the interval is, in the words of the table of defaults."""
    return next((rule.why for rule in RULES if rule.choice == method), "the default for this situation")


def _precision(estimate: StudyEstimate, overall: Figure) -> str:
    """Standard error, degrees of freedom, design effect and effective n; empty where they have no meaning."""
    found = estimate.precision
    if overall.n_eff is None or found.se is None or found.df is None or found.deff is None:
        return ""
    return render(
        _template("precision.md"),
        se=f"{100 * found.se:.3g}",
        df=f"{found.df:,.4g}",
        deff=f"{found.deff:.3g}",
        n_eff=f"{overall.n_eff:,.0f}",
    )


def _frame(plan: Plan, *, units: str) -> str:
    frame, spec = plan.frame, plan.spec.frame
    source = render("the table {table}", table=as_text(frame.table))
    if frame.dataset is not None:
        table = "" if frame.dataset == frame.table else render(" (table {table})", table=as_text(frame.table))
        filters = ", under its required filters" if frame.filtered else ""
        dataset = as_text(frame.dataset)
        source = render("the dataset {dataset}{table}{filters}", dataset=dataset, table=table, filters=filters)
    days = ""
    if frame.first is not None and frame.last is not None:
        days = render(" Its rows are of {first} to {last}.", first=str(frame.first), last=str(frame.last))
    conditions = "; ".join(
        f"{as_text(p.column)} {as_text(format_label(_condition(p.model_dump(by_alias=True, exclude_none=True))))}"
        for p in spec.where
    )
    return render(
        "The frame holds {n} {units}: {source}{period}{conditions}.{days} Nothing outside of it was measured{but}",
        n=f"{frame.units:,}",
        units=as_text(units),
        source=source,
        period=f", {format_period(spec.period)}" if spec.period is not None else "",
        conditions=f", where {conditions}" if conditions else "",
        days=days,
        but=", in particular:" if spec.leaves_out else "; what the frame leaves out is not stated.",
    )


def _condition(predicate: dict[str, object]) -> object:
    rest = {key: value for key, value in predicate.items() if key != "column"}
    return rest["equals"] if "equals" in rest else {"not": rest["not_equals"]} if "not_equals" in rest else rest


def _either(values: tuple[str, ...]) -> str:
    shown = [f"**{as_text(each)}**" for each in values]
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " or " + shown[-1]


def _figure(estimate: StudyEstimate, id: str) -> Figure:
    found = estimate.figure(id)
    assert found is not None
    return found


def _tidy(text: str) -> str:
    """Paragraphs one blank line apart, whichever were left empty."""
    kept: list[str] = []
    for line in text.split("\n"):
        if line.strip() or (kept and kept[-1]):
            kept.append(line.rstrip())
    return "\n".join(kept).rstrip() + "\n"


@cache
def _template(name: str) -> str:
    return files("tools.study").joinpath("templates", name).read_text(encoding="utf-8").rstrip("\n")
