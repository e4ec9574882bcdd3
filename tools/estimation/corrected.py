"""A share corrected for a labeller whose sensitivity and specificity were measured elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tools.errors import Declined
from tools.estimation.intervals import Limits, t_quantile
from tools.estimation.melded import melded_limits
from tools.estimation.validation import Rate

WORST = 0.25  # of the prevalence: the largest standard error of specificity that a correction bears


@dataclass(frozen=True)
class Corrected:
    """A corrected share, clipped to 0..1; `raw` is not clipped, nor is `raw_limits`."""

    value: float
    low: float
    high: float
    raw: float
    raw_limits: Limits
    method: str
    notes: tuple[str, ...] = ()


def rogan_gladen(apparent: float, sensitivity: float, specificity: float) -> float:
    """(AP + Sp - 1)/(Se + Sp - 1), not clipped. Rogan and Gladen 1978, American Journal of Epidemiology 107:71-76."""
    return (apparent + specificity - 1) / (sensitivity + specificity - 1)


def correct_simple(
    positives: float, n: float, *, sensitivity: Rate, specificity: Rate, level: float = 0.95
) -> Corrected:
    """A share of a simple random sample, with the interval of Lang and Reiczigel.

    With z, n' = n + z², AP' = (n·AP + z²/2)/n', rates r' = (N·r + 1)/(N + 2) and P' of these:
        P' + d ± z·√(AP'(1-AP')/n' + P'²·V(Se') + (1-P')²·V(Sp')) / (Se' + Sp' - 1)
        d = 2z²(P'·V(Se') - (1-P')·V(Sp')), V(r') = r'(1-r')/(N + 2), 0 for a known rate
    Lang and Reiczigel 2014, Preventive Veterinary Medicine 113:13-22. Assumes that the labeller errs in the sample
    as in the validation, independently of anything but the truth; independent items.

    Raises:
        Declined: `uncorrectable`, as `check_correctable`; both limits below 0 or above 1.
    """
    z = t_quantile((1 + level) / 2, math.inf)
    apparent = positives / n
    raw = check_correctable(apparent, sensitivity=sensitivity, specificity=specificity)
    wide = n + z * z
    ap = (positives + z * z / 2) / wide
    (se, v_se), (sp, v_sp) = _shrunk(sensitivity), _shrunk(specificity)
    p = rogan_gladen(ap, se, sp)
    shift = 2 * z * z * (p * v_se - (1 - p) * v_sp)
    half = z * math.sqrt(ap * (1 - ap) / wide + p * p * v_se + (1 - p) ** 2 * v_sp) / (se + sp - 1)
    limits = Limits(p + shift - half, p + shift + half)
    return _clip(raw, limits, method="Rogan-Gladen, Lang-Reiczigel")


def correct_design(
    apparent: float, n_eff: float, *, sensitivity: Rate, specificity: Rate, level: float = 0.95
) -> Corrected:
    """A share of any design, at its effective n, with melded limits (`melded_limits`).

    Raises:
        Declined: as `correct_simple`.
    """
    raw = check_correctable(apparent, sensitivity=sensitivity, specificity=specificity)
    limits = melded_limits(apparent, n_eff, sensitivity=sensitivity, specificity=specificity, level=level)
    return _clip(raw, limits, method="Rogan-Gladen, melded")


def correct_known(apparent: float, limits: Limits, *, sensitivity: Rate, specificity: Rate, method: str) -> Corrected:
    """Known rates carry the limits of the apparent share over (Reiczigel, Földi and Ózsvári 2010).

    Raises:
        Declined: as `correct_simple`.
    """
    se, sp = sensitivity.value, specificity.value
    raw = check_correctable(apparent, sensitivity=sensitivity, specificity=specificity)
    carried = Limits(rogan_gladen(limits.low, se, sp), rogan_gladen(limits.high, se, sp))
    return _clip(raw, carried, method=f"Rogan-Gladen, {method}")


def correct_bands(bands: Sequence[Corrected], shares: Sequence[float]) -> Corrected:
    """Strata or score bands, each corrected with its own sensitivity and specificity, summed by their shares.

    Arms are combined by squares (Zou and Donner 2008), validations of different bands being independent.
    """
    total = sum(shares)
    w = [share / total for share in shares]
    raw = sum(a * b.raw for a, b in zip(w, bands, strict=True))
    down = math.sqrt(sum((a * (b.raw - b.raw_limits.low)) ** 2 for a, b in zip(w, bands, strict=True)))
    up = math.sqrt(sum((a * (b.raw_limits.high - b.raw)) ** 2 for a, b in zip(w, bands, strict=True)))
    return _clip(raw, Limits(raw - down, raw + up), method=f"{bands[0].method}, summed over bands")


def check_correctable(apparent: float, *, sensitivity: Rate, specificity: Rate) -> float:
    """The corrected share, not clipped, when the validation identifies it.

    Raises:
        Declined: `uncorrectable`. Sensitivity + specificity ≤ 1; SE(specificity) over a quarter of the prevalence, with
            the gold negatives needed, 16·Sp(1-Sp)/P².
    """
    se, sp = sensitivity.value, specificity.value
    if se + sp <= 1:
        raise _uncorrectable(
            f"Sensitivity {se:.4g} and specificity {sp:.4g} sum to {se + sp:.4g}: this labeller is no better than"
            " chance.",
            rule="no_better_than_chance",
            value=round(se + sp, 6),
            hint="Have people label a probability subsample, and estimate from their labels.",
        )
    raw = rogan_gladen(apparent, se, sp)
    if specificity.se > WORST * max(raw, 0.0):
        reach = raw if raw > 0 else apparent
        needed = 16 * sp * (1 - sp) / (min(reach, 1.0) ** 2) if reach > 0 else math.inf
        count = f"{math.ceil(needed):,}" if math.isfinite(needed) else "many more"
        most = "about" if raw > 0 else "at least"
        raise _uncorrectable(
            f"Specificity is known to ±{specificity.se:.2g} (one standard error, {specificity.of:g} gold negatives),"
            f" more than a quarter of the corrected share {max(raw, 0.0):.3g}.",
            rule="specificity_unknown",
            value=specificity.se,
            hint=f"It takes {most} {count} gold negatives, or people's labels of a probability subsample.",
        )
    return raw


def _shrunk(rate: Rate) -> tuple[float, float]:
    if rate.known:
        return rate.value, 0.0
    value = (rate.right + 1) / (rate.of + 2)
    return value, value * (1 - value) / (rate.of + 2)


def _clip(raw: float, limits: Limits, *, method: str) -> Corrected:
    if limits.high < 0 or limits.low > 1:
        side = "below 0" if limits.high < 0 else "above 1"
        raise _uncorrectable(
            f"Both limits of the corrected share lie {side} ({limits.low:.3g} to {limits.high:.3g}): the"
            f" labeller does not"
            " err here as in its validation.",
            rule="outside_0_to_1",
            value=[limits.low, limits.high],
            hint="Validate on items of this frame.",
        )
    value = min(max(raw, 0.0), 1.0)
    low, high = min(max(limits.low, 0.0), value), max(min(limits.high, 1.0), value)
    notes: tuple[str, ...] = ()
    if raw != value:
        notes = (f"The corrected share {raw:.4g} lies outside 0 to 1 and is set to {value:g}.",)
    elif limits.low < 0 or limits.high > 1:
        notes = (f"The limits {limits.low:.4g} to {limits.high:.4g} are clipped to 0 to 1.",)
    return Corrected(value, low, high, raw, limits, method, notes)


def _uncorrectable(message: str, *, rule: str, value: object, hint: str) -> Declined:
    return Declined(message, reason="uncorrectable", rule=rule, value=value, hint=hint)
