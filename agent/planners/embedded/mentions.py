"""What one pass over a question finds: phrases where they stand, numbers compared, and what was left dangling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from agent.planners.embedded.operators import OpSpan
from agent.planners.embedded.spans import Item
from agent.planners.embedded.time_grammar import TimePhrase

Zone = Literal["", "relative", "population", "announce"]


@dataclass(frozen=True)
class Mention:
    """A catalog phrase where it stands.

    Attributes:
        zone: the kind of word that announced it: `that are` (relative), `among` (population), `in` (announce).
        aggregates: operators since the last mention that aggregate (average, median, ...).
        negated: under `not`, `excluding`, ...
    """

    item: Item
    position: int
    zone: Zone = ""
    negated: bool = False
    aggregates: tuple[OpSpan, ...] = ()
    counted: bool = False
    joined: bool = False
    either: bool = False  # joined by `or`
    not_word: str = ""


@dataclass(frozen=True)
class NumberCondition:
    """`more than 5 votes`: the comparison, the number, and where it stands."""

    comparator: Literal["above", "at_least", "below", "at_most"]
    number: float
    position: int
    number_position: int
    negated: bool = False
    either: bool = False
    joined: bool = False


@dataclass
class Scan:
    """Everything a question says, sorted by role."""

    mentions: list[Mention] = field(default_factory=list)
    by: list[Mention] = field(default_factory=list)
    per: list[Mention] = field(default_factory=list)
    which: Mention | None = None
    aggregates: list[OpSpan] = field(default_factory=list)
    count: bool = False
    how_much: bool = False
    distinct: bool = False
    share: bool = False
    on_average: bool = False
    breakdown: bool = False
    common: bool = False
    change: bool = False
    versus: bool = False
    per_breakdown: bool = False  # "per X" without a ratio metric, read as "by X"
    rows: bool = False
    order: Literal["desc", "asc"] | None = None
    limit: int | None = None
    conditions: list[NumberCondition] = field(default_factory=list)
    bare_numbers: list[tuple[int, float]] = field(default_factory=list)
    missing: list[tuple[int, bool]] = field(default_factory=list)  # position, negated
    counts: int = 0
    percents: list[int] = field(default_factory=list)  # numbers that are percentages
    times: list[TimePhrase] = field(default_factory=list)
    unknown: list[Item] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)  # "still", "current", "active"
    how_often: bool = False
    lasting: str = ""  # "how long", "longest", "slowest": of time, which no count has
    dangling: list[str] = field(default_factory=list)  # operators that found nothing to act on

    @property
    def asks_for_rows(self) -> bool:
        """Whether rows can be what is asked for where no metric is named: how many, which share, top five, ..."""
        flags = (self.count, self.share, self.rows, self.breakdown, self.common, self.which, self.order)
        return any(flags)
