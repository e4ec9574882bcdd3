"""The true first-order probabilities of Pareto sampling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STEP = 0.125  # of ln t: the trapezoid rule is exact to 1e-15 for functions this smooth
REACH = 40.0  # of ln t beyond the odds: what is left out is below 1e-15
_LANES = 512
_CHUNK = 1_000_000


def pareto_probabilities(
    targets: Sequence[float] | Floats,
    *,
    n: int,
    counts: Sequence[int] | None = None,
    at: Sequence[int] | None = None,
) -> Floats:
    """P(unit k is among the n smallest of Q), Q = u/(1-u) * (1-pi)/pi.

    Args:
        targets: pi in (0, 1), one a unit (or a kind of unit); over all units they sum to n.
        n: units drawn.
        counts: how many units have each target; default: 1.
        at: places in `targets` to compute; default: all.

    Returns:
        the probabilities, in the order of `at`. Their error is below 1e-9 (against numeric integration in R: 1e-7).

    P(Q_k <= t) is t o / (1 + t o) with o = pi/(1-pi): a logit whose odds scale with t. So the number of other units
    below t has, at every t, the coefficients of one polynomial prod(1 + o_j z) times t^m, and what remains is one
    smooth integral over ln t. Source: Rosén 1997, On sampling with probability proportional to size; Aires 1999.
    """
    import numpy as np  # start-up

    pi = np.asarray(targets, dtype=np.float64)
    if not bool(np.all((pi > 0) & (pi < 1))):
        raise InvalidInput("Targets of Pareto sampling lie between 0 and 1; certainty units are left out.")
    many = np.ones(len(pi), dtype=np.int64) if counts is None else np.asarray(counts, dtype=np.int64)
    if not 0 < n < int(many.sum()):
        raise InvalidInput(f"n = {n} of {int(many.sum())} units leaves nothing to draw.", value=n)
    odds = pi / (1 - pi)
    grid, rest = ln_t_grid(odds, many, n)
    wanted = range(len(pi)) if at is None else at
    return np.array([_integrate(odds, many, n, int(k), grid=grid, rest=rest) for k in wanted], dtype=np.float64)


def _integrate(odds: Floats, many: NDArray[np.int64], n: int, k: int, *, grid: Floats, rest: Floats) -> float:
    """Integral of P(fewer than n others below t) dF_k(t) over ln t."""
    import numpy as np

    below = chance_of_fewer(odds, many, n, (k,), grid=grid, rest=rest)
    share = 1 / (1 + np.exp(-grid) / odds[k])
    return float(np.sum(below * share * (1 - share)) * STEP)


def chance_of_fewer(
    odds: Floats, many: NDArray[np.int64], n: int, left_out: tuple[int, ...], *, grid: Floats, rest: Floats
) -> Floats:
    """At each t of the grid, P(fewer than n units below t) among all but one of each kind in `left_out`."""
    import numpy as np

    without, scale = many.copy(), rest
    for k in left_out:
        without[k] -= 1
        scale = scale - np.log1p(odds[k]) + np.log1p(np.exp(grid) * odds[k])
    with np.errstate(divide="ignore"):
        log_counts = np.log(count_below(odds, without, n))
    below = np.exp(log_counts[None, :] + grid[:, None] * np.arange(n)[None, :] + scale[:, None]).sum(axis=1)
    return np.asarray(np.minimum(below, 1.0), dtype=np.float64)


def ln_t_grid(odds: Floats, many: NDArray[np.int64], n: int) -> tuple[Floats, Floats]:
    """Where the integrals over ln t are summed: ln t, and at each the log of prod (1 + o_j) / (1 + t o_j)."""
    import numpy as np

    logs = np.log(odds)
    low, high = min(0.0, -float(logs.max())) - REACH, max(0.0, -float(logs.min())) + REACH
    grid = np.arange(low, high, STEP)
    at_one = float(np.sum(many * np.log1p(odds)))
    rest = np.empty(len(grid))
    rows = max(1, _CHUNK // len(odds))
    for first in range(0, len(grid), rows):
        scaled = np.exp(grid[first : first + rows])[:, None] * odds[None, :]
        rest[first : first + rows] = at_one - np.log1p(scaled) @ many
    # fewer than n below t, at most: the largest term is e^(n s); beyond, nothing is left to integrate
    kept = (rest + np.maximum(grid, 0) * n > -60 - at_one) | (grid < 0)
    return grid[kept], rest[kept]


def count_below(odds: Floats, many: NDArray[np.int64], n: int) -> Floats:
    """P(m units with Q <= 1) for m below n: a product of Bernoullis, many lanes at a time."""
    import numpy as np

    shares = np.repeat(odds / (1 + odds), many)
    lanes = max(1, min(_LANES, len(shares) // (8 * n + 1)))
    padded = np.zeros(-(-len(shares) // lanes) * lanes)
    padded[: len(shares)] = shares
    found = np.zeros((lanes, n))
    found[:, 0] = 1.0
    for share in padded.reshape(-1, lanes):
        kept = found * (1 - share)[:, None]
        kept[:, 1:] += found[:, :-1] * share[:, None]
        found = kept
    product = found[0]
    for lane in found[1:]:
        product = np.convolve(product, lane)[:n]
    return np.asarray(product, dtype=np.float64)
