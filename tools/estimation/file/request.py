"""What `transect estimate` was asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tools.errors import InvalidInput
from tools.estimation.choose_interval import Interval
from tools.estimation.tables import Lonely
from tools.estimation.unit_design import UnequalMethod
from tools.estimation.validation import Rate

Statistic = Literal["mean", "total", "proportion", "ratio", "quantile"]
VarianceName = UnequalMethod | Literal["wr"]


@dataclass(frozen=True, kw_only=True)
class EstimateRequest:
    """Columns are named as in the file.

    Attributes:
        statistic: what is estimated of `column`; the ratio is `column` over `denominator`.
        column: for a proportion `COL`, holding 0 and 1, or `COL=VALUE`.
        q: of a quantile, between 0 and 1.
        weights, probability, strata: design columns. clusters, fpc: one a stage.
        variance: None is `wr`, or `brewer` with a probability. joint: file of joint probabilities.
        where: `COL=V` conditions, all of which hold. by, compare: a column that splits the domain.
        interval: None is the default of the situation.
        poststratify, rake, calibrate: files of known totals, at most one of them.
        replicates: variance from replicates; seed and replications are of the bootstrap.
        prediction: column of predictions; population_predictions: file of those of the whole frame.
        sensitivity, specificity: of the labeller, measured elsewhere; both or none.
    """

    statistic: Statistic
    column: str
    denominator: str | None = None
    q: float | None = None
    weights: str | None = None
    probability: str | None = None
    strata: str | None = None
    clusters: tuple[str, ...] = ()
    fpc: tuple[str, ...] = ()
    variance: VarianceName | None = None
    joint: Path | None = None
    where: tuple[str, ...] = ()
    by: str | None = None
    compare: str | None = None
    interval: Interval | None = None
    level: float = 0.95
    lonely: Lonely = "fail"
    poststratify: Path | None = None
    rake: Path | None = None
    calibrate: Path | None = None
    replicates: Literal["jackknife", "bootstrap"] | None = None
    replications: int | None = None
    seed: int | None = None
    prediction: str | None = None
    population_predictions: Path | None = None
    sensitivity: Rate | None = None
    specificity: Rate | None = None

    @property
    def method(self) -> VarianceName:
        """The variance, the default filled in."""
        return self.variance or ("brewer" if self.probability is not None else "wr")


def check_request(request: EstimateRequest) -> None:
    """Whether the parts fit together.

    Raises:
        InvalidInput: the first that does not.
    """
    for rule in (
        _check_numbers,
        _check_design,
        _check_split,
        _check_variance,
        _check_interval,
        _check_prediction,
        _check_rates,
    ):
        rule(request)


def _check_numbers(r: EstimateRequest) -> None:
    if not 0 < r.level < 1:
        raise _usage(f"--level is a share between 0 and 1, not {r.level:g}.", _json(r.level), hint="--level 0.95")
    if r.q is not None and not 0 < r.q < 1:
        raise _usage(
            f"--quantile takes a share between 0 and 1, not {r.q:g}.", _json(r.q), hint="--quantile seconds 0.95"
        )
    if r.replications is not None and r.replications < 2:
        raise _usage("--replications needs at least 2.", r.replications)
    if r.seed is not None and r.seed < 0:
        raise _usage("--seed is 0 or more.", r.seed)


def _json(number: float) -> float | str:
    """JSON has no word for numbers that are not finite."""
    return number if math.isfinite(number) else str(number)


def _check_design(r: EstimateRequest) -> None:
    if len(r.clusters) > 2:
        raise _usage("--clusters takes one or two stages.", ",".join(r.clusters), hint="--clusters actor,session")
    stages = max(len(r.clusters), 1)
    if len(r.fpc) > stages + (len(r.clusters) == 1):
        message = f"--fpc has one column a stage: {len(r.fpc)} columns for {stages} stage{'s' * (stages > 1)}."
        raise _usage(message, ",".join(r.fpc))
    if len({*r.clusters}) < len(r.clusters):
        raise _usage("--clusters names one column twice.", ",".join(r.clusters))
    given = [name for name in ("poststratify", "rake", "calibrate") if getattr(r, name) is not None]
    if len(given) > 1:
        raise _usage(f"Give one of --{', --'.join(given)}.", None, hint="--rake takes several margins in one file.")


def _check_split(r: EstimateRequest) -> None:
    if r.by is not None and r.compare is not None:
        raise _usage("--by and --compare exclude one another.", r.compare, hint="--compare splits the domain in two.")


def _check_variance(r: EstimateRequest) -> None:
    method = r.method
    if method != "wr" and r.probability is None:
        raise _usage(f"--variance {method} needs --probability.", method, hint="--probability pi")
    if method != "wr" and r.fpc:
        hint = "--variance wr takes --fpc."
        raise _usage(f"--fpc has no meaning with --variance {method}, which corrects by 1 - π.", r.fpc[0], hint=hint)
    if method in ("yates-grundy", "ht") and r.joint is None:
        raise _usage(f"--variance {method} needs --joint FILE.", method, hint="Or --variance brewer, which needs none.")
    if r.joint is not None and method not in ("yates-grundy", "ht"):
        hint = "--variance yates-grundy for a fixed sample size, else --variance ht."
        raise _usage(f"--joint has no meaning with --variance {method}.", str(r.joint), hint=hint)
    if r.replicates == "bootstrap" and r.seed is None:
        raise _usage("--replicates bootstrap needs --seed.", None, hint="--seed 7")
    if r.replicates != "bootstrap" and r.replications is not None:
        raise _usage("--replications goes with --replicates bootstrap.", r.replications)
    if r.replicates is not None and r.joint is not None:
        raise _usage("--replicates has no use for --joint.", str(r.joint))
    if r.replicates is not None and r.lonely in ("adjust", "average"):
        raise _usage(f"--lonely {r.lonely} has no meaning with --replicates.", r.lonely, allowed=("fail", "certainty"))


def _check_interval(r: EstimateRequest) -> None:
    if r.interval is None or r.statistic == "proportion":
        return
    if r.statistic == "quantile":
        raise _usage("A quantile has Woodruff's interval, and no other.", r.interval, hint="Leave --interval out.")
    if r.interval != "wald":
        raise _usage(f"A {r.statistic} takes no {r.interval} interval.", r.interval, allowed=("wald",))


def _check_prediction(r: EstimateRequest) -> None:
    if r.prediction is None:
        if r.population_predictions is not None:
            message = "--population-predictions goes with --prediction."
            raise _usage(message, str(r.population_predictions), hint="--prediction score")
        return
    if r.statistic in ("ratio", "quantile"):
        allowed = ("--mean", "--total", "--proportion")
        raise _usage(f"--prediction does not help a {r.statistic}.", r.statistic, allowed=allowed)
    refused = {
        "--where": bool(r.where),
        "--by": r.by is not None,
        "--compare": r.compare is not None,
        "--interval": r.interval is not None,
        "--replicates": r.replicates is not None,
        "--poststratify, --rake and --calibrate": bool(r.poststratify or r.rake or r.calibrate),
        "--sensitivity": r.sensitivity is not None,
    }
    for name, given in refused.items():
        if given:
            hint = "A domain takes files of its own, labels and population predictions alike."
            raise _usage(f"--prediction takes no {name}.", name, hint=hint)


def _check_rates(r: EstimateRequest) -> None:
    if (r.sensitivity is None) != (r.specificity is None):
        missing = "--specificity" if r.specificity is None else "--sensitivity"
        hint = "--sensitivity 178/179 --specificity 358/359"
        raise _usage(f"A correction takes both rates; {missing} is missing.", None, hint=hint)
    if r.sensitivity is None or r.specificity is None:
        return
    if r.statistic != "proportion":
        message = f"--sensitivity and --specificity correct a share, not a {r.statistic}."
        raise _usage(message, r.statistic, allowed=("--proportion",))
    if r.compare is not None:
        raise _usage(
            "--sensitivity takes no --compare.", r.compare, hint="--by gives a corrected share for each value."
        )
    if r.interval is not None and not (r.sensitivity.known and r.specificity.known):
        hint = "Known rates (0.92/inf) carry a named interval over."
        raise _usage("--interval has no meaning with estimated rates.", r.interval, hint=hint)


def _usage(message: str, value: object, *, allowed: tuple[str, ...] = (), hint: str = "") -> InvalidInput:
    return InvalidInput(message, code="usage", value=value, allowed=allowed, hint=hint)
