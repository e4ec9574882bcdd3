"""Whether two labellers err together: a test of conditional independence given gold."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tools.errors import InvalidInput
from tools.estimation.tables import Floats, Ints

ALPHA = 0.05


@dataclass(frozen=True)
class ClassDependence:
    """Within one gold class.

    Attributes:
        n: gold items. wrong: items that the first, the second and both label wrongly.
        expected: items that both would label wrongly if they erred independently.
        covariance: of the two errors, with its standard error (None below two items). p: exact two-sided (Fisher).
    """

    gold: int
    n: int
    wrong: tuple[int, int, int]
    expected: float
    covariance: float
    se: float | None
    p: float


@dataclass(frozen=True)
class LabelDependence:
    """Both gold classes; `p` of both together (Fisher's sum of logarithms), `dependent` at 5 %.

    `independent` is never said: a test that finds nothing has not shown that there is nothing. `detectable` is the
    covariance of errors among gold negatives that it would have found with probability 0.8.
    """

    classes: tuple[ClassDependence, ClassDependence]
    p: float
    dependent: bool
    detectable: float | None
    note: str


def find_label_dependence(first: ArrayLike, second: ArrayLike, gold: ArrayLike) -> LabelDependence:
    """Conditional independence of two labellers' errors, class by class of gold.

    Several model votes, or a model and a person who reads its reasons, err together: then "both say so" has not the
    specificity 1 - (1-Sp1)(1-Sp2), and the truth cannot be had from their agreement (Hui and Walter 1980 assume
    independence; Vacek 1985, Biometrics 41:959-968, shows the bias of estimates under covariance).
    Fisher's exact test of errors in each class; Fisher 1932 for both together.

    Args:
        first, second, gold: (n,) of 0 and 1, every item with all three.

    Raises:
        InvalidInput: lengths that differ, labels other than 0 and 1, or a gold class without an item.
    """
    a, b, g = (_binary(v, name) for v, name in ((first, "first"), (second, "second"), (gold, "gold")))
    if not a.shape == b.shape == g.shape:
        raise InvalidInput("labels and gold have one value an item", value=[len(a), len(b), len(g)])
    classes = (_within(a, b, g, 0), _within(a, b, g, 1))
    from scipy.special import chdtrc  # type: ignore[import-untyped]  # start-up

    both = -2 * sum(math.log(max(c.p, 1e-300)) for c in classes)
    p = float(chdtrc(4, both))
    return LabelDependence(classes, p, p < ALPHA, _detectable(classes[0]), _note(classes, p))


def _within(a: Ints, b: Ints, gold: Ints, of: int) -> ClassDependence:
    from scipy.stats import fisher_exact  # type: ignore[import-untyped]  # start-up

    rows = gold == of
    n = int(rows.sum())
    if n == 0:
        message = f"no gold item is {of}: errors in that class cannot be compared"
        raise InvalidInput(message, code="empty_validation", value=of)
    wrong_a, wrong_b = a[rows] != of, b[rows] != of
    table = [[int((wrong_a & wrong_b).sum()), int((wrong_a & ~wrong_b).sum())]]
    table.append([int((~wrong_a & wrong_b).sum()), int((~wrong_a & ~wrong_b).sum())])
    ra, rb = float(wrong_a.mean()), float(wrong_b.mean())
    products: Floats = (wrong_a - ra) * (wrong_b - rb)
    se = float(products.std(ddof=1)) / math.sqrt(n) if n > 1 else None
    counts = (int(wrong_a.sum()), int(wrong_b.sum()), table[0][0])
    return ClassDependence(of, n, counts, n * ra * rb, float(products.mean()), se, float(fisher_exact(table)[1]))


def _detectable(c: ClassDependence) -> float | None:
    """(z(.975) + z(.8)) standard errors of the covariance under independence."""
    ra, rb = c.wrong[0] / c.n, c.wrong[1] / c.n
    spread = math.sqrt(ra * (1 - ra) * rb * (1 - rb) / c.n)
    return 2.8016 * spread if spread > 0 else None


def _note(classes: tuple[ClassDependence, ClassDependence], p: float) -> str:
    worst = max(classes, key=lambda c: c.wrong[2] - c.expected)
    if p >= ALPHA:
        return (
            f"No dependence was found (p = {p:.2g}); that is not independence. Together the two were wrong on"
            f" {worst.wrong[2]} of {worst.n} gold {'positives' if worst.gold else 'negatives'}, {worst.expected:.3g}"
            " expected."
        )
    return (
        f"The two err together (p = {p:.2g}): both wrong on {worst.wrong[2]} of {worst.n} gold"
        f" {'positives' if worst.gold else 'negatives'}, {worst.expected:.3g} if independent. Their agreement is not"
        " independent evidence; use the sensitivity and specificity of the pair as measured."
    )


def _binary(values: ArrayLike, name: str) -> Ints:
    found = np.asarray(values)
    if found.ndim != 1 or not np.isin(found, (0, 1)).all():
        raise InvalidInput(f"{name} holds labels other than 0 and 1", value=name)
    return np.asarray(found, dtype=np.int64)
