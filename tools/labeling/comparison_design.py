"""Comparisons of pairs as a table of outcomes, and whether strengths can be had from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.errors import Declined
from tools.estimation.tables import Floats, Ints

_LISTED = 10
MOST_NUMBERS = 50_000_000


@dataclass(frozen=True, eq=False)
class ComparisonDesign:
    """One cell per ordered pair; its outcomes are first, second and, when any comparison tied, tie.

    Attributes:
        systems: sorted. names: of the parameters: systems, then `position` and `tie` where they are modelled.
        counts: (cells, outcomes). outcomes: (cells, outcomes, parameters), whose product with the parameters is an
            outcome's log-weight. cell, outcome: (N,) codes of each comparison.
    """

    systems: tuple[str, ...]
    names: tuple[str, ...]
    counts: Floats
    outcomes: Floats
    cell: Ints
    outcome: Ints


def tabulate_comparisons(rows: Sequence[tuple[str, str, str | None]], *, position: bool) -> ComparisonDesign:
    """Rows of (first, second, winner or None); Declined where their table would take more than some 400 MB."""
    systems = tuple(sorted({name for first, second, _ in rows for name in (first, second)}))
    place = {name: code for code, name in enumerate(systems)}
    first = np.array([place[row[0]] for row in rows])
    second = np.array([place[row[1]] for row in rows])
    outcome = np.array([2 if won is None else int(won == other) for _, other, won in rows])
    pairs, cell = np.unique(first * len(systems) + second, return_inverse=True)
    ties = bool((outcome == 2).any())
    names = systems + ("position",) * position + ("tie",) * ties
    _refuse_large(len(rows), len(pairs) * (2 + ties) * len(names), len(systems))
    counts = np.zeros((len(pairs), 2 + ties))
    np.add.at(counts, (cell, outcome), 1.0)
    return ComparisonDesign(systems, names, counts, _outcomes(pairs, len(systems), position, ties), cell, outcome)


def refuse_unidentified(design: ComparisonDesign) -> None:
    """Raise Declined where the maximum of the likelihood is not a single finite point.

    Systems in groups that never met, or a position that goes with a system, leave directions along which nothing
    changes. A finite maximum exists unless some direction makes no outcome that occurred less likely and one more
    likely: a system that always wins, or a group that does (Ford 1957; Davidson 1970, section 2).
    """
    groups = _groups(design)
    if len(groups) > 1:
        raise Declined(
            f"The systems fall into {len(groups)} groups that were never compared with one another.",
            reason="unsupported_cut",
            rule="disconnected",
            value=groups[:_LISTED],
            hint="Compare systems of different groups, or fit each group by itself.",
        )
    apart = _differences(design)
    if np.linalg.matrix_rank(apart) < len(design.names) - 1:
        raise Declined(
            "Position and strength cannot be told apart: systems are always shown in the same places.",
            reason="unsupported_cut",
            rule="position_confounded",
            hint="Show pairs in both orders, or leave position out.",
        )
    runaway = _runaway(design, apart)
    if runaway:
        raise Declined(
            f"There is no finite estimate of {', '.join(runaway[:_LISTED])}: some never lost, or never won, against "
            "all the others.",
            reason="underpowered",
            rule="no_finite_maximum",
            value=runaway,
            hint="Add comparisons, or leave such systems out and report their records as they are.",
        )


def _refuse_large(rows: int, cells: int, systems: int) -> None:
    if max(cells, rows * systems) > MOST_NUMBERS:
        raise Declined(
            f"{systems:,} systems in {rows:,} comparisons are more than the model takes.",
            reason="unsupported_cut",
            rule="too_many_systems",
            value=systems,
            hint="Compare fewer systems at once.",
        )


def _outcomes(pairs: Ints, size: int, position: bool, ties: bool) -> Floats:
    first, second, row = pairs // size, pairs % size, np.arange(len(pairs))
    found = np.zeros((len(pairs), 2 + ties, size + position + ties))
    found[row, 0, first] = found[row, 1, second] = 1.0
    if position:
        found[:, 0, size], found[:, 1, size] = 0.5, -0.5
    if ties:
        found[row, 2, first] = found[row, 2, second] = 0.5
        found[:, 2, -1] = 1.0
    return found


def _groups(design: ComparisonDesign) -> list[list[str]]:
    """Systems linked by comparisons, each group sorted."""
    from scipy.sparse import csr_array  # type: ignore[import-untyped]  # start-up
    from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]  # start-up

    size = len(design.systems)
    met = design.outcomes[:, 0, :size].argmax(axis=1), design.outcomes[:, 1, :size].argmax(axis=1)
    n, of = connected_components(csr_array((np.ones(len(met[0])), met), shape=(size, size)), directed=False)
    return [[name for name, group in zip(design.systems, of, strict=True) if group == g] for g in range(n)]


def _differences(design: ComparisonDesign) -> Floats:
    """(rows, parameters) each outcome that occurred minus each other outcome of its cell."""
    cell, outcome = np.nonzero(design.counts)
    apart = design.outcomes[cell, outcome][:, None] - design.outcomes[cell]
    return np.asarray(np.unique(apart.reshape(-1, len(design.names)), axis=0))


def _runaway(design: ComparisonDesign, apart: Floats) -> list[str]:
    """Parameters that grow or fall without end; none when the maximum is finite."""
    from scipy.optimize import linprog  # type: ignore[import-untyped]  # start-up

    found = linprog(-apart.sum(axis=0), A_ub=-apart, b_ub=np.zeros(len(apart)), bounds=(-1, 1), method="highs")
    if found.status != 0 or -found.fun < 1e-7:
        return []
    values, counts = np.unique(np.round(found.x[: len(design.systems)], 6), return_counts=True)
    usual = values[counts.argmax()]
    moved = [name for name, x in zip(design.systems, found.x, strict=False) if abs(x - usual) > 1e-6]
    size = len(design.systems)
    return moved + [name for name, x in zip(design.names[size:], found.x[size:], strict=True) if abs(x) > 1e-6]
