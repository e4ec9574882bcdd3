"""Every name and synonym of a workspace given to at most one metric."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from tools.ingest.candidate import Candidate
from tools.ingest.name_columns import usable
from tools.metrics.definitions import Metric


def settle_words(candidates: Sequence[Candidate], *, taken: set[str]) -> list[Metric]:
    """Metrics with unique names, and synonyms that no other metric has.

    A word goes to the one candidate that claims it most strongly; when two claim it
    equally, to none, and each gets it with its table's name added.

    Arguments:
        taken: words that already name something else (generated metrics of measures).
    """
    names = _names(candidates)
    folded_names = {fold(n) for n in names}
    claims: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for i, candidate in enumerate(candidates):
        for phrase, strength in candidate.words.items():
            claims[fold(phrase)].append((strength, i))
    metrics, used = [], set(folded_names) | {fold(t) for t in taken}
    for i, (candidate, name) in enumerate(zip(candidates, names, strict=True)):
        synonyms = []
        for phrase in candidate.words:
            chosen = phrase if _wins(claims[fold(phrase)], i) else f"{phrase} in {candidate.table.replace('_', ' ')}"
            if chosen != phrase and (name == candidate.metric.name or " in " in phrase):
                continue
            if fold(chosen) not in used:
                used.add(fold(chosen))
                synonyms.append(chosen)
        metrics.append(candidate.metric.model_copy(update={"name": name, "synonyms": tuple(synonyms)}))
    return metrics


def fold(words: str) -> str:
    return " ".join(words.replace("_", " ").casefold().split())


def _names(candidates: Sequence[Candidate]) -> list[str]:
    """The metric's own name, or that of its table and it where two tables propose the same."""
    often = Counter(fold(c.metric.name) for c in candidates)
    names: list[str] = []
    seen: set[str] = set()
    for candidate in candidates:
        name = candidate.metric.name
        if often[fold(name)] > 1:
            name = usable(f"{candidate.table}_{name}")
        base, n = name, 2
        while fold(name) in seen:
            name, n = f"{base}_{n}", n + 1
        seen.add(fold(name))
        names.append(name)
    return names


def _wins(claims: list[tuple[int, int]], i: int) -> bool:
    best = max(strength for strength, _ in claims)
    return [claimant for strength, claimant in claims if strength == best] == [i]
