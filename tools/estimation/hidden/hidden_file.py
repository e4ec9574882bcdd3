"""Sizes from a file of lists or of frequencies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tools.errors import Declined, InvalidInput
from tools.estimation.file.sample_file import SampleFile, open_sample
from tools.estimation.hidden.dependence_range import ODDS_RATIO
from tools.estimation.hidden.estimate_frequencies import estimate_from_frequencies
from tools.estimation.hidden.estimate_hidden import estimate_hidden
from tools.estimation.hidden.hidden_report import HiddenReport
from tools.estimation.hidden.histories import count_histories
from tools.estimation.tables import Floats

_MOST_TIMES = 100_000


def estimate_hidden_file(
    path: Path,
    *,
    lists: Sequence[str],
    counts: str | None = None,
    precision: Mapping[str, float] | None = None,
    linkage_recall: float = 1.0,
    removes: Sequence[str] = (),
    odds_ratio: tuple[float, float] = ODDS_RATIO,
    level: float = 0.95,
) -> HiddenReport:
    """`estimate_hidden` of 0/1 columns, one row a unit, or with `counts` one row a history.

    Raises:
        InvalidInput: a column or field that cannot be read as asked. Declined: as `estimate_hidden`; no row.
    """
    with open_sample(path) as sample:
        sample.read([*lists, *([counts] if counts else [])])
        _refuse_empty(sample)
        marks = np.column_stack([_marks(sample, name) for name in lists])
        number = None
        if counts is not None:
            number = _present(sample, counts, sample.numbers(counts))
            _refuse(sample, counts, number < 0, "is a negative count", code="negative_count")
            _refuse(sample, counts, number != np.round(number), "is no whole number of units", code="not_whole")
    return estimate_hidden(
        count_histories(lists, marks, number),
        precision=precision,
        linkage_recall=linkage_recall,
        removes=removes,
        odds_ratio=odds_ratio,
        level=level,
    )


def estimate_frequency_file(
    path: Path,
    *,
    times: str,
    units: str,
    occasions: int | None = None,
    odds_ratio: tuple[float, float] = ODDS_RATIO,
    level: float = 0.95,
) -> HiddenReport:
    """`estimate_from_frequencies` of a file whose rows say how many units were seen how many times.

    Raises:
        InvalidInput: times that are no whole numbers from 1, or twice; negative counts. Declined: as the function.
    """
    with open_sample(path) as sample:
        sample.read([times, units])
        _refuse_empty(sample)
        k, number = (_present(sample, name, sample.numbers(name)) for name in (times, units))
        hint = "Units seen 0 times are what is estimated."
        _refuse(sample, times, (k < 1) | (k != np.round(k)), "is no whole number from 1", code="not_whole", hint=hint)
        _refuse(sample, units, number < 0, "is a negative count", code="negative_count")
        _refuse(sample, units, number != np.round(number), "is no whole number of units", code="not_whole")
        _refuse(sample, times, k > _MOST_TIMES, f"is more than {_MOST_TIMES:,} times", code="too_large")
        first = np.zeros(len(k), dtype=bool)
        first[np.unique(k, return_index=True)[1]] = True
        _refuse(sample, times, ~first, "stands on an earlier row as well", code="repeated")
    frequencies = np.asarray(np.bincount(k.astype(np.int64), weights=number)[1:], dtype=np.float64)
    return estimate_from_frequencies(frequencies, occasions=occasions, odds_ratio=odds_ratio, level=level)


def _marks(sample: SampleFile, name: str) -> Floats:
    found = _present(sample, name, sample.numbers(name, flags=True))
    hint = "1 where the unit is on the list, else 0."
    _refuse(sample, name, ~np.isin(found, (0.0, 1.0)), "is neither 0 nor 1", code="not_zero_one", hint=hint)
    return found


def _present(sample: SampleFile, name: str, values: Floats) -> Floats:
    hint = "Whether a unit is on a list must be known: 0 or 1."
    _refuse(sample, name, np.isnan(values), "is missing", code="missing_value", hint=hint)
    return values


def _refuse(sample: SampleFile, name: str, bad: np.ndarray, fault: str, *, code: str, hint: str = "") -> None:
    if bad.any():
        sample.refuse(int(np.argmax(bad)), name, fault, code=code, rows=int(bad.sum()), hint=hint)


def _refuse_empty(sample: SampleFile) -> None:
    if sample.rows == 0:
        raise Declined(f"{sample.name} has no row.", reason="no_data", rule="no_rows", value=sample.name)


def check_lists(lists: Sequence[str]) -> None:
    """Whether these can be lists.

    Raises:
        InvalidInput: fewer than two, or one twice.
    """
    if len(lists) < 2 or len(set(lists)) < len(lists):
        raise InvalidInput(
            "--lists names at least two different columns.", code="usage", value=",".join(lists), hint="--lists A,B,C"
        )
