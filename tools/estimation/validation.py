"""What a validation against gold says of a labeller."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tools.errors import InvalidInput


@dataclass(frozen=True)
class Rate:
    """Sensitivity or specificity: `right` of `of` gold items were labelled right; of = inf: known, `right` is the rate.

    Counts may be decimals (weighted validations).
    """

    right: float
    of: float

    @property
    def known(self) -> bool:
        return math.isinf(self.of)

    @property
    def value(self) -> float:
        return self.right if self.known else self.right / self.of

    @property
    def se(self) -> float:
        """√(r(1-r)/N), 0 when known."""
        return 0.0 if self.known else math.sqrt(self.value * (1 - self.value) / self.of)

    def __str__(self) -> str:
        return f"{self.right:g}/{self.of:g}"


def read_rate(text: str, *, name: str) -> Rate:
    """`X/N` as a rate; N = inf: X is the known rate.

    Raises:
        InvalidInput: not X/N, an empty validation (N = 0), X outside 0..N, or a known rate outside 0..1.
    """
    hint = f"--{name} 178/179: right of gold items; --{name} 0.92/inf: known."
    left, slash, right = text.partition("/")
    try:
        rate = Rate(float(left), float(right)) if slash else None
    except ValueError:
        rate = None
    if rate is None or math.isnan(rate.right) or math.isnan(rate.of) or math.isinf(rate.right):
        raise InvalidInput(f"--{name} {text!r} is not X/N.", code="usage", value=text, hint=hint)
    if rate.of <= 0:
        message = f"--{name} {text}: no gold item was validated."
        raise InvalidInput(message, code="empty_validation", value=text, hint=hint)
    if not 0 <= rate.right <= (1 if rate.known else rate.of):
        most = "1" if rate.known else f"{rate.of:g}"
        raise InvalidInput(f"--{name} {text}: X lies outside 0 to {most}.", code="usage", value=text, hint=hint)
    return rate
