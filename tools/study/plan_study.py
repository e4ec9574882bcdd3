"""From a spec to a plan: the frame is counted and marked, the size chosen, the interval and the cost foreseen."""

from __future__ import annotations

from tools.access import Asker
from tools.errors import Declined, InvalidInput
from tools.labeling import Policy, find_policy
from tools.sampling import StratumFacts, allocate
from tools.sampling.check_frame import check_frame
from tools.sampling.columns import Columns, find_columns
from tools.sampling.manifest import StratumDraw
from tools.sampling.plan_frame import read_strata
from tools.study.expected_interval import Take, expected_interval, size_for_width
from tools.study.folder import write_model
from tools.study.frame import FrameSource, open_frame
from tools.study.load_study import load_study
from tools.study.plan import WIDEST, Cost, Expected, Plan, PlannedFrame, PolicyMark, design_of
from tools.study.receipts import write_receipt
from tools.study.significant import significant
from tools.study.spec import StratifiedDesign, StudySpec
from tools.version import VERSION
from tools.workspace import Workspace
from tools.workspace.nearest import nearest

ZERO = 0.01  # chance of finding nothing, above which it is said


def plan_study(workspace: Workspace, id: str, *, asker: Asker) -> Plan:
    """Plan a study and write plan.json; an approval given to another plan no longer holds then.

    Raises:
        InvalidWorkspace, InvalidInput: a spec, policy, label, frame or size that cannot be; a sample that was drawn
            under another plan.
        Declined: the frame is empty (`no_data`) or may not be seen (`not_permitted`); n units give a wider interval
            than was wished (`underpowered`).
    """
    study = load_study(workspace, id)
    frame = open_frame(study.spec, workspace=workspace, asker=asker)
    plan = make_plan(study.spec, frame=frame, workspace=workspace)
    if study.plan is not None and study.manifest is not None and study.plan.hash != plan.hash:
        raise InvalidInput(
            f"The sample of {id!r} was drawn under another plan, which this one would replace.",
            code="already_drawn",
            value=id,
            hint="Start a new study for a new plan: the seed of this one is spent once its items have been seen.",
        )
    write_model(study.folder.plan, plan)
    write_receipt(study.folder, "plan", asker=asker, sql=frame.receipts, files=[study.folder.plan])
    return plan


def make_plan(spec: StudySpec, *, frame: FrameSource, workspace: Workspace, workspace_hash: str | None = None) -> Plan:
    """The plan of a spec on a frame; nothing is written."""
    policy = find_policy(workspace, spec.estimand.policy)
    _check_labels(spec, policy)
    units, facts = _count(spec, frame)
    n = _choose_n(spec, facts, units=units, usd_per_label=workspace.settings.study.usd_per_label)
    takes = _takes(spec, facts, n)
    expected = _expect(spec, takes)
    span = frame.span()
    return Plan(
        study=spec.id,
        spec=spec,
        policy=PolicyMark(id=policy.id, version=policy.version, hash=policy.hash, labels=policy.header.labels),
        frame=PlannedFrame(
            table=frame.name,
            dataset=frame.dataset,
            unit=frame.unit,
            id=frame.id,
            filtered=frame.filtered,
            units=units,
            fingerprint=frame.fingerprint(),
            first=span.first,
            last=span.last,
            sql=frame.relation,
        ),
        strata=tuple(
            StratumDraw(stratum=fact.stratum, units=take.units, n=take.n)
            for fact, take in zip(facts, takes, strict=True)
            if spec.strata is not None
        ),
        n=n,
        expected=expected,
        cost=_cost(n, workspace.settings.study.usd_per_label),
        min_cell=frame.min_cell,
        notes=tuple(_notes(spec, frame, expected, usd_per_label=workspace.settings.study.usd_per_label)),
        workspace_hash=workspace_hash or workspace.hash(),
        version=VERSION,
    ).sealed()


def _check_labels(spec: StudySpec, policy: Policy) -> None:
    known = policy.header.labels
    for key in ("positive", "unresolved"):
        for label in getattr(spec.estimand, key):
            if label not in known:
                near = nearest(label, known)
                raise InvalidInput(
                    f"estimand.{key}: {label!r} is no label of {policy.id} version {policy.version}.",
                    code="no_such_label",
                    value=label,
                    allowed=list(known),
                    hint=f"Did you mean {near!r}?" if near else "",
                )
    if set(known) <= {*spec.estimand.positive, *spec.estimand.unresolved}:
        raise InvalidInput(
            f"Every label of {policy.id} is positive or unresolved, so that no item could be negative.",
            code="no_negative_label",
            value=list(spec.estimand.positive),
            allowed=list(known),
        )


