"""The words of a catalog: which phrases name which metric, measure, dimension, value or dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from agent.planners.embedded.vocabulary import ANNOUNCE, FILLER, NEGATION, PERSONS
from agent.planners.embedded.words import phrase_stems, phrase_words, root, stem
from tools.metrics.catalog import Catalog
from tools.metrics.definitions import Dataset, Dimension, Scalar
from tools.metrics.profile import DatasetProfile, Profile

SKIPPED = frozenset({"of", "the", "a", "an", "our"})
COPULAS = frozenset({"is", "are", "was", "were"})
_GENERIC = frozenset({"yes", "no", "true", "false", "y", "n", "t", "f", "none", "other", "unknown", "null", "na"})
_MOST_VALUE_WORDS = 9
_FEW_VALUES = 60
_JOINING = ("and", "or", "by", "per", "not", "has", "have", "that", "which", "who", "what", "with", "how", "many")
_GRAMMAR = ANNOUNCE | NEGATION | COPULAS | frozenset(_JOINING)
_SHARES = frozenset({"share", "percentage", "percent", "proportion", "rate"})  # word order matters: of what?

Kind = Literal["metric", "measure", "dimension", "value", "dataset"]


@dataclass(frozen=True)
class Entry:
    """One thing a phrase can name.

    Attributes:
        name: metric, measure, dimension or dataset name.
        dataset: the owner of a measure, dimension, value or dataset; empty for a metric.
        value: of kind value, as stored.
        raw: set when the phrase must be typed in exactly this case (`NO`, `IN`, `US`).
        any_case: where nothing is written as typed, another case will do: "br" for BR.
        generic: a value such as `yes` or `3` that means something only beside its dimension.
        light: found by some of a phrase's words, the others being units or generic nouns.
        partial: some of the phrase's words may stand for it (never for a metric, nor a value of many).
    """

    kind: Kind
    name: str
    dataset: str = ""
    value: Scalar | None = None
    raw: str = ""
    any_case: bool = False
    generic: bool = False
    partial: bool = field(default=False, compare=False)
    light: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Lexicon:
    """Phrases by their stems (without `of`, `the`, ...); `bags` ignores word order; `words` is every stem used."""

    phrases: Mapping[tuple[str, ...], tuple[Entry, ...]]
    bags: Mapping[frozenset[str], tuple[Entry, ...]]
    words: Mapping[str, str]
    longest: int
    times: frozenset[str]  # roots of the words of time columns: created, hired
    other_times: Mapping[str, frozenset[str]]  # the same for other dates of a dataset, by dataset
    holding: Mapping[str, tuple[tuple[str, ...], ...]]  # phrases of several words by each of their words

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The phrases as text."""
        return {" ".join(phrase): phrase for phrase in self.phrases}

    def entries(self, stems: tuple[str, ...]) -> tuple[Entry, ...]:
        found = self.phrases.get(stems, ())
        if found or len(stems) < 2 or len(set(stems)) < len(stems):
            return found
        return self.bags.get(frozenset(stems), ())


def build_lexicon(catalog: Catalog, profile: Profile) -> Lexicon:
    """Every phrase of a catalog and of the values its dimensions take."""
    phrases: dict[tuple[str, ...], dict[Entry, None]] = {}
    words: dict[str, str] = {}
    for phrase, entry in _all_phrases(catalog, profile):
        stems = tuple(s for s in phrase_stems(phrase) if s not in SKIPPED) or phrase_stems(phrase)
        if not stems or len(stems) > _MOST_VALUE_WORDS:
            continue
        guarded = _guard(entry, phrase, stems)
        if guarded.generic:
            continue  # read beside its dimension only
        phrases.setdefault(stems, {})[guarded] = None
        for word in phrase_words(phrase):
            words.setdefault(stem(word), word)
    _share_numbers(catalog, phrases)
    frozen = {k: tuple(v) for k, v in phrases.items() if not _composed(k, v, phrases)}
    bags: dict[frozenset[str], dict[Entry, None]] = {}
    for key, entries in frozen.items():
        if len(key) > 1:
            bags.setdefault(frozenset(key), {}).update(
                dict.fromkeys(
                    e for e in entries if e.kind != "value" and not (e.kind == "metric" and _SHARES & set(key))
                )
            )
    holding: dict[str, list[tuple[str, ...]]] = {}
    for key in frozen:
        for word in set(key) if len(key) > 1 else ():
            holding.setdefault(word, []).append(key)
    return Lexicon(
        times=frozenset(r for d in catalog.datasets.values() if d.time for r in _time_roots(d.time)),
        other_times={n: _other_times(catalog.datasets[n], data) for n, data in profile.datasets.items()},
        holding={k: tuple(v) for k, v in holding.items()},
        phrases=frozen,
        bags={k: tuple(v) for k, v in bags.items()},
        words=words,
        longest=max((len(k) for k in frozen), default=1),
    )


