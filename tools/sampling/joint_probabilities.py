"""The probabilities with which two units are both drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.errors import Declined
from tools.sampling.designs import Clusters, Daily, Design, Panel, Poisson, SimpleRandom, Stratified
from tools.sampling.inclusion_probabilities import SizeRule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_ROWS = 2_000  # of a matrix: four million numbers
MAX_STEPS = 2e10  # about a minute


@dataclass(frozen=True)
class JointRow:
    """What joint probabilities depend on, of one row.

    Attributes:
        key: of the unit.
        pi: its inclusion probability in this phase.
        stratum, cluster: its own, in designs that have them.
        size: of the unit, or of its cluster, in designs by size.
        members: units of its cluster in the frame, in two-stage designs.
    """

    key: str
    pi: float
    stratum: str | None = None
    cluster: str | None = None
    size: float = 0.0
    members: int = 1


@dataclass(frozen=True)
class JointFrame:
    """What they depend on, of the frame.

    Attributes:
        first_units: units, or clusters, that the first stage draws from.
        strata: stratum -> (units, take).
        rule: target probabilities, in designs by size.
        kinds: size -> how many units (clusters) that are not certain have it.
    """

    first_units: int
    strata: Mapping[str, tuple[int, int]]
    rule: SizeRule | None = None
    kinds: Mapping[float, int] | None = None


def joint_probabilities(rows: Sequence[JointRow], design: Design, frame: JointFrame) -> Floats:
    """A square matrix of pi_kl in the order of `rows`, pi_k on the diagonal. Exact in every design.

    simple random   n(n-1)/(N(N-1)); within a stratum the same, across strata the product
    Poisson, panel, days   the product; a panel's actors share one number
    clusters        that of the clusters; within one pi_c, or pi_c m(m-1)/(M(M-1)) with m of M units drawn
    Pareto          one integral a pair of sizes, see `pareto_joint`

    Raises:
        Declined: more than 2,000 rows, or a Pareto draw that would take more than about a minute.
    """
    import numpy as np  # start-up

    if len(rows) > MOST_ROWS:
        raise Declined(
            f"Joint probabilities of {len(rows):,} rows are too many numbers; {MOST_ROWS:,} rows are the most.",
            reason="too_expensive",
            value=len(rows),
            hint="Variances without them, brewer and hartley-rao, need _pi alone.",
        )
    pi = np.array([row.pi for row in rows], dtype=np.float64)
    if isinstance(design, Stratified):
        joint = _stratified(rows, pi, frame)
    elif isinstance(design, Clusters):
        joint = _clusters(rows, design, frame)
    elif isinstance(design, Panel) and design.cluster:
        joint = np.where(_same([row.cluster for row in rows]), pi[:, None], np.outer(pi, pi))
    elif isinstance(design, Poisson | Panel | Daily):
        joint = np.outer(pi, pi)
    else:
        joint = _fixed([row.size for row in rows], design.n, simple=isinstance(design, SimpleRandom), frame=frame)
    np.fill_diagonal(joint, pi)
    return joint


def _stratified(rows: Sequence[JointRow], pi: Floats, frame: JointFrame) -> Floats:
    import numpy as np

    joint = np.outer(pi, pi)
    names = np.array([row.stratum for row in rows], dtype=object)
    for stratum, (units, take) in frame.strata.items():
        inside = np.flatnonzero(names == stratum)
        joint[np.ix_(inside, inside)] = _pair(units, take)
    return joint


def _clusters(rows: Sequence[JointRow], design: Clusters, frame: JointFrame) -> Floats:
    import numpy as np

    first = list(dict.fromkeys(row.cluster for row in rows))
    place = np.array([first.index(row.cluster) for row in rows])
    size = {row.cluster: row.size for row in rows}
    between = _fixed([size[c] for c in first], design.n, simple=design.size is None, frame=frame)
    pi = np.array([row.pi for row in rows])
    if design.per_cluster is None:
        rate, within = np.ones(len(rows)), pi
    else:
        members = np.array([row.members for row in rows])
        take = np.minimum(members, design.per_cluster)
        rate = take / members
        within = pi / rate * np.array([_pair(int(m), int(t)) for m, t in zip(members, take, strict=True)])
    across = between[np.ix_(place, place)] * np.outer(rate, rate)
    return np.asarray(np.where(place[:, None] == place[None, :], within[:, None], across), dtype=np.float64)


def _fixed(sizes: Sequence[float], n: int, *, simple: bool, frame: JointFrame) -> Floats:
    """Off the diagonal, for n units drawn simple random or by size."""
    import numpy as np

    if simple:
        return np.full((len(sizes), len(sizes)), _pair(frame.first_units, n))
    assert frame.rule is not None
    rule, kinds = frame.rule, dict(frame.kinds or {})
    wanted = sorted({size for size in sizes if size < rule.certain_from})
    pairs = len(wanted) * (len(wanted) + 1) / 2
    if float(sum(kinds.values())) * rule.n_rest * pairs > MAX_STEPS:
        raise Declined(
            f"Joint probabilities of {len(wanted):,} sizes among {sum(kinds.values()):,} units take too long.",
            reason="too_expensive",
            value=len(wanted),
            hint="Variances without them, brewer and hartley-rao, need _pi alone.",
        )
    joint = _by_kind(rule, kinds, wanted)
    place = np.array([len(wanted) if size >= rule.certain_from else wanted.index(size) for size in sizes])
    return np.asarray(joint[np.ix_(place, place)], dtype=np.float64)


def _by_kind(rule: SizeRule, kinds: dict[float, int], wanted: list[float]) -> Floats:
    """pi_kl by size; the last row and column stand for certainty units."""
    import numpy as np

    from tools.sampling.pareto_joint import pareto_joint
    from tools.sampling.pareto_probabilities import pareto_probabilities

    joint = np.ones((len(wanted) + 1, len(wanted) + 1))
    if wanted:
        listed = sorted(kinds)
        targets, counts = [rule.probability(size) for size in listed], [kinds[size] for size in listed]
        at = [listed.index(size) for size in wanted]
        joint[-1, :-1] = joint[:-1, -1] = pareto_probabilities(targets, n=rule.n_rest, counts=counts, at=at)
        joint[:-1, :-1] = pareto_joint(targets, n=rule.n_rest, counts=counts, at=at)
    return joint


def _pair(units: int, take: int) -> float:
    """Two different units, `take` of `units` drawn simple random."""
    return 0.0 if units < 2 else take * (take - 1) / (units * (units - 1))


def _same(names: Sequence[str | None]) -> NDArray[np.bool_]:
    import numpy as np

    codes = np.array([{name: i for i, name in enumerate(names)}[name] for name in names])
    return np.asarray(codes[:, None] == codes[None, :])
