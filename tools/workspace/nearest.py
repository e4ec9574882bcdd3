"""The allowed name nearest to one that is not allowed."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """The closest of `allowed` to `word` when it is close enough to be what was meant, else None."""
    from difflib import get_close_matches  # start-up

    by_lower = {name.lower(): name for name in allowed}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None
