"""The 180 days of the demo: when things happened, and how busy each day was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

FIRST_DAY = date(2025, 10, 3)
LAST_DAY = date(2026, 3, 31)
TODAY = date(2026, 4, 1)
DAYS = (TODAY - FIRST_DAY).days
DAY = 86_400

# Each of these is also a line of workspace/events.yml.
FREEZE_START, FREEZE_END = date(2025, 12, 24), date(2026, 1, 1)
VOICE_LAUNCH = date(2026, 1, 13)
MODEL_CHANGE, MODEL_ROLLOUT_DAYS = date(2026, 1, 20), 7
POLICY_CHANGE = date(2026, 2, 10)
TOOL_RELEASE = date(2026, 2, 24)
OUTAGE_START, OUTAGE_END = date(2026, 3, 3), date(2026, 3, 6)
NEW_VENDOR = date(2026, 3, 9)
APPEALS_STOPPED = date(2026, 3, 18)  # first day without appeals
LINKS_IN_BRAZIL = date(2026, 2, 2)  # before, accounts of Brazil publish no links
SPAM_WAVE_START, SPAM_WAVE_END = date(2026, 2, 16), date(2026, 2, 21)
THREAT_THRESHOLD_CHANGE = date(2026, 2, 19)
RATER_DRIFT = date(2026, 3, 2)
EXPERIMENT_START = date(2026, 3, 10)  # it runs to the end of the window
VIEW_LOG_OUTAGE_START, VIEW_LOG_OUTAGE_END = date(2026, 3, 14), date(2026, 3, 16)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def epoch(day: date) -> int:
    """Seconds from 1970 to the start of `day`, UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


WINDOW_START, WINDOW_END = epoch(FIRST_DAY), epoch(TODAY)


def day_index(day: date) -> int:
    """Days since the first day of the demo."""
    return (day - FIRST_DAY).days


def seconds_to_day(seconds: Ints) -> Ints:
    """Day index of each time."""
    return (seconds - WINDOW_START) // DAY


def traffic_by_day() -> Floats:
    """Relative volume of each day, shape (180,): growth, quiet weekends, the turn of the year, the voice launch."""
    factors = np.empty(DAYS)
    for i in range(DAYS):
        day = FIRST_DAY + timedelta(days=i)
        weekday = (1.04, 1.08, 1.06, 1.03, 0.96, 0.72, 0.68)[day.weekday()]
        quiet = 0.66 if FREEZE_START <= day <= FREEZE_END else 1.0
        launched = 1.08 if day >= VOICE_LAUNCH else 1.0
        factors[i] = (1.0 + 0.12 * i / DAYS) * weekday * quiet * launched
    return factors


def work_by_day() -> Floats:
    """Relative number of labelling tasks of each day, shape (180,): a working week with a thin weekend."""
    factors = np.empty(DAYS)
    for i in range(DAYS):
        day = FIRST_DAY + timedelta(days=i)
        weekday = (1.1, 1.12, 1.1, 1.06, 0.98, 0.3, 0.22)[day.weekday()]
        factors[i] = weekday * (0.35 if FREEZE_START <= day <= FREEZE_END else 1.0) * (1.0 + 0.2 * i / DAYS)
    return factors
