"""Whether a frame is the sample that a first phase drew, whole and unchanged."""

from __future__ import annotations

import math

from tools.errors import InvalidInput
from tools.metrics.sql import quote
from tools.sampling.columns import Columns
from tools.sampling.drawn_mark import mark_of, mark_sql
from tools.sampling.manifest import FirstPhase
from tools.sampling.source import Source

_SAME_SUM = 1e-9


def check_first_phase(source: Source, columns: Columns, first: FirstPhase, *, stages: tuple[str, ...]) -> None:
    """Columns may have been added, such as a score; rows and their probabilities must be those that were drawn.

    Raises:
        InvalidInput: a stage that an earlier phase had, or other rows or probabilities than that phase drew.
    """
    again = [stage for stage in stages if stage in first.stages]
    if again:
        raise InvalidInput(
            f"The first phase was drawn under the stage {again[0]!r} too: its units all have small numbers there.",
            code="stage_taken",
            value=again[0],
            allowed=["a name that no earlier phase has"],
            hint="--stage phase2",
        )
    rows, ids, pi_sum = source.query(mark_sql(columns.id.sql, quote("_pi"), source.relation))[0]
    found = mark_of(ids, pi_sum)
    if rows != first.n or found.ids != first.drawn.ids:
        raise InvalidInput(
            f"{source.name} does not hold the units that the first phase drew"
            + (f": it has {rows:,} rows, {first.n:,} were drawn." if rows != first.n else ": some ids are others."),
            code="frame_changed",
            value=rows,
            allowed=[f"the {first.n:,} rows of the stage {first.stage!r}"],
            hint="Draw the second phase from all rows of the first one; columns may be added, rows not left out.",
            where=source.name,
        )
    if not math.isclose(found.pi_sum, first.drawn.pi_sum, rel_tol=_SAME_SUM):
        raise InvalidInput(
            f"The column '_pi' of {source.name} is not the one that the first phase wrote.",
            code="frame_changed",
            value=found.pi_sum,
            where=f"{source.name}, column _pi",
        )
