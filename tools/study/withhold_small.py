"""The figures of an estimate as a draft may show them: cells about too few people stay hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.figure import Figure
from tools.metrics.outcome import CellKey, Outcome
from tools.metrics.suppress import is_small, suppress_small
from tools.study.estimate import OVERALL, TOTAL, WORST, Cell, Precision, StudyEstimate


def withhold_small(estimate: StudyEstimate, *, min_cell: int) -> StudyEstimate:
    """The estimate without what stands on fewer than `min_cell` protected units or positives.

    The rule of `tools.metrics.suppress` for every breakdown: where exactly one row would be hidden, so is the smallest
    shown one, because all rows together can be subtracted from.
    """
    if min_cell <= 1:
        return estimate
    hidden: set[str] = set()
    groups: dict[str, list[str]] = {}
    for figure in estimate.figures:
        groups.setdefault(figure.id.rpartition(".")[0], []).append(figure.id)
    for group, ids in groups.items():
        if group:
            hidden |= _hidden(ids, estimate.cells, min_cell=min_cell)
    if is_small(_outcome(estimate.cells[OVERALL]), min_cell):
        hidden |= {OVERALL, TOTAL, WORST}
    figures = tuple(_withheld(f) if f.id in hidden else f for f in estimate.figures)
    precision = Precision(se=None, deff=None, df=None) if OVERALL in hidden else estimate.precision
    return estimate.model_copy(update={"figures": figures, "precision": precision})


def _hidden(ids: Sequence[str], cells: Mapping[str, Cell], *, min_cell: int) -> set[str]:
    keyed: dict[CellKey, Outcome] = {(id,): _outcome(cells[id]) for id in ids}
    return {str(key[0]) for key, cell in suppress_small(keyed, min_cell=min_cell).items() if cell.undefined}


def _outcome(cell: Cell) -> Outcome:
    return Outcome(value=0.0, guard=(cell.units, cell.positives))


def _withheld(figure: Figure) -> Figure:
    nothing = dict.fromkeys(("value", "low", "high", "n", "n_eff", "positives"))
    return figure.model_copy(update={**nothing, "undefined": "small_cell", "one_sided": False})
