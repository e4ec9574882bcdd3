"""The steps of a score on a frame: cut where the curve says, counted in one pass."""

from __future__ import annotations

from tools.errors import InvalidInput
from tools.sampling.columns import Size, find_number
from tools.sampling.score_curve import ScoreCurve, known_curve
from tools.sampling.source import Source
from tools.sampling.steer import DEFENSIVE, STEPS, steer
from tools.sampling.steps import Steps


def steer_frame(source: Source, column: str, *, curve: ScoreCurve | None = None, defensive: float = DEFENSIVE) -> Steps:
    """Steps for `ParetoPps(size=column, steps=...)`.

    Args:
        source: the frame.
        column: of the score.
        curve: what the score says of the label, from `fit_score_curve`; None: the column is a calibrated probability.
        defensive: see `steer`.

    Raises:
        InvalidInput: no such column, one that is no number or never known, or no probability.
    """
    score = Size(find_number(source, column), source.is_text).number
    least, most = source.query(f"select min(x), max(x) from (select {score} as x from {source.relation})")[0]
    if least is None:
        raise InvalidInput(f"No row has a value in {column!r}.", code="invalid_size", value=column, where=source.name)
    found = known_curve(float(least), float(most)) if curve is None else curve
    edges = found.edges(STEPS)
    steps = Steps(edges=tuple(edges), sizes=(1.0,) * (len(edges) + 1))
    return steer(found, count_steps(source, score, steps), edges, defensive=defensive)


def count_steps(source: Source, score: str, steps: Steps) -> list[int]:
    """Rows of the frame in each step; those without a score are in none."""
    place = steps.sql(score, tuple(float(i) for i in range(len(steps.sizes))))
    rows = source.query(
        f"select place, count(*) from (select {place} as place from {source.relation}) "
        "where place is not null group by place"
    )
    found = {int(place): int(units) for place, units in rows}
    return [found.get(i, 0) for i in range(len(steps.sizes))]