def _share_numbers(catalog: Catalog, phrases: dict[tuple[str, ...], dict[Entry, None]]) -> None:
    """Where "number of trainers" is a metric, so is "number of raters" if raters is another word for the rows."""
    for dataset in catalog.datasets.values():
        words = [phrase_stems(p) for p in dict.fromkeys((dataset.name, dataset.unit, *dataset.synonyms))]
        counted = [e for w in words for e in phrases.get(("number", *w), {}) if e.kind == "metric"]
        for word in words if counted else ():
            measured = any(e.kind == "measure" for e in phrases.get(word, {}))  # votes.csv, with a column n_votes
            if not measured and ("number", *word) not in phrases:
                phrases[("number", *word)] = dict.fromkeys(counted)


def _composed(stems: tuple[str, ...], entries: Mapping[Entry, None], phrases: Mapping[tuple[str, ...], object]) -> bool:
    """`share of spam` is put together from `share of` and `spam`, so that "share of spam that is mobile" is too."""
    metrics = all(e.kind == "metric" for e in entries)
    rest = phrases.get(stems[1:], {})
    values = [e for e in rest if e.kind == "value"] if isinstance(rest, dict) else []
    return metrics and stems[0] in _SHARES and bool(values)


_PLAIN_TIME = frozenset(
    {
        "time",
        "date",
        "at",
        "on",
        "ts",
        "day",
        "timestamp",
        "datetime",
        "dt",
        "ds",
        "utc",
        "local",
        "epoch",
        "month",
        "year",
    }
)


def _time_roots(column: str) -> list[str]:
    words = [w for w in phrase_words(column) if w not in _PLAIN_TIME and len(w) > 3]
    return [root(form) for w in words for form in (w, w + "d", w + "ed")]


def _other_times(dataset: Dataset, data: DatasetProfile) -> frozenset[str]:
    dated = [
        c for c, kind in data.types.items() if kind.upper().startswith(("DATE", "TIMESTAMP")) and c != dataset.time
    ]
    return frozenset(r for c in dated for r in _time_roots(c))


def _guard(entry: Entry, phrase: str, stems: tuple[str, ...]) -> Entry:
    """A value that looks like a function word counts only as typed in the data."""
    if entry.kind != "value" or len(stems) > 1:
        return entry
    word = phrase.strip().casefold()
    if phrase.strip() == "NO":  # Norway; `No` and `no` are the answer
        return replace(entry, raw="NO")
    if len(word) == 1 and phrase.strip().isupper() and word not in {"a", "i"}:
        return replace(entry, raw=phrase.strip(), partial=False)
    if word.replace(".", "").isdigit() or word in _GENERIC or len(word) == 1:
        return replace(entry, generic=True, partial=False)
    grammar = word in _GRAMMAR or (len(word) <= 3 and word in FILLER)
    if grammar and phrase.strip() == word:
        return replace(entry, generic=True, partial=False)  # `is` for Icelandic: beside its dimension only
    if len(word) == 2 and word.isalpha() and word not in FILLER and not grammar:
        return replace(entry, raw=phrase.strip(), any_case=True, partial=False)
    if len(word) <= 2 or grammar:
        return replace(entry, raw=phrase.strip(), partial=False)
    return entry


def _all_phrases(catalog: Catalog, profile: Profile) -> Iterator[tuple[str, Entry]]:
    expanded = {m.metric for m in catalog.measures}
    for metric in catalog.metrics.values():
        yield metric.name, Entry("metric", metric.name, partial=metric.name not in expanded)
        if metric.name not in expanded:
            for synonym in metric.synonyms:
                yield synonym, Entry("metric", metric.name)
    shared = _shared_words(catalog)
    for dataset in catalog.datasets.values():
        yield from _dataset_phrases(dataset, profile, shared)


