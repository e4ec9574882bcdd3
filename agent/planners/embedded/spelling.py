"""Typos and word forms are read as the word they are a slip of; another word never is.

A slip is one letter missing, doubled, swapped, or hit beside the right key (two in words of nine letters or more).
Everything else that merely resembles a catalog word ("resorts" for "reports") is asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from agent.planners.embedded.vocabulary import NEVER_CORRECTED
from agent.planners.embedded.words import root, stem

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_VOWELS = frozenset("aeiouy")
_OPPOSITES = (
    "un",
    "non",
    "in",
    "dis",
    "im",
    "ir",
    "mis",
    "re",
    "pre",
    "post",
    "de",
    "ex",
    "anti",
    "sub",
    "over",
    "under",
    "out",
)


def read_word(word: str, *, known: Mapping[str, str]) -> str | None:
    """The known stem this word is a form or slip of; None when there is none, or more than one.

    Args:
        word: case-folded, not itself known.
        known: known words by stem.
    """
    if not word.isalpha() or len(word) < 4:
        return None
    wanted = stem(word)
    if wanted in known:
        return wanted
    same_root = {s for s in known if len(s) > 3 and s.isalpha() and root(s) == root(wanted)}
    if same_root:
        return same_root.pop() if len(same_root) == 1 else None
    if word in NEVER_CORRECTED or wanted in NEVER_CORRECTED:
        return None
    slips = {s for s in known if s.isalpha() and is_slip(wanted, s)} | {
        s for s, full in known.items() if s.isalpha() and full != s and is_slip(word, full)
    }
    return slips.pop() if len(slips) == 1 else None


@lru_cache(maxsize=65536)
def is_slip(typed: str, meant: str) -> bool:
    """Whether `typed` is `meant` with a slip of the fingers."""
    if abs(len(typed) - len(meant)) > 2 or min(len(typed), len(meant)) < 4:
        return False
    if typed[0] != meant[0] and sorted(typed[:2]) != sorted(meant[:2]):
        return False
    if is_opposite(typed, meant):
        return False
    if _one_slip(typed, meant):
        return True
    return len(meant) >= 9 and any(_one_slip(step, meant) for step in _neighbours(typed, meant))


def is_opposite(a: str, b: str) -> bool:
    """Whether one word is the other with a prefix that turns it: unpaid and paid."""
    return any(a == prefix + b or b == prefix + a for prefix in _OPPOSITES)


def _one_slip(a: str, b: str) -> bool:
    if len(a) == len(b) and a[-1] != b[-1] and a[:-1] == b[:-1]:
        return False  # reviewer and reviewed are two words
    if len(a) == len(b):
        differing = [i for i in range(len(a)) if a[i] != b[i]]
        if len(differing) == 1:
            i = differing[0]
            return len(a) >= 5 and (_adjacent(a[i], b[i]) or (a[i] in _VOWELS and b[i] in _VOWELS and len(a) >= 6))
        return (
            len(differing) == 2
            and differing[1] == differing[0] + 1
            and a[differing[0]] == b[differing[1]]
            and a[differing[1]] == b[differing[0]]
        )
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    if len(longer) - len(shorter) != 1 or len(shorter) < 4:
        return False
    for i in range(len(longer)):
        if longer[:i] + longer[i + 1 :] == shorter:
            doubled = (i > 0 and longer[i - 1] == longer[i]) or (i + 1 < len(longer) and longer[i + 1] == longer[i])
            return doubled or len(longer) >= 6
    return False


def _neighbours(typed: str, meant: str) -> set[str]:
    """`typed` with one step taken towards `meant`."""
    steps = set()
    for i in range(min(len(typed), len(meant))):
        if typed[i] != meant[i]:
            steps.add(typed[:i] + meant[i] + typed[i:])
            steps.add(typed[:i] + typed[i + 1 :])
            if i + 1 < len(typed):
                steps.add(typed[:i] + typed[i + 1] + typed[i] + typed[i + 2 :])
            if _adjacent(typed[i], meant[i]) or (typed[i] in _VOWELS and meant[i] in _VOWELS):
                steps.add(typed[:i] + meant[i] + typed[i + 1 :])
            break
    else:
        if len(meant) > len(typed):
            steps.add(typed + meant[len(typed)])
        elif len(typed) > len(meant):
            steps.add(typed[:-1])
    return steps


@lru_cache(maxsize=2048)
def _adjacent(a: str, b: str) -> bool:
    for r, row in enumerate(_ROWS):
        if a in row:
            i = row.index(a)
            near = set(row[max(0, i - 1) : i + 2])
            for other in (r - 1, r + 1):
                if 0 <= other < len(_ROWS):
                    near |= set(_ROWS[other][max(0, i - 1) : i + 1 if other > r else i + 2])
            return b in near
    return False
