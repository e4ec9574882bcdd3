"""A question that somebody has signed, matched when it is asked again in the same or in other words.

Similar is not enough: "How bad is voice in March?" is very similar to "How bad is voice?" and asks for another number.
A signed query is taken only when every word of the question is accounted for by the signed one, nothing that decides
about the number is missing, and the TF-IDF similarity reaches a threshold that was set on separate questions
(tests/agent/verified_questions.yml). Otherwise the planner goes on as if nothing had been signed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from agent.planners.embedded.context import Context
from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.spans import Item
from agent.planners.embedded.verified_words import read_words
from agent.planners.embedded.vocabulary import NEGATION, SIZES
from agent.planners.embedded.words import Token, tokenize
from agent.state import QueryPlan
from tools.metrics.definitions import VerifiedQuery
from tools.metrics.query import MetricQuery

THRESHOLD = 0.95  # docs/metrics.md: precision and recall on the questions kept apart
_CANDIDATES = 5
_MARGIN = 0.02  # two signed questions as near as that: neither is taken
_EMPTY = read_words("empty")
_DECISIVE = SIZES | NEGATION | read_words("decisive")
_ORDERED = read_words("ordered")
_SOFT_ENTRIES = frozenset({"metric", "measure", "dataset"})


@dataclass(frozen=True)
class _Unit:
    """One thing a question says: a word, or what the catalog, the time grammar or the operators make of words."""

    kind: str
    stems: tuple[str, ...]
    entries: frozenset[tuple[str, str, str]] = frozenset()
    said: object = None

    @property
    def decisive(self) -> bool:
        """Without it the number would be another."""
        if self.kind == "word":
            return bool(_DECISIVE.intersection(self.stems))
        return self.kind != "entry" or not any(kind in _SOFT_ENTRIES for kind, _, _ in self.entries)


@dataclass(frozen=True)
class _Signed:
    """A signed question; `ordered` when a word of it (before, than, from) makes the order of the others matter."""

    units: tuple[_Unit, ...]
    ordered: bool


def find_verified(text: str, context: Context) -> QueryPlan | None:
    """The signed query whose question this is, with who signed it and when; None when there is none, or two."""
    signed = context.catalog.verified_queries
    if not signed:
        return None
    index = _index(tuple(v.question for v in signed))
    exact = [signed[i] for i in index.exact.get(_stems(text), ())]
    exact = [v for v in exact if context.may_ask(MetricQuery.model_validate(v.query))]
    if exact:
        return _plan(exact[0], reworded=False) if len({str(v.query) for v in exact}) == 1 else None
    found = sorted(_near(text, signed, index, context), key=lambda pair: -pair[0])
    found = [pair for pair in found if pair[0] >= THRESHOLD]
    if not found or any(s > found[0][0] - _MARGIN and v.query != found[0][1].query for s, v in found[1:]):
        return None
    return _plan(found[0][1], reworded=True)


def score_verified(text: str, signed: VerifiedQuery, context: Context) -> float:
    """How near a question is to a signed one, 0 to 1; 0 where a word is not accounted for."""
    query = MetricQuery.model_validate(signed.query)
    index = _index(tuple(v.question for v in context.catalog.verified_queries))
    return _similarity(_units(text, context), _signed(signed.question, context), query, index.weights)


def _plan(signed: VerifiedQuery, *, reworded: bool) -> QueryPlan:
    said = f"This reading was signed by {signed.by} on {signed.on}"
    note = f"{said}, for the question \u201c{signed.question}\u201d." if reworded else f"{said}."
    return QueryPlan(query=MetricQuery.model_validate(signed.query), assumptions=(note,))


def _near(
    text: str, signed: Sequence[VerifiedQuery], index: _Index, context: Context
) -> Iterator[tuple[float, VerifiedQuery]]:
    """The few signed questions that share most words, each with its similarity."""
    asked: list[_Unit] | None = None
    for i in index.nearest(text)[:_CANDIDATES]:
        query = MetricQuery.model_validate(signed[i].query)
        if not context.may_ask(query):
            continue
        asked = asked if asked is not None else _units(text, context)
        yield _similarity(asked, _signed(signed[i].question, context), query, index.weights), signed[i]


def _similarity(asked: Sequence[_Unit], question: _Signed, query: MetricQuery, weights: Mapping[str, float]) -> float:
    """The cosine of both questions' TF-IDF vectors, shared units counting as one; 0 where they ask for two things."""
    signed = question.units
    named = {*query.metrics, *query.by, *(w.dimension for w in query.where)}
    left = list(range(len(signed)))
    pairs: list[int] = []
    more: list[_Unit] = []
    for unit in asked:
        at = next((i for i in left if _same(unit, signed[i], named)), None)
        if at is not None:
            left.remove(at)
            pairs.append(at)
        elif _named_by(unit, asked, query):
            more.append(unit)
        else:
            return 0.0
    if any(signed[i].decisive for i in left) or not _in_order(pairs, question):
        return 0.0
    shared = sum(_weight(signed[i], weights) for i in pairs)
    whole = shared + sum(_weight(signed[i], weights) for i in left)
    own = shared + sum(_weight(unit, weights) for unit in more)
    return shared / math.sqrt(whole * own) if shared else 0.0