def _shared_words(catalog: Catalog) -> dict[tuple[str, str], tuple[str, ...]]:
    """Words for a value of a dimension, as given wherever a dimension of that name is declared."""
    return {
        (dimension.name, _text(value).casefold()): words
        for dataset in catalog.datasets.values()
        for dimension in dataset.dimensions
        if isinstance(dimension.values, dict)
        for value, words in dimension.values.items()
    }


def _dataset_phrases(
    dataset: Dataset, profile: Profile, shared: Mapping[tuple[str, str], tuple[str, ...]]
) -> Iterator[tuple[str, Entry]]:
    named = {stem(name.split(" ")[-1].casefold()) for name in (dataset.unit, *dataset.synonyms)}
    own = dataset.unit.split(" ")[-1] in PERSONS
    # accounts that are also called users are people too, beside trainers: which are meant is asked
    people: tuple[str, ...] = ("people", "persons") if own or named & PERSONS else ()
    people += ("staff", "headcount", "individuals") if own else ()
    for phrase in dict.fromkeys((dataset.name, dataset.unit, *dataset.synonyms, *people)):
        yield phrase, Entry("dataset", dataset.name, dataset.name)
    for measure in dataset.measures:
        for phrase in dict.fromkeys((measure.name, *measure.synonyms)):
            yield phrase, Entry("measure", measure.name, dataset.name, partial=True)
        yield measure.column, Entry("measure", measure.name, dataset.name)
    for dimension in dataset.dimensions:
        for phrase in dict.fromkeys((dimension.name, *dimension.synonyms)):
            yield phrase, Entry("dimension", dimension.name, dataset.name, partial=True)
        yield dimension.column, Entry("dimension", dimension.name, dataset.name)
        yield from _flag_phrases(dataset, dimension, profile)
        yield from _value_phrases(dataset, dimension, profile, shared)


def _flag_phrases(dataset: Dataset, dimension: Dimension, profile: Profile) -> Iterator[tuple[str, Entry]]:
    """A flag's name says its true value: `rows that are yr.rnd`; without `is`, it still names the column."""
    data = profile.datasets.get(dataset.name)
    seen = [v for v, _ in data.values.get(dimension.name, ())] if data else []
    if not any(v is True for v in seen) and not (data and data.kinds.get(dimension.name) == "flag" and 1 in seen):
        return
    true = True if any(v is True for v in seen) else 1
    for phrase in dict.fromkeys((dimension.name, dimension.column, *dimension.synonyms)):
        words = phrase_words(phrase)
        prefixed = len(words) > 1 and words[0] in COPULAS | {"has", "have", "had"}
        bare = " ".join(words[1:]) if prefixed else phrase
        yield bare, Entry("value", dimension.name, dataset.name, true)
        yield bare, Entry("dimension", dimension.name, dataset.name)


def _value_phrases(
    dataset: Dataset, dimension: Dimension, profile: Profile, shared: Mapping[tuple[str, str], tuple[str, ...]]
) -> Iterator[tuple[str, Entry]]:
    known = profile.datasets.get(dataset.name)
    seen = [v for v, _ in known.values.get(dimension.name, ())] if known else []
    by_text = {str(v).casefold(): v for v in seen if v is not None}
    if known and known.kinds.get(dimension.name) == "number" and not isinstance(dimension.values, dict):
        return
    worded = dimension.values if isinstance(dimension.values, dict) else {}
    few = len(seen) <= _FEW_VALUES
    spelled: dict[str, list[Scalar]] = {}
    for value in seen:
        spelled.setdefault(_text(value).strip().casefold(), []).append(value)
    for value in seen:
        if value is not None:
            for phrase in (_text(value), *shared.get((dimension.name, _text(value).casefold()), ())):
                for same in spelled[_text(value).strip().casefold()]:  # a question about US means us as well
                    yield phrase, Entry("value", dimension.name, dataset.name, same, partial=few)
    for written, synonyms in worded.items():
        value = by_text.get(_text(written).casefold(), by_text.get(str(written).casefold(), written))
        for synonym in synonyms:
            yield synonym, Entry("value", dimension.name, dataset.name, value, partial=few)


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