def _count(spec: StudySpec, frame: FrameSource) -> tuple[int, list[StratumFacts]]:
    """Units in all, and what the allocation knows of each stratum; one entry for a simple random sample."""
    empty = frame.query(f"select count(*) from {frame.relation}")[0][0] == 0
    if empty:
        raise _no_data(spec, frame)
    design = design_of(spec, n=1)
    columns: Columns = find_columns(frame, design, id=frame.id)
    units = check_frame(frame, columns, design)
    if spec.strata is None:
        return units, [StratumFacts("", units)]
    return units, read_strata(frame, columns)


def _no_data(spec: StudySpec, frame: FrameSource) -> Declined:
    data = frame.span_of_data()
    ranged = (
        "" if data.first is None else f" Under its other conditions the data reach from {data.first} to {data.last}."
    )
    return Declined(
        f"The frame holds no {frame.unit}.{ranged}",
        reason="no_data",
        value=spec.frame.dataset or spec.frame.table,
        hint="Widen the period or the conditions of the frame.",
    )


def _takes(spec: StudySpec, facts: list[StratumFacts], n: int) -> list[Take]:
    """What n units come to in each stratum."""
    if not isinstance(spec.design, StratifiedDesign):
        return [Take(facts[0].units, n)]
    take = allocate(facts, n=n, allocation=spec.design.allocation, minimum=spec.design.minimum)
    return [Take(fact.units, take[fact.stratum]) for fact in facts]


def _choose_n(spec: StudySpec, facts: list[StratumFacts], *, units: int, usd_per_label: float) -> int:
    size = spec.size
    least = 2
    if isinstance(spec.design, StratifiedDesign):
        least = sum(min(spec.design.minimum, fact.units) for fact in facts)
    needed = None
    if size.width is not None:
        needed = size_for_width(
            lambda n: _takes(spec, facts, n),
            width=size.width,
            prevalence=size.prevalence,
            level=spec.level,
            least=min(least, units),
            most=units,
        )
    if size.n is None:
        assert needed is not None  # the whole frame has no width
        return needed
    if size.n > units:
        raise InvalidInput(
            f"size.n is {size.n:,}, and the frame holds {units:,}.",
            code="n_too_large",
            value=size.n,
            allowed=[f"{least:,} to {units:,}"],
            hint="A draw is without replacement.",
        )
    if needed is not None and needed > size.n:
        more = needed - size.n
        about = f", about ${more * usd_per_label:,.2f} more" if usd_per_label else ""
        raise Declined(
            f"{size.n:,} units are too few for an interval no wider than {size.width}: that takes {needed:,} at an "
            f"assumed prevalence of {size.prevalence}.",
            reason="underpowered",
            value=size.n,
            hint=f"Draw {more:,} more{about}, wish a wider interval, or assume the prevalence that you expect.",
        )
    return size.n


def _expect(spec: StudySpec, takes: list[Take]) -> Expected:
    found = expected_interval(takes, prevalence=spec.size.prevalence, level=spec.level)
    return Expected(
        prevalence=spec.size.prevalence,
        low=significant(found.expected_low, 6),
        high=significant(found.expected_high, 6),
        level=spec.level,
        positives=significant(found.expected_positives, 6),
        design_effect=significant(found.design_effect, 6),
        zero_probability=significant(found.zero_probability, 6),
        bound_if_zero=significant(found.bound_if_zero, 6),
    )


def _cost(n: int, usd_per_label: float) -> Cost:
    return Cost(labels=n, usd_per_label=usd_per_label, usd=round(n * usd_per_label, 2))


def _notes(spec: StudySpec, frame: FrameSource, expected: Expected, *, usd_per_label: float) -> list[str]:
    notes = []
    if expected.prevalence == WIDEST:
        notes.append(f"A prevalence of {WIDEST} is assumed, which gives the widest interval.")
    if expected.zero_probability > ZERO:
        notes.append(
            f"About {expected.positives:.3g} positives are expected. With probability {expected.zero_probability:.2g} "
            f"none is found, and the result is no more than an upper bound of {expected.bound_if_zero:.3g}."
        )
    if usd_per_label == 0:
        notes.append("study.usd_per_label in transect.toml is 0, so labels are planned to cost nothing.")
    period, data = spec.frame.period, frame.span_of_data()
    if period is not None and data.last is not None and (period.end - data.last).days > 1:
        notes.append(f"The newest row is of {data.last}, before the period ends: later days are not in the frame.")
    if period is not None and data.first is not None and data.first > period.start:
        notes.append(f"The oldest row is of {data.first}, after the period begins: earlier days are not in the frame.")
    if spec.labels == "model":
        notes.append("The estimate will rest on a model's labels; people must check some of the same items.")
    return notes