def _weight(unit: _Unit, weights: Mapping[str, float]) -> float:
    rarest = max(weights.values(), default=1.0)
    return sum(weights.get(stem, rarest) ** 2 for stem in unit.stems)


def _same(asked: _Unit, signed: _Unit, named: set[str]) -> bool:
    """The same words, or two names of one thing of the catalog; a name of several things stands for none of them."""
    if asked.kind != signed.kind:
        return asked.stems == signed.stems and "word" in (asked.kind, signed.kind)
    if asked.said != signed.said:
        return False
    if asked.kind != "entry":
        return asked.said is not None or asked.stems == signed.stems
    if asked.stems == signed.stems or asked.entries == signed.entries:
        return True
    names = {name for _, name, _ in signed.entries}
    names = names & named or names
    return len(names) == 1 and any(name in names for _, name, _ in asked.entries & signed.entries)


def _named_by(unit: _Unit, asked: Sequence[_Unit], query: MetricQuery) -> bool:
    """It only says aloud what the signed query does: its metric, or what it is broken down by."""
    names = {name for _, name, _ in unit.entries}
    if unit.kind == "entry":
        kinds = {kind for kind, _, _ in unit.entries}
        return (kinds == {"metric"} and names <= set(query.metrics)) or (
            kinds == {"dimension"} and names <= set(query.by)
        )
    if unit.kind != "op" or unit.said not in (("by", None, None), ("per", None, None)):
        return False
    cuts = {name for u in asked for kind, name, _ in u.entries if kind == "dimension"}
    return bool(cuts) and cuts <= set(query.by)


def _in_order(pairs: Sequence[int], signed: _Signed) -> bool:
    """Who does what to whom, and what comes before what, is said by the order of the words."""
    entities = [i for i in pairs if any(kind == "dataset" for kind, _, _ in signed.units[i].entries)]
    things = list(pairs) if signed.ordered else entities
    return things == sorted(things)


def _signed(question: str, context: Context) -> _Signed:
    ordered = any(t.text in _ORDERED for t in tokenize(question))
    return _Signed(tuple(_units(question, context)), ordered)


def _units(text: str, context: Context) -> list[_Unit]:
    cut = context.cut(text)
    return [u for item in cut.items if (u := _unit(item, cut.tokens[item.start : item.end])) is not None]


def _unit(item: Item, tokens: Sequence[Token]) -> _Unit | None:
    words = [t.text for t in tokens if t.text not in _EMPTY]
    stems = tuple(_stem(word) for word in words)
    if item.kind == "time" and item.time is not None:
        return _Unit("time", stems, said=replace(item.time, start=0, end=0, note=""))
    if item.kind == "number":
        return _Unit("number", stems, said=item.number)
    if item.kind == "entry" and not item.partial and not all(e.light for e in item.entries):
        return _Unit("entry", stems, frozenset(_identity(e) for e in item.entries))
    if not words:
        return None
    if item.op is not None and item.op.op not in ("announce", "relative", "where"):
        return _Unit("op", stems, said=(item.op.op, item.op.q, item.op.n))
    return _Unit("word", stems)


def _identity(entry: Entry) -> tuple[str, str, str]:
    return (entry.kind, entry.name, "" if entry.value is None else str(entry.value))


@dataclass(frozen=True)
class _Index:
    """Signed questions by their words; `weights` is each stem's inverse document frequency among them."""

    exact: Mapping[tuple[str, ...], tuple[int, ...]]
    holding: Mapping[str, tuple[int, ...]]
    weights: Mapping[str, float]
    lengths: tuple[float, ...]

    def nearest(self, text: str) -> list[int]:
        """Questions that share a word, nearest first by cosine."""
        scores: Counter[int] = Counter()
        for stem in set(_content(text)):
            for i in self.holding.get(stem, ()):
                scores[i] += self.weights[stem] ** 2 / self.lengths[i]  # type: ignore[assignment]
        return [i for i, _ in sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))]


@lru_cache(maxsize=8)
def _index(questions: tuple[str, ...]) -> _Index:
    exact: dict[tuple[str, ...], tuple[int, ...]] = {}
    holding: dict[str, tuple[int, ...]] = {}
    for i, question in enumerate(questions):
        exact[_stems(question)] = (*exact.get(_stems(question), ()), i)
        for stem in set(_content(question)):
            holding[stem] = (*holding.get(stem, ()), i)
    weights = {stem: 1 + math.log((1 + len(questions)) / (1 + len(at))) for stem, at in holding.items()}
    lengths = tuple(math.sqrt(sum(weights[s] ** 2 for s in set(_content(q)))) or 1.0 for q in questions)
    return _Index(exact, holding, weights, lengths)


def _stems(text: str) -> tuple[str, ...]:
    return tuple(t.stem for t in tokenize(text))


def _content(text: str) -> list[str]:
    return [_stem(t.text) for t in tokenize(text) if t.text not in _EMPTY]


def _stem(word: str) -> str:
    """A coarse stem that forms of one verb or noun share: come and coming, serve and serving, user and users."""
    if not word.isalpha():
        return word
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word
