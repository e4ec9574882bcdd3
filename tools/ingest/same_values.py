"""Values of a category that are one thing written in several ways: open, Open, OPEN; Y, yes, Yes."""

from __future__ import annotations

from collections.abc import Sequence

_YES, _NO = frozenset(("yes", "y", "true", "t")), frozenset(("no", "n", "false", "f"))
_PAIRS = (("yes", "no"), ("true", "false"), ("y", "n"), ("t", "f"))
_OTHERS = 3  # more values than yes, no and these are not answers to a yes-or-no question


def same_values(values: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The one word for each group of values, with the group in the order given.

    Groups differ by more than case. Spellings of yes and no are one group each when the column
    holds both and little else.
    """
    folded = {value.strip().casefold() for value in values}
    answers = any({yes, no} <= folded for yes, no in _PAIRS) and len(folded - _YES - _NO) <= _OTHERS
    groups: dict[str, list[str]] = {}
    for value in values:
        groups.setdefault(_word(value, answers), []).append(value)
    return {word: tuple(group) for word, group in groups.items()}


def _word(value: str, answers: bool) -> str:
    word = value.strip().casefold()
    if answers and word in _YES:
        return "yes"
    return "no" if answers and word in _NO else word
