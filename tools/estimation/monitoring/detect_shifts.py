"""An alarm for level shifts in many daily series, with false alarms controlled over all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tools.errors import Declined, InvalidInput
from tools.estimation.monitoring.remove_memory import remove_memory
from tools.estimation.monitoring.shiryaev_roberts import shiryaev_roberts
from tools.estimation.monitoring.standardise_series import SEASON, standardise_series
from tools.estimation.tables import Floats

LEAST_WEEKS = 4


@dataclass(frozen=True)
class ShiftAlarm:
    """A series that has shifted, on its own evidence; `day` counts from the first of `values`, `up` says which way."""

    series: str
    day: int
    up: bool


@dataclass(frozen=True, eq=False)
class ShiftReport:
    """Evidence day by day.

    Attributes:
        evidence: (T, S) e-detector of each series. together: (T,) their mean.
        threshold: horizon/false_alarm, which `together` reaches within the horizon with probability at most
            `false_alarm` if no series shifts; a series alone must reach it times S.
        alarm: first day on which `together` reaches it, None if it does not. leading: the series with most of the
            evidence on that day. alarms: series that reach S times the threshold on their own, in order of their days.
        horizon: days watched. notes: what is assumed.
    """

    evidence: Floats
    together: Floats
    threshold: float
    alarm: int | None
    leading: str | None
    alarms: tuple[ShiftAlarm, ...]
    horizon: int
    notes: tuple[str, ...]


def detect_shifts(
    values: ArrayLike,
    *,
    series: Sequence[str] | None = None,
    warm_up: int,
    horizon: int = 365,
    false_alarm: float = 0.05,
    season: int = SEASON,
    memory: bool = False,
) -> ShiftReport:
    """Watch every series from day `warm_up` on.

    Each day of a series is compared with the earlier ones of its weekday (`standardise_series`), its surprises feed an
    e-detector (`shiryaev_roberts`), and the detectors are averaged: the average keeps E = t whatever the dependence of
    the series, so that one threshold holds for all of them together.

    Values are taken as independent from day to day and near normal around their weekday's mean, with one variance. Days
    that lean on the day before raise false alarms: `memory` takes that out (`remove_memory`). Transform counts (square
    root) and shares (logit) that are small, and leave young days out until they are mature.

    Args:
        values: (T, S) one row a day without gaps, NaN where missing. series: (S,) names.
        warm_up: days of history, at least 4 weeks; the longer, the smaller a shift can be told from it.
        memory: neighbouring days are correlated; the correlation is estimated from the history, which then needs 26
            weeks, and the promise is as good as that estimate.
        horizon: days that `false_alarm` is for; watching longer needs a new one.

    Raises:
        InvalidInput: a table of the wrong shape, numbers out of range. Declined: `underpowered`, too short a history.
    """
    table = np.asarray(values, dtype=np.float64)
    names = _check(table, series, horizon, false_alarm)
    if warm_up < LEAST_WEEKS * season:
        raise Declined(
            f"A history of {warm_up} days is too short; at least {LEAST_WEEKS} of each weekday are needed.",
            reason="underpowered",
            rule="short_history",
            value=warm_up,
            hint="A shift of one standard deviation needs about 26 weeks before it.",
        )
    watched = min(len(table), warm_up + horizon)
    watch = remove_memory(table[:watched], season=season, warm_up=warm_up) if memory else table[:watched]
    surprises = standardise_series(watch, season=season, warm_up=warm_up)
    evidence = shiryaev_roberts(surprises)
    together = evidence.mean(axis=1)
    threshold = horizon / false_alarm
    reached = np.flatnonzero(together >= threshold)
    first = int(reached[0]) if len(reached) else None
    return ShiftReport(
        evidence=evidence,
        together=together,
        threshold=threshold,
        alarm=first,
        leading=None if first is None else names[int(np.argmax(evidence[first]))],
        alarms=_alarms(evidence, surprises, names, threshold * len(names)),
        horizon=horizon,
        notes=(
            f"A false alarm in {horizon} days over all {len(names):,} series has a chance of at most {false_alarm:g},"
            " if days are independent and near normal around their weekday's mean.",
        ),
    )


def _alarms(evidence: Floats, surprises: Floats, names: Sequence[str], threshold: float) -> tuple[ShiftAlarm, ...]:
    found = []
    for place, name in enumerate(names):
        reached = np.flatnonzero(evidence[:, place] >= threshold)
        if len(reached):
            day = int(reached[0])
            recent = surprises[max(day - SEASON + 1, 0) : day + 1, place]
            found.append(ShiftAlarm(name, day, bool(np.nansum(recent) > 0)))
    return tuple(sorted(found, key=lambda alarm: alarm.day))


def _check(table: Floats, series: Sequence[str] | None, horizon: int, false_alarm: float) -> Sequence[str]:
    if table.ndim != 2 or not table.size:
        raise InvalidInput("values is a table of days by series", value=list(table.shape))
    if np.any(np.isinf(table)):
        raise InvalidInput("A value is infinite.", code="usage")
    if horizon < 1 or not 0 < false_alarm < 1:
        raise InvalidInput(
            "The horizon is at least a day, false_alarm a share.", code="usage", value=[horizon, false_alarm]
        )
    names = [str(place) for place in range(table.shape[1])] if series is None else list(series)
    if len(names) != table.shape[1]:
        raise InvalidInput("series names every column", value=len(names), allowed=[str(table.shape[1])])
    return names
