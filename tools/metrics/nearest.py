"""The names closest to one that does not exist."""

from __future__ import annotations

from collections.abc import Iterable


def nearest_names(name: str, known: Iterable[str], *, limit: int = 4) -> list[str]:
    """Up to `limit` known names, closest first; empty when none is near."""
    from difflib import get_close_matches  # start-up: only errors need it

    by_folded = {str(k).casefold(): str(k) for k in known}
    wanted = name.casefold()
    inside = [k for k in by_folded if len(wanted) > 2 and (wanted in k or k in wanted) and len(k) > 2]
    close = get_close_matches(wanted, by_folded, n=limit, cutoff=0.6)
    ordered = dict.fromkeys([*close, *sorted(inside, key=lambda k: (abs(len(k) - len(wanted)), k))])
    return [by_folded[k] for k in ordered][:limit]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean 'country'?`, or what exists when nothing is near."""
    names = list(known)
    near = nearest_names(name, names)
    if near:
        return "did you mean " + " or ".join(repr(n) for n in near[:2]) + "?"
    if not names:
        return "there is none"
    return "known: " + ", ".join(sorted(names)[:8]) + (", ..." if len(names) > 8 else "")
