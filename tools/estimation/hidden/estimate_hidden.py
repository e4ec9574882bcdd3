"""The size of a population from the lists that hold parts of it, by every method that its data carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.errors import Declined, InvalidInput
from tools.estimation.hidden.average_models import average_models, select_model
from tools.estimation.hidden.chao import estimate_chao_bound
from tools.estimation.hidden.chapman import FEW_RECAPTURES, chapman_pairs
from tools.estimation.hidden.correct_histories import correct_histories
from tools.estimation.hidden.dependence_range import ODDS_RATIO, range_of_dependence
from tools.estimation.hidden.hidden_report import HiddenReport, Sizes, put_first, size_figures
from tools.estimation.hidden.hidden_warnings import (
    check_level,
    few_warning,
    no_overlap,
    none_warnings,
    pair_warnings,
    search_warnings,
    selection_warnings,
    size_warnings,
    thin_warning,
)
from tools.estimation.hidden.hierarchical_models import fit_hierarchical
from tools.estimation.hidden.histories import Histories
from tools.estimation.hidden.sample_coverage import coverage_size, estimate_sample_coverage
from tools.estimation.hidden.size_estimate import SizeEstimate
from tools.estimation.hidden.widen import chao_size, chapman_of, widen, widen_fit
from tools.estimation.tables import Floats


def estimate_hidden(
    histories: Histories,
    *,
    precision: Mapping[str, float] | None = None,
    linkage_recall: float = 1.0,
    removes: Sequence[str] = (),
    odds_ratio: tuple[float, float] = ODDS_RATIO,
    level: float = 0.95,
) -> HiddenReport:
    """Chapman, Chao's bound, log-linear models, sample coverage, and the range over a declared dependence.

    A closed population, lists whose units are told apart without error but for the two inputs, and no dependence beyond
    what the models hold: `range` says what the last one is worth. With fewer than 7 units on two lists, lower bounds
    only.

    Args:
        precision: share of each list that belongs to the population; lists not named: 1.
        linkage_recall: share of the true links of two records that was found.
        removes: lists on which being found removes the actor. odds_ratio: of the range.

    Raises:
        InvalidInput: shares or odds ratios out of range, names of no list.
        Declined: `uncorrectable`: a list that removes whom it finds, precision and recall that the counts contradict;
            `no_data`: nobody seen; `underpowered`: lists without overlap.
    """
    check_level(level)
    _check_removal(histories, removes)
    if histories.seen == 0:
        raise Declined("No unit is on any list.", reason="no_data", rule="no_units")
    warnings = none_warnings(histories) + size_warnings(histories)
    excess = None
    if precision or linkage_recall < 1:
        corrected = correct_histories(histories, precision=precision, linkage_recall=linkage_recall)
        histories, excess = corrected.histories, corrected.excess
        warnings.append(
            "The counts are corrected for list precision and linkage recall, which are taken as known; limits are"
            " log-transformed and count what the correction adds."
        )
    else:
        warnings.append("Every entry of a list is taken to belong to the population, and every link to be found.")
    _check_overlap(histories)
    few = histories.recaptured < FEW_RECAPTURES
    sizes, selected = _bounds(histories, warnings, level) if few else _sizes(histories, excess, warnings, level)
    warnings.append(
        "The population is taken as closed, and the lists as independent but for what a model holds; `range` shows the"
        f" selected size if an odds ratio between {odds_ratio[0]:g} and {odds_ratio[1]:g} is left over."
    )
    warnings += thin_warning(histories.recaptured)
    spread = None if selected is None else range_of_dependence(selected, odds_ratio=odds_ratio)
    return HiddenReport(size_figures(sizes, corrected=excess is not None), spread, tuple(warnings))


def _sizes(
    histories: Histories, excess: Floats | None, warnings: list[str], level: float
) -> tuple[Sizes, SizeEstimate | None]:
    pairs = chapman_pairs(histories, level=level)
    models = fit_hierarchical(histories, level=level, limits=excess is None)
    fits = models.fits if excess is None else tuple(widen_fit(fit, excess) for fit in models.fits)
    if excess is not None:
        pairs = tuple(
            widen(pair, chapman_of(histories, a, b), histories, excess)
            for pair, (a, b) in zip(pairs, histories.pairs, strict=True)
        )
    listed: Sizes = [(pair, "bound" if pair.only_from_below else "listed") for pair in pairs]
    if len(histories.lists) == 2:
        return [(pairs[0], "selected"), (fits[0].estimate, "listed")], pairs[0]
    best = select_model(fits)
    covered = estimate_sample_coverage(histories, level=level)
    recommended = covered.recommended
    bound = _chao(histories, level=level)
    if excess is not None:
        recommended = widen(recommended, coverage_size(histories), histories, excess)
        bound = widen(bound, chao_size(histories), histories, excess)
    others = (covered.independent, covered.high, covered.low) if excess is None else ()
    warnings += selection_warnings(fits, best) + search_warnings(models)
    warnings += pair_warnings(pairs)
    sizes = put_first(fits, best)
    sizes += [(average_models(fits, level=level), "listed"), (recommended, "listed")]
    sizes += [(other, "listed") for other in others]
    sizes += [*listed, (bound, "bound")]
    return sizes, None if best is None else best.estimate


def _bounds(histories: Histories, warnings: list[str], level: float) -> tuple[Sizes, SizeEstimate | None]:
    """With few recaptures."""
    warnings.append(few_warning(histories.recaptured))
    sizes: Sizes = [(pair, "bound") for pair in chapman_pairs(histories, level=level)]
    if len(histories.lists) > 2:
        sizes.insert(0, (_chao(histories, level=level, one_sided=True), "bound"))
    sound = [size for size, _ in sizes if size.undefined is None]
    return sizes, sound[0] if sound else None


def _chao(histories: Histories, *, level: float, one_sided: bool = False) -> SizeEstimate:
    once, twice = histories.frequencies[:2]
    occasions = len(histories.lists)
    return estimate_chao_bound(
        float(once), float(twice), seen=histories.seen, occasions=occasions, one_sided=one_sided, level=level
    )


def _check_removal(histories: Histories, removes: Sequence[str]) -> None:
    for name in removes:
        if name not in histories.lists:
            raise InvalidInput(f"There is no list {name!r}.", code="no_such_list", value=name, allowed=histories.lists)
    if removes:
        raise Declined(
            f"Being found on {', '.join(removes)} removes the actor, who can then be on no later list: the overlap says"
            " nothing about those never found.",
            reason="uncorrectable",
            rule="capture_removes",
            value=list(removes),
            hint="Leave such a list out, or use lists that were taken before anybody was removed.",
        )


def _check_overlap(histories: Histories) -> None:
    if histories.recaptured <= 0:
        raise no_overlap("No unit is on two lists, so nothing tells how many are on none.")
