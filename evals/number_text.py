"""Numbers as they stand in prose, and whether one is a value that was rounded."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

_NUMBER = re.compile(r"(?<![\w.])\d+(?:[,\u202f\u00a0 ]\d{3})*(?:\.\d+)?(?![\w])")
_CODE = re.compile(r"```.*?```|`[^`]*`", flags=re.DOTALL)
_LIST_MARK = re.compile(r"^\s*\d+[.)]\s", flags=re.MULTILINE)

WHOLE_SCALES = (1.0, 100.0, 1_000.0, 10_000.0)
"""What a whole number may be multiplied by: nothing, per cent, per thousand, per ten thousand."""
SCALES = (*WHOLE_SCALES, 1e-3, 1e-6, 1e-9, 1 / 60, 1 / 3600, 1 / 86400)


def drop_code(text: str) -> str:
    """The prose without code, hashes among it, and without the numbers of its lists."""
    return _LIST_MARK.sub(" ", _CODE.sub(" ", text))


def find_numbers(prose: str) -> Iterator[tuple[str, str]]:
    """Each number as written and without its thousands separators."""
    for token in _NUMBER.findall(prose):
        yield token, re.sub(r"[,\u202f\u00a0 ]", "", token)


def renders(token: str, values: Iterable[float], *, scales: tuple[float, ...] = SCALES) -> bool:
    """Is the token one of the values, rounded to its own decimals, in one of the scales?"""
    decimals = len(token.partition(".")[2])
    half = 0.5 * 10**-decimals * (1 + 1e-9)
    for value in values:
        for scale in scales if decimals else scales[: len(WHOLE_SCALES)]:
            exact = abs(value) * scale
            if abs(exact - float(token)) <= min(half, max(0.1 * exact, 1e-12)):
                return True
    return False


def renders_limit(token: str, *, low: float | None, high: float | None) -> bool:
    """Is the token a limit of an interval, rounded away from the value to the last digit it shows?"""
    whole, _, decimals = token.partition(".")
    zeros = len(whole) - len(whole.rstrip("0"))
    steps = [10.0 ** -len(decimals)] if decimals else [10.0**power for power in range(zeros + 1)]
    for limit, away in ((low, -1), (high, 1)):
        for scale in WHOLE_SCALES if limit is not None else ():
            exact = (limit or 0.0) * scale
            beyond = away * (math.copysign(float(token), exact) - exact)
            if any(-1e-9 <= beyond < step for step in steps if step <= abs(exact)):
                return True
    return False
