"""Daily values as standard normal surprises: each against what came before it on the same day of the week."""

from __future__ import annotations

import numpy as np

from tools.estimation.tables import Floats

SEASON = 7


def standardise_series(values: Floats, *, season: int = SEASON, warm_up: int) -> Floats:
    """(T, S) surprises, NaN in the warm-up and where a value is missing.

    r_t = (y_t - mean of earlier values of its weekday)/√(1 + 1/their number) are independent with one variance if
    values are independent and normal around a mean for each weekday (recursive residuals: Brown, Durbin and Evans
    1975), so that r_t over the root mean square of the earlier ones is t-distributed and these ratios are independent.
    Each is carried over to the normal quantile of the same probability: exactly N(0, 1), with nothing to estimate.

    Args:
        values: (T, S) one row a day without gaps, NaN where missing. warm_up: days before surprises are given.
    """
    from scipy.special import ndtri, stdtr  # type: ignore[import-untyped]  # start-up

    days, series = values.shape
    count, total = np.zeros((season, series)), np.zeros((season, series))
    squares, df = np.zeros(series), np.zeros(series)
    found = np.full((days, series), np.nan)
    for day in range(days):
        weekday, y = day % season, values[day]
        seen = np.isfinite(y)
        n = count[weekday]
        known = seen & (n > 0)
        residual = np.where(known, (y - total[weekday] / np.maximum(n, 1)) / np.sqrt(1 + 1 / np.maximum(n, 1)), 0.0)
        if day >= warm_up:
            usable = known & (df > 1) & (squares > 0)
            t = residual / np.sqrt(np.where(usable, squares / np.maximum(df, 1), 1.0))
            tail = stdtr(np.maximum(df, 1), -np.abs(t))
            found[day] = np.where(usable, -np.sign(t) * ndtri(np.maximum(tail, 1e-300)), np.nan)
        squares += residual**2
        df += known
        count[weekday] += seen
        total[weekday] += np.where(seen, y, 0.0)
    return found
