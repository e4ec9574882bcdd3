"""Whether answered cells give away a small one: by subtraction, or by any other sum of them.

Every answered cell is a set of rows. Rows that are in the same cells are one atom. What somebody can work out from the
cells is every linear combination of them; it gives people away when it is zero on all atoms but some that are together
about fewer than `min_cell` units.

The combinations that are zero on the large atoms form a space. Its vectors are looked at in reduced echelon form, under
several orders of the small atoms, because finding the sparsest vector of a space is hard in general. Arithmetic is
modulo a large prime: exact up to a chance of about 1e-9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

_PRIME = (1 << 31) - 1
_ORDERS = 4
_MOST_ENTRIES = 20_000_000
if TYPE_CHECKING:
    import numpy as np

    Matrix = np.ndarray[tuple[int, int], np.dtype[np.int64]]
    Vector = np.ndarray[tuple[int], np.dtype[np.int64]]


class TooManyCells(Exception):
    """There are more cells and atoms than can be compared."""


@dataclass(frozen=True)
class Atom:
    """Rows that are in the same answered cells.

    Attributes:
        cells: numbers of those cells.
        units: of the rows; None when there are enough of them.
    """

    cells: frozenset[int]
    units: frozenset[int] | None


def gives_away(atoms: Sequence[Atom], *, min_cell: int) -> frozenset[int] | None:
    """The units that some combination of cells would show, when they are fewer than `min_cell`; else None."""
    import numpy as np  # start-up

    small = [atom for atom in atoms if atom.units is not None and atom.cells]
    if not small:
        return None
    large, cells = _peeled([atom.cells for atom in atoms if atom.units is None], small)
    place = {cell: i for i, cell in enumerate(sorted(cells))}
    if len(place) * (len(large) + len(small)) > _MOST_ENTRIES:
        raise TooManyCells
    equations, seen = np.zeros((len(large), len(place)), np.int64), np.zeros((len(place), len(small)), np.int64)
    for i, atom in enumerate(large):
        equations[i, [place[cell] for cell in atom]] = 1
    for j, each in enumerate(small):
        seen[[place[cell] for cell in each.cells], j] = 1
    visible = _null_space(equations) @ seen % _PRIME
    sizes = np.array([len(each.units or ()) for each in small])
    for order in _orders(sizes, several=visible.size < _MOST_ENTRIES // 40):
        found, _ = _reduce(visible[:, order])
        for row in found:
            units: frozenset[int] = frozenset().union(*(small[order[j]].units or () for j in np.flatnonzero(row)))
            if len(units) < min_cell:
                return units
    return None


def without(atoms: Sequence[Atom], cells: frozenset[int], *, min_cell: int) -> list[Atom]:
    """The atoms when some cells are not answered: those that are then in the same cells become one."""
    merged: dict[frozenset[int], frozenset[int] | None] = {}
    for atom in atoms:
        left = atom.cells - cells
        before = merged.get(left, frozenset())
        units = None if atom.units is None or before is None else before | atom.units
        merged[left] = None if units is not None and len(units) >= min_cell else units
    return [Atom(left, units) for left, units in merged.items()]


def _peeled(large: list[frozenset[int]], small: Sequence[Atom]) -> tuple[list[frozenset[int]], set[int]]:
    """The large atoms and cells that matter: a cell of one large atom and no small one can take up whatever is left of
    that atom, so both say nothing of the others."""
    atoms = dict(enumerate(set(large)))
    fixed = {cell for atom in small for cell in atom.cells}
    homes: dict[int, set[int]] = {}
    for i, atom in atoms.items():
        for cell in atom:
            homes.setdefault(cell, set()).add(i)
    todo = [cell for cell, at in homes.items() if len(at) == 1 and cell not in fixed]
    while todo:
        cell = todo.pop()
        if len(homes[cell]) != 1:
            continue
        (at,) = homes[cell]
        for other in atoms.pop(at):
            homes[other].discard(at)
            if len(homes[other]) == 1 and other not in fixed:
                todo.append(other)
    return list(atoms.values()), fixed | {cell for atom in atoms.values() for cell in atom}


def _null_space(matrix: Matrix) -> Matrix:
    """Rows that span what the matrix takes to zero."""
    import numpy as np  # start-up

    reduced, pivots = _reduce(matrix)
    free = [i for i in range(matrix.shape[1]) if i not in set(pivots)]
    basis = np.zeros((len(free), matrix.shape[1]), np.int64)
    for i, column in enumerate(free):
        basis[i, column] = 1
        basis[i, pivots] = -reduced[:, column] % _PRIME
    return basis


def _reduce(matrix: Matrix) -> tuple[Matrix, list[int]]:
    """Reduced echelon form without its empty rows, and the column of each row's pivot."""
    import numpy as np  # start-up

    rows, pivots = matrix.copy() % _PRIME, list[int]()
    for column in range(rows.shape[1]):
        at = len(pivots)
        if at == len(rows):
            break
        candidates = np.flatnonzero(rows[at:, column])
        if not len(candidates):
            continue
        rows[[at, at + candidates[0]]] = rows[[at + candidates[0], at]]
        rows[at] = rows[at] * pow(int(rows[at, column]), -1, _PRIME) % _PRIME
        others = np.flatnonzero(rows[:, column])
        others = others[others != at]
        rows[others] = (rows[others] - rows[others, column][:, None] * rows[at]) % _PRIME
        pivots.append(column)
    return rows[: len(pivots)], pivots


def _orders(sizes: Vector, *, several: bool) -> list[Vector]:
    """Orders of the small atoms: a row of the echelon form is zero on as many of the first ones as it can be."""
    import numpy as np  # start-up

    by_size, random = np.argsort(sizes, kind="stable"), np.random.default_rng(7)
    return [by_size, by_size[::-1], *(random.permutation(len(sizes)) for _ in range(_ORDERS * several))]
