"""Looking every day: `python -m tests.simulations.monitoring [--full] [--out FILE]`.

False alarms of confidence sequences over 365 looks, and of the e-detector over 100 series together; power and delay.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from tests.simulations.page_forms import BySection
from tests.simulations.run_study import run_study
from tests.simulations.tally import FLOOR, Tally
from tools.estimation.monitoring import detect_shifts, share_sequence, weighted_mean_sequence
from tools.estimation.monitoring.remove_memory import remove_memory
from tools.estimation.monitoring.shiryaev_roberts import shiryaev_roberts
from tools.estimation.monitoring.standardise_series import standardise_series

FULL, SHARE, STREAM = 10_000, 0.01, 9
LOOKS, SERIES, HORIZON, ERROR = 365, 100, 365, 0.05
BLOCK = 25  # replicates of the e-detector that are computed together
TITLE = "Monitoring: false alarms, power and delay"
READING = (
    "*Sequences*: limits at 365 daily looks; covered means that all 365 hold the truth, so that false alarms are what"
    " is missing to 100 %, and the floor is 95 %, not 94 %. *Below* and *above* count the first look that fails."
    " *e-detector*: 100 daily series with weekly seasonality, 26 weeks of history, 365 days watched; covered means that"
    " neither all series together nor any one by itself raised an alarm. Days are independent except where said."
)

Floats = NDArray[np.float64]


def shares(p: float, each: int, replicates: int) -> Tally:
    """Binomial counts each day."""
    counts = [0, 0, 0]
    for seed in range(replicates):
        rng = np.random.default_rng((seed, STREAM, each, round(1e6 * p)))
        found = share_sequence(rng.binomial(each, p, LOOKS), np.full(LOOKS, each))
        counts[_side(found.low, found.high, p)] += 1
    return _tally(f"share {p:g}, {each} a day", "beta mixture sequence", counts, floor=0.95)


def weighted(p: float, each: int, replicates: int) -> Tally:
    """Rows drawn twice as often where they are twice as likely positive, weights 4, 2 and 1 of at most 4.

    Only the truth is tried as a candidate: whether it is ever left out is what is counted.
    """
    missed = 0
    draw = _weighted_draw(p)
    for seed in range(replicates):
        y, w = draw(np.random.default_rng((seed, STREAM + 1, each, round(1e6 * p))), LOOKS * each)
        ends = np.arange(each, LOOKS * each + 1, each)
        found = weighted_mean_sequence(y, w, max_weight=4, ends=ends, candidates=[p])
        missed += found.broken_at is not None
    counts = [replicates - missed, missed, 0]
    return _tally(f"weighted share {p:g}, {each} a day", "betting sequence", counts, floor=0.95)


def daily_intervals(p: float, each: int, replicates: int) -> Tally:
    """What the ordinary interval does when it is looked at every day."""
    counts = [0, 0, 0]
    n = each * np.arange(1, LOOKS + 1)
    low, high = _clopper_limits(n)
    for seed in range(replicates):
        rng = np.random.default_rng((seed, STREAM, each, round(1e6 * p)))
        s = np.cumsum(rng.binomial(each, p, LOOKS)).astype(np.float64)
        counts[_side(low(s), high(s), p)] += 1
    situation = f"share {p:g}, {each} a day"
    return _tally(situation, "Clopper-Pearson at every look", counts, decides=False)


def nothing_happens(kind: str, replicates: int, *, decides: bool) -> Tally:
    """100 series at once under a null; alarms of all together, or of one by itself."""
    quiet = 0
    for begin in range(0, replicates, BLOCK):
        size = min(BLOCK, replicates - begin)
        blocks = [
            _null(kind, np.random.default_rng((seed, STREAM + 2, len(kind)))) for seed in range(begin, begin + size)
        ]
        values = np.concatenate(blocks, axis=1)
        if kind.endswith("taken out"):
            values = remove_memory(values, warm_up=WARM_UP)
        evidence = shiryaev_roberts(standardise_series(values, warm_up=WARM_UP))
        for part in np.split(evidence, size, axis=1):
            together = part.mean(axis=1).max() >= HORIZON / ERROR
            quiet += not (together or part.max() >= SERIES * HORIZON / ERROR)
    name = f"100 series, {kind}"
    return _tally(name, "e-detector", [quiet, 0, replicates - quiet], floor=0.95, decides=decides)


WARM_UP = 26 * 7


def after(scale: float) -> str:
    some = max(round(2_000 * scale), 40)
    return _delays_of_sequences(some) + _delays_of_shifts(some) + _same_call()


def _delays_of_sequences(replicates: int) -> str:
    """Rows until a share that is no longer 0.02 is seen to be another, beside a test at one fixed n."""
    lines = [
        "\n## Delay: the share was 0.02 and is another from the first look on, 50 rows a day\n\n"
        "The sequence raises an alarm when its limits exclude 0.02: with the default prior, and with `prior=(2, 98)`,"
        " which knows where the share was. The fixed-n test looks once, at the n that has a power of 80 % (the normal"
        " formula for one sample, two-sided at 5 %).\n\n"
        "| share now | fixed n, days | prior | median days | power by then % | by 1.5 times % | by 365 days % |\n"
        + "|---" * 7
        + "|\n"
    ]
    for p in (0.024, 0.03, 0.04, 0.06):
        z = 1.959964 * math.sqrt(0.02 * 0.98) + 0.841621 * math.sqrt(p * (1 - p))
        fixed = math.ceil((z / (p - 0.02)) ** 2 / 50)
        for prior in ((0.5, 0.5), (2.0, 98.0)):
            days = []
            for seed in range(replicates):
                rng = np.random.default_rng((seed, STREAM + 3, round(1e6 * p)))
                sequence = share_sequence(rng.binomial(50, p, LOOKS), np.full(LOOKS, 50), prior=prior)
                found = sequence.first_excluding(0.02)
                days.append(10_000 if found is None else found + 1)
            by = [100 * float(np.mean(np.array(days) <= limit)) for limit in (fixed, 1.5 * fixed, LOOKS)]
            median = float(np.median(days))
            shown = f"{median:.0f}" if median <= LOOKS else "over 365"
            named = f"({prior[0]:g}, {prior[1]:g})"
            lines.append(f"| {p:g} | {fixed} | {named} | {shown} | {by[0]:.1f} | {by[1]:.1f} | {by[2]:.1f} |\n")
    return "".join(lines)


def _delays_of_shifts(replicates: int) -> str:
    """One of 100 series shifts on the 31st day watched; its own threshold is used, that of all 100."""
    lines = [
        "\n## Power and delay of the e-detector: one of 100 series shifts, 30 days after the watch began\n\n"
        "Shifts in standard deviations of a day. The threshold is that of one series among 100. *Daily*: how often"
        " a two-sided test of each day's surprise, each at 0.05/(100 · 365), has alarmed in 90 days.\n\n"
        "| history | shift | within 7 days % | 14 | 30 | 60 | 90 | 180 | 335 | median days | before % | daily % |\n"
        + "|---" * 12
        + "|\n"
    ]
    for weeks, phi in ((12, 0.0), (26, 0.0), (52, 0.0), (26, 0.3)):
        for effect in (0.5, 1.0, 2.0):
            warm_up = 7 * weeks
            rng = np.random.default_rng((STREAM + 4, weeks, round(10 * effect), round(10 * phi)))
            values = _leaning(_seasonal(rng, warm_up + HORIZON, replicates), phi)
            values[warm_up + 30 :] += effect
            watched = remove_memory(values, warm_up=warm_up) if phi else values
            surprises = standardise_series(watched, warm_up=warm_up)
            reached = shiryaev_roberts(surprises) >= SERIES * HORIZON / ERROR
            first = np.where(reached.any(axis=0), reached.argmax(axis=0) - warm_up - 30 + 1, 10_000)
            by = [100 * float(np.mean((first > 0) & (first <= days))) for days in (7, 14, 30, 60, 90, 180, 335)]
            early = 100 * float(np.mean(first <= 0))
            median = float(np.median(first))
            shown = f"{median:.0f}" if median <= HORIZON else "over 335"
            daily = np.abs(surprises[warm_up + 30 : warm_up + 120]) > 4.971  # of 0.05/36,500 in two tails
            power = 100 * float(np.mean(daily.any(axis=0)))
            cells = " | ".join(f"{value:.1f}" for value in by)
            history = f"{weeks} weeks" + (f", days correlated by {phi:g}, taken out" if phi else "")
            lines.append(f"| {history} | {effect:g} | {cells} | {shown} | {early:.2f} | {power:.1f} |\n")
    return "".join(lines)


def _same_call() -> str:
    """The parts that were simulated are the public call: one run of both."""
    values = _seasonal(np.random.default_rng((STREAM + 5,)), WARM_UP + HORIZON, SERIES)
    values[WARM_UP + 30 :, 3] += 2
    report = detect_shifts(values, warm_up=WARM_UP)
    parts = shiryaev_roberts(standardise_series(values, warm_up=WARM_UP))
    same = bool(np.array_equal(report.evidence, parts))
    return (
        f"\n`detect_shifts` gives the evidence of the parts simulated here, day for day: {same}. With a shift of 2"
        f" in series 3 on day {WARM_UP + 30} it alarms on day {report.alarm}, led by series {report.leading}.\n"
    )


def _null(kind: str, rng: np.random.Generator) -> Floats:
    days = WARM_UP + HORIZON
    if kind == "normal":
        return _seasonal(rng, days, SERIES)
    if kind == "normal, correlated by 0.5":
        shared = rng.standard_normal((days, 1))
        return _season(days) + math.sqrt(0.5) * (shared + rng.standard_normal((days, SERIES)))
    if kind == "square roots of counts around 100":
        return np.sqrt(rng.poisson(100 * np.exp(0.2 * _season(days)), (days, SERIES)))
    if kind == "counts around 20, not transformed":
        return rng.poisson(20 * np.exp(0.2 * _season(days)), (days, SERIES)).astype(np.float64)
    if kind == "heavy tails (t with 5 df)":
        return _season(days) + rng.standard_t(5, (days, SERIES))
    phi = float(kind.removeprefix("days correlated by ").partition(",")[0])
    return _leaning(_seasonal(rng, days, SERIES), phi)


def _seasonal(rng: np.random.Generator, days: int, series: int) -> Floats:
    return _season(days) + rng.standard_normal((days, series))


def _leaning(values: Floats, phi: float) -> Floats:
    """Days that lean on the day before by phi, as wide as they were, around the same week."""
    season = _season(len(values))
    noise = values - season
    for day in range(1, len(noise)):
        noise[day] = phi * noise[day - 1] + math.sqrt(1 - phi * phi) * noise[day]
    return season + noise


def _season(days: int) -> Floats:
    """A week whose days differ by up to four standard deviations."""
    return np.resize([0.0, 0.5, 1.0, 0.8, 0.2, -2.5, -3.0], days)[:, None]


def _weighted_draw(p: float) -> Callable[[np.random.Generator, int], tuple[Floats, Floats]]:
    """Three kinds of units, drawn 1, 2 and 4 times as often as their number says; rates in the same proportions."""
    number, weight = np.array([0.6, 0.3, 0.1]), np.array([4.0, 2.0, 1.0])
    rates = p * np.array([1.0, 2.0, 4.0]) / float(number @ [1.0, 2.0, 4.0])
    chance = number / weight / (number / weight).sum()

    def draw(rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        kind = rng.choice(3, n, p=chance)
        return (rng.random(n) < rates[kind]).astype(np.float64), weight[kind]

    return draw


def _clopper_limits(n: NDArray[np.int64]) -> tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]:
    from scipy.special import betaincinv  # type: ignore[import-untyped]

    def low(s: Floats) -> Floats:
        return np.where(s > 0, betaincinv(np.maximum(s, 1e-9), n - s + 1, 0.025), 0.0)

    def high(s: Floats) -> Floats:
        return np.where(s < n, betaincinv(s + 1, np.maximum(n - s, 1e-9), 0.975), 1.0)

    return low, high


def _side(low: Floats, high: Floats, truth: float) -> int:
    """0 where all limits hold, 1 where the first that fails lies below, 2 above."""
    below, above = high < truth, low > truth
    failed = below | above
    return 0 if not failed.any() else (1 if below[int(np.argmax(failed))] else 2)


def _tally(situation: str, limits: str, counts: list[int], *, floor: float = FLOOR, decides: bool = True) -> Tally:
    covered, below, above = counts
    return Tally(situation, limits, decides=decides, floor=floor, covered=covered, below=below, above=above)


def tallies(scale: float) -> Iterator[tuple[str, Tally]]:
    some, shown = round(FULL * scale), max(round(FULL * scale / 5), 20)
    looks, quiet = "Confidence sequences: all of 365 looks", "e-detector: 100 series, 365 days, no shift"
    for p, each in ((0.1, 20), (0.02, 50), (0.001, 200)):
        yield looks, shares(p, each, some)
    yield looks, daily_intervals(0.02, 50, shown)
    for p, each in ((0.1, 10), (0.02, 20)):
        yield looks, weighted(p, each, some)
    yield quiet, nothing_happens("normal", some, decides=True)
    for kind in ("normal, correlated by 0.5", "square roots of counts around 100"):
        yield quiet, nothing_happens(kind, shown, decides=True)
    outside = "e-detector: outside its assumptions, no shift"
    for kind in ("counts around 20, not transformed", "heavy tails (t with 5 df)"):
        yield outside, nothing_happens(kind, max(shown // 4, 20), decides=False)
    for phi in ("0.1", "0.3", "0.1, taken out", "0.3, taken out", "0.6, taken out"):
        yield outside, nothing_happens(f"days correlated by {phi}", max(shown // 4, 20), decides=False)


if __name__ == "__main__":
    sys.exit(run_study("monitoring", TITLE, READING, tallies, form=BySection(), full=FULL, share=SHARE, after=after))
