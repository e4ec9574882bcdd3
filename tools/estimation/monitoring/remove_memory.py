"""Series whose days lean on the day before, turned into series whose days do not."""

from __future__ import annotations

import numpy as np

from tools.estimation.monitoring.standardise_series import SEASON
from tools.estimation.tables import Floats

MOST = 0.9


def remove_memory(values: Floats, *, season: int = SEASON, warm_up: int) -> Floats:
    """(T, S) y_t - c·y_{t-1}, c the correlation of neighbouring days in the warm-up, around each weekday's mean.

    c is raised by its small-sample bias (1 + 3c)/n (Kendall 1954) and one standard error 1/√n, kept in 0..0.9: too much
    taken out makes alarms later, too little makes them false. A shift of δ becomes δ(1 - c) against the smaller spread
    of what is left. The first day, and days next to a missing one, are missing.
    """
    history = values[:warm_up]
    weekday = np.arange(len(history)) % season
    centred = np.empty_like(history)
    for day in range(season):
        part = history[weekday == day]
        seen = np.isfinite(part)
        centred[weekday == day] = part - np.where(seen, part, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    both = np.isfinite(centred[1:]) & np.isfinite(centred[:-1])
    now, before = np.where(both, centred[1:], 0.0), np.where(both, centred[:-1], 0.0)
    size = np.sqrt((now**2).sum(axis=0) * (before**2).sum(axis=0))
    c = np.where(size > 0, (now * before).sum(axis=0) / np.where(size > 0, size, 1.0), 0.0)
    n = np.maximum(both.sum(axis=0), 1)
    kept = np.clip(c + (1 + 3 * c) / n + 1 / np.sqrt(n), 0.0, MOST)
    found = np.full_like(values, np.nan)
    found[1:] = values[1:] - kept * values[:-1]
    return found
