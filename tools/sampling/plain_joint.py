"""Joint probabilities of units in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tools.sampling.canonical_key import canonical_key
from tools.sampling.designs import Clusters, Design, Stratified
from tools.sampling.inclusion_probabilities import rule_of_sizes
from tools.sampling.joint_probabilities import JointFrame, JointRow, joint_probabilities
from tools.sampling.plain_sizes import plain_sizes
from tools.sampling.plain_unit import DrawnUnit, Unit
from tools.sampling.plan import is_pareto, plan_strata

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def joint_plain(frame: Sequence[Unit], design: Design, rows: Sequence[DrawnUnit]) -> Floats:
    """A square matrix in the order of `rows`, which `draw_plain` drew from `frame` in one phase.

    Raises:
        Declined: as `joint_probabilities`.
    """
    units = {canonical_key(unit.id): unit for unit in frame}
    clustered = getattr(design, "cluster", None) is not None
    members = Counter(str(unit.cluster) for unit in frame)
    sizes = dict.fromkeys(units, 1.0)
    if is_pareto(design):
        sizes = plain_sizes(units, design)
    if clustered:
        own = sizes
        sizes = dict.fromkeys(members, 0.0)
        for key, unit in units.items():
            sizes[str(unit.cluster)] += own[key]
    strata = {}
    if isinstance(design, Stratified):
        from tools.sampling.plain_draw import stratum_facts

        strata = plan_strata(design, stratum_facts(frame, design))
    rule = rule_of_sizes(list(sizes.values()), n=design.n) if is_pareto(design) else None  # type: ignore[union-attr]
    kinds = Counter(size for size in sizes.values() if rule is not None and size < rule.certain_from)
    first = JointFrame(len(sizes), strata, rule, kinds)
    listed = [
        JointRow(
            row.id,
            row.pi,
            row.stratum,
            row.cluster,
            sizes[str(row.cluster) if clustered else row.id],
            members[str(row.cluster)] if isinstance(design, Clusters) else 1,
        )
        for row in rows
    ]
    return joint_probabilities(listed, design, first)
