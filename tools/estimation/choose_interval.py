"""Which interval is the default, as one table. `docs/statistics.md` prints it; simulations prove it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tools.estimation.influence import Estimand

Interval = Literal["wald", "logit", "likelihood", "asin", "wilson", "clopper-pearson", "jeffreys", "korn-graubard"]
Choice = Literal[
    "wald", "korn-graubard", "test inversion", "design bound", "counted in full", "difference of limits", "woodruff"
]

MIN_POSITIVES = 20
MIN_CLUSTERS = 10
MIN_HEAVY = 60
UNEVEN = 1.5  # n·Σw²/(Σw)² up to which weights count as equal
PURE = 1e-9  # a design effect below this is rounding: each stratum is all positive or all negative


@dataclass(frozen=True)
class Situation:
    """What the choice depends on.

    Attributes:
        of: the estimand, `difference` of two shares, or `quantile`.
        fewer: rows of the rarer outcome, positive or negative. clusters: clusters that hold one of these.
        heavy: how many rows of the weight that a unit of the frame has on average make up the rarer outcome's share;
            inf where weights hardly differ, or a size drew the units or totals fit them: what is heavy then is thought
            unlikely to count.
        census: every stratum with a row was counted in full. deff: design effect; 0 where every stratum is pure.
    """

    of: Estimand | Literal["difference of proportions", "quantile"]
    fewer: int = 0
    clusters: int = 0
    heavy: float = math.inf
    census: bool = False
    deff: float = 0.0


@dataclass(frozen=True)
class Rule:
    """One row of the table: the first whose test holds decides."""

    when: str
    holds: Callable[[Situation], bool]
    choice: Choice
    why: str
    avoid: str


def _has_enough(s: Situation) -> bool:
    rows = s.fewer >= MIN_POSITIVES and s.heavy >= MIN_HEAVY
    return s.of == "proportion" and rows and s.clusters >= MIN_CLUSTERS and s.deff > PURE


RULES: tuple[Rule, ...] = (
    Rule(
        "quantile",
        lambda s: s.of == "quantile",
        "woodruff",
        "inverts the interval of the distribution function, so needs no density",
        "fewer than about 20 rows beyond the quantile",
    ),
    Rule(
        "mean, total or ratio; a difference of these",
        lambda s: s.of in ("mean", "total", "ratio"),
        "wald",
        "estimate ± t(df)·SE; the linearised statistic is close to normal",
        "heavy tails with few clusters; rare events (use a share)",
    ),
    Rule(
        "share; every stratum counted in full",
        lambda s: s.of == "proportion" and s.census,
        "counted in full",
        "nothing was left to chance: both limits are the value",
        "labels with errors of their own",
    ),
    Rule(
        "share; no row positive, or no row negative",
        lambda s: s.of == "proportion" and s.fewer == 0,
        "design bound",
        "one-sided: the most positives the design misses with probability 1 - level, clusters being all or nothing",
        "a frame with units far rarer than any that was drawn",
    ),
    Rule(
        f"share; at least {MIN_POSITIVES} positives in at least {MIN_CLUSTERS} clusters, and as many negatives; with"
        f" very unequal weights (n·Σw²/(Σw)² over {UNEVEN:g}) that neither a size nor known totals gave, as many as"
        f" weigh like {MIN_HEAVY} units of the frame",
        _has_enough,
        "korn-graubard",
        "Clopper-Pearson at the effective n, not capped, with t(df)",
        "fewer positives: the design effect is then guesswork, and a stratum of heavy rows without any counts as sure",
    ),
    Rule(
        "share; fewer",
        lambda s: s.of == "proportion",
        "test inversion",
        "Clopper-Pearson at an effective n with a floor under the design effect, which is raised when few clusters"
        " are positive; the next positive may be any row, however heavy",
        "intraclass correlation above about 0.3 in clusters of 50 or more",
    ),
    Rule(
        "difference of two shares",
        lambda s: s.of == "difference of proportions",
        "difference of limits",
        "each share's own limits combined, with the covariance of a common sample (Zou and Donner 2008)",
        "",
    ),
)


def choose_interval(situation: Situation) -> Choice:
    """The default interval: the first rule of `RULES` that holds."""
    return next(rule.choice for rule in RULES if rule.holds(situation))


def interval_table() -> str:
    """`RULES` as a Markdown table."""
    head = "| situation | default | because | not to be relied on with |\n|---|---|---|---|\n"
    return head + "".join(f"| {r.when} | {r.choice} | {r.why} | {r.avoid} |\n" for r in RULES)
