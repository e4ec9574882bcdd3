"""The size of a population from how many of its units were seen once, twice, and so on."""

from __future__ import annotations

import numpy as np

from tools.errors import Declined, InvalidInput
from tools.estimation.hidden.average_models import average_models, select_model
from tools.estimation.hidden.capture_models import FREQUENCY_MODELS, fit_frequency_model
from tools.estimation.hidden.chao import estimate_chao_bound
from tools.estimation.hidden.chapman import FEW_RECAPTURES
from tools.estimation.hidden.dependence_range import ODDS_RATIO, range_of_dependence
from tools.estimation.hidden.hidden_report import HiddenReport, Sizes, put_first, size_figures
from tools.estimation.hidden.hidden_warnings import (
    check_level,
    few_warning,
    no_overlap,
    selection_warnings,
    thin_warning,
)
from tools.estimation.hidden.loglinear import LoglinearFit
from tools.estimation.hidden.size_estimate import SizeEstimate
from tools.estimation.tables import Floats

_MOST_TIMES_OF_POISSON2 = 30  # 2^k beyond it leaves no digits


def estimate_from_frequencies(
    frequencies: Floats,
    *,
    occasions: int | None = None,
    odds_ratio: tuple[float, float] = ODDS_RATIO,
    level: float = 0.95,
) -> HiddenReport:
    """Chao's bound, models of sightings and their average; with occasions also Mh in place of M0 alone.

    Args:
        frequencies: (K,) units seen exactly 1..K times. occasions: how often a unit could have been seen.

    Raises:
        InvalidInput: negative counts, more times than occasions. Declined: as `estimate_hidden`.
    """
    check_level(level)
    counts = _check_frequencies(frequencies, occasions)
    once, twice, seen = float(counts[0]), float(counts[1]), float(counts.sum())
    recaptured = float(counts[1:].sum())
    if seen == 0:
        raise Declined("No unit was seen.", reason="no_data", rule="no_units")
    if recaptured == 0:
        raise no_overlap("No unit was seen twice, so nothing tells how many were not seen at all.")
    few, warnings = recaptured < FEW_RECAPTURES, []
    bound = estimate_chao_bound(once, twice, seen=seen, occasions=occasions, one_sided=few, level=level)
    sizes: Sizes = [(bound, "bound")]
    selected: SizeEstimate | None = bound
    if few:
        warnings.append(few_warning(recaptured))
    else:
        fits = _frequency_fits(counts, occasions, level)
        best = select_model(fits)
        selected = None if best is None else best.estimate
        sizes = [*put_first(fits, best), (average_models(fits, level=level), "listed"), *sizes]
        warnings += selection_warnings(fits, best)
        if occasions is None:
            warnings.append("Without the number of occasions sightings are taken as Poisson, alike for every unit.")
    warnings.append("The population is taken as closed, and sightings of one unit as independent of one another.")
    warnings += thin_warning(recaptured)
    spread = None if selected is None else range_of_dependence(selected, odds_ratio=odds_ratio)
    return HiddenReport(size_figures(sizes), spread, tuple(warnings))


def _frequency_fits(counts: Floats, occasions: int | None, level: float) -> tuple[LoglinearFit, ...]:
    if occasions is None:
        return (fit_frequency_model(counts, "M0", occasions=None, level=level),)
    padded = np.zeros(occasions)
    padded[: len(counts)] = counts[:occasions]
    models = FREQUENCY_MODELS if 3 <= occasions <= _MOST_TIMES_OF_POISSON2 else FREQUENCY_MODELS[:1]
    return tuple(fit_frequency_model(padded, model, occasions=occasions, level=level) for model in models)


def _check_frequencies(frequencies: Floats, occasions: int | None) -> Floats:
    counts = np.asarray(frequencies, dtype=np.float64)
    if (~np.isfinite(counts) | (counts < 0)).any():
        raise InvalidInput("A frequency is a negative count.", code="negative_count")
    if occasions is not None and occasions < 2:
        raise InvalidInput("At least two occasions are needed.", code="usage", value=occasions)
    most = int(np.max(np.flatnonzero(counts), initial=-1)) + 1
    if occasions is not None and most > occasions:
        raise InvalidInput(
            f"A unit was seen {most} times on {occasions} occasions.",
            code="usage",
            value=most,
            allowed=[f"at most {occasions}"],
        )
    return np.concatenate([counts, np.zeros(max(2 - len(counts), 0))])
