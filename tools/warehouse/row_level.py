"""The decline of a statement whose cells are not provably about enough people."""

from __future__ import annotations

from tools.errors import Declined


def row_level(why: str) -> Declined:
    """A statement that is not provably about enough people in every cell."""
    return Declined(
        f"This role sees groups of people, not single rows. {why}",
        reason="small_cell",
        rule="row_level",
        hint="Aggregate: SELECT country, count(*) FROM ... GROUP BY country; or ask for a metric.",
    )
