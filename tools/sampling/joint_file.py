"""The joint probabilities of a draw as a square CSV file, in the order of the sample's rows."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import Declined, InvalidInput
from tools.metrics.sql import quote
from tools.sampling.clusters_sql import clusters_sql
from tools.sampling.columns import Columns
from tools.sampling.designs import Clusters, Design, ParetoPps
from tools.sampling.draw_sql import drawn_sql
from tools.sampling.joint_probabilities import JointFrame, JointRow, joint_probabilities
from tools.sampling.manifest import FirstPhase
from tools.sampling.plan import Plan, is_pareto
from tools.sampling.source import Source
from tools.sampling.sql_literal import double

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_KINDS = 20_000


def check_joint(path: Path, *, out: Path) -> Path:
    """The path of the file when it can be written; raises InvalidInput otherwise."""
    if path.suffix.lower() != ".csv" or path.absolute() == out.absolute() or not path.absolute().parent.is_dir():
        raise InvalidInput(
            f"{str(path)!r} cannot hold the joint probabilities.",
            code="usage",
            value=str(path),
            allowed=["a .csv file other than --out, in a folder that is there"],
            hint="--joint joint.csv",
        )
    return path


def write_joint(
    source: Source,
    columns: Columns,
    plan: Plan,
    path: Path,
    *,
    stages: tuple[str, str],
    seed: int,
    first_phase: FirstPhase | None,
) -> None:
    """Write pi_kl of the drawn rows: a header of ids, then a line a row, pi_k on the diagonal; both phases are in it.

    Raises:
        Declined: too many rows or sizes, or a first phase whose own joint probabilities the manifest does not give.
    """
    kind = source.columns[columns.id.column]
    members = "d.m" if isinstance(plan.design, Clusters) else "1"
    first = (
        ", ".join(f"f.{quote(name)}" for name in ("_pi", "_stratum", "_cluster")) if first_phase else "1, null, null"
    )
    rows = source.query(
        f"with base as (select {columns.sql} from {source.relation}),\n{drawn_sql(plan, stages=stages, seed=seed)}\n"
        f"select d.k, d.pi, d.s, d.c, coalesce(d.x, 0e0), {members}, {first} from drawn as d "
        f"join {source.relation} as f on f.{columns.id.value} = d.k::{kind}"
        f"{f' and f.{quote(columns.day)}::varchar = d.s' if columns.day else ''} order by d.u, d.c, d.v, d.k, d.s"
    )
    own = [JointRow(str(k), float(pi), s, c, float(x), int(m)) for k, pi, s, c, x, m, *_ in rows]
    joint = joint_probabilities(own, plan.design, _frame(source, columns, plan))
    if first_phase is not None:
        before = [JointRow(str(row[0]), float(row[6]), row[7], row[8]) for row in rows]
        joint = joint * joint_probabilities(before, _known(first_phase), _frame_before(first_phase))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([row.key for row in own])
        writer.writerows([repr(float(value)) for value in line] for line in joint)


def _frame(source: Source, columns: Columns, plan: Plan) -> JointFrame:
    kinds: dict[float, int] = {}
    if is_pareto(plan.design) and plan.rule is not None and plan.rule.n_rest:
        clustered = isinstance(plan.design, Clusters)
        found = source.query(
            f"with base as (select {columns.sql} from {source.relation})"
            + (f", {clusters_sql(plan.unit)}" if clustered else "")
            + f" select x, count(*) from {'clusters' if clustered else 'base'} "
            + (f"where x < {double(plan.rule.certain_from)} " if plan.rule.certain else "")
            + f"group by x order by x limit {MOST_KINDS + 1}"
        )
        if len(found) > MOST_KINDS:
            raise Declined(
                f"Joint probabilities of a frame with more than {MOST_KINDS:,} sizes take too long.",
                reason="too_expensive",
                hint="Variances without them, brewer and hartley-rao, need _pi alone.",
            )
        kinds = {float(size): int(units) for size, units in found}
    return JointFrame(plan.first_units, plan.strata, plan.rule, kinds)


def _known(first: FirstPhase) -> Design:
    """The design of a first phase, when its manifest gives its joint probabilities."""
    by_size = isinstance(first.design, ParetoPps) or (isinstance(first.design, Clusters) and first.design.size)
    if first.first_phase or by_size or first.second_stage or first.weights == "multiplicity":
        raise Declined(
            "The manifest of the first phase does not give its joint probabilities.",
            reason="unsupported_cut",
            value=first.stage,
            allowed=["srs", "stratified", "poisson", "whole clusters", "panel"],
            hint="Variances without them, brewer and hartley-rao, need _pi alone.",
        )
    return first.design


def _frame_before(first: FirstPhase) -> JointFrame:
    units = first.clusters.units if first.clusters else first.units
    return JointFrame(units, {s.stratum: (s.units, s.n) for s in first.strata})
