"""What a reader must know beside the sizes."""

from __future__ import annotations

from collections.abc import Sequence

from tools.errors import Declined, InvalidInput
from tools.estimation.hidden.average_models import akaike_weight
from tools.estimation.hidden.chapman import FEW_RECAPTURES
from tools.estimation.hidden.hierarchical_models import ModelFits
from tools.estimation.hidden.histories import Histories
from tools.estimation.hidden.loglinear import LoglinearFit
from tools.estimation.hidden.size_estimate import SizeEstimate

THIN = 20  # recaptures from which limits hold their level (docs/evidence/hidden.md)


def selection_warnings(fits: Sequence[LoglinearFit], best: LoglinearFit | None) -> list[str]:
    if best is None:
        return ["No log-linear model gives a size: the lists overlap too little."]
    found = []
    undefined = sum(fit.estimate.undefined is not None for fit in fits)
    if undefined:
        found.append(f"{undefined:,} of {len(fits):,} models give no size; each says why.")
    if len(fits) > 1:
        found.append(
            f"The selected model has the smallest AIC of {len(fits):,} ({akaike_weight(fits, best):.0%} of the weight);"
            " its interval does not count that it was selected, the one of `averaged` does in part."
        )
    if best.df == 0:
        found.append("The selected model fits every count exactly, so nothing in the data speaks for or against it.")
    return found


def search_warnings(models: ModelFits) -> list[str]:
    if models.every:
        return []
    return [f"There are too many models to fit each: {len(models.fits):,} were visited by a search, and are listed."]


def pair_warnings(pairs: Sequence[SizeEstimate]) -> list[str]:
    sound = [pair for pair in pairs if pair.value is not None and not pair.only_from_below]
    few = len(pairs) - len(sound)
    found = []
    if few:
        found.append(f"{few} of {len(pairs)} pairs of lists share fewer than {FEW_RECAPTURES} units: bounds, or none.")
    if len(sound) > 1:
        low, high = (end(sound, key=lambda pair: pair.value or 0.0) for end in (min, max))
        if (low.high or 0.0) < (high.low or 0.0):
            found.append(f"{low.method} and {high.method} exclude one another: some lists depend on each other.")
    return found


def none_warnings(histories: Histories) -> list[str]:
    """Units that are on none of the lists asked for."""
    left = histories.on_none
    return [f"{left:,.0f} units are on none of these lists, and are left out."] if left else []


def size_warnings(histories: Histories) -> list[str]:
    """Lists that hold nobody, or everybody who is on any."""
    sizes = dict(zip(histories.lists, histories.sizes, strict=True))
    found = [f"Nobody is on {name}." for name, size in sizes.items() if size == 0]
    all_of = [name for name, size in sizes.items() if size == histories.seen]
    return found + [
        f"{name} holds everybody on any other list: nothing is left to extrapolate from." for name in all_of
    ]


def few_warning(recaptured: float) -> str:
    return (
        f"Only {recaptured:g} units are on two lists or more; fewer than {FEW_RECAPTURES} carry no estimate, so there"
        " are lower bounds only, one-sided at the level."
    )


def check_level(level: float) -> None:
    if not 0 < level < 1:
        raise InvalidInput(f"The level is a share between 0 and 1, not {level:g}.", code="usage", value=level)


def thin_warning(recaptured: float) -> list[str]:
    """What 7 to 19 recaptures do to the limits; docs/evidence/hidden.md has the figures."""
    if not FEW_RECAPTURES <= recaptured < THIN:
        return []
    return [f"With {recaptured:g} units seen again the upper limit is too low more often than the level says."]


def no_overlap(message: str) -> Declined:
    return Declined(
        message,
        reason="underpowered",
        rule="no_overlap",
        hint=f"At least {FEW_RECAPTURES} units seen twice carry an estimate; check that the lists share ids.",
    )
