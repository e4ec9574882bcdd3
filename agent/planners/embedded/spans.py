"""A question cut into items: catalog phrases, operators, time, numbers, fillers; whatever is left is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from agent.planners.embedded.lexicon import COPULAS, SKIPPED, Entry, Lexicon
from agent.planners.embedded.operators import OPERATOR_WORDS, OpSpan, find_operators
from agent.planners.embedded.spelling import read_word
from agent.planners.embedded.time_grammar import TimePhrase, find_time
from agent.planners.embedded.vocabulary import (
    ALIASES,
    ANNOUNCE,
    FILLER,
    LIGHT,
    NEGATION,
    NEVER_MENDED,
    RELATIVE,
    ROW_NOUNS,
    SIZES,
    STANDING,
)
from agent.planners.embedded.words import Token, phrase_words, root, stem, tokenize

_COUNTABLE = frozenset({"amount", "quantity", "volume", "count", "counts", "tally"})
_COMPARING = ("above", "at_least", "below", "at_most")
_LASTING = frozenset({"time", "times", "duration", "length"})
_VERBS = COPULAS | {"has", "have", "had"}
_CLOSED = FILLER | ANNOUNCE | NEGATION | frozenset(OPERATOR_WORDS)


@dataclass(frozen=True)
class Item:
    """Tokens [start, end) and what they are."""

    start: int
    end: int
    kind: Literal["entry", "op", "time", "number", "filler", "rows", "standing", "unknown"]
    text: str
    entries: tuple[Entry, ...] = ()
    op: OpSpan | None = None
    time: TimePhrase | None = None
    number: float | None = None
    partial: bool = False

    def of_kind(self, *kinds: str) -> tuple[Entry, ...]:
        return tuple(e for e in self.entries if e.kind in kinds)

    def is_op(self, *names: str) -> bool:
        return self.op is not None and self.op.op in names


@dataclass(frozen=True)
class Cut:
    """The items of a question in order, and what had to be assumed to read them."""

    tokens: tuple[Token, ...]
    items: tuple[Item, ...]
    assumptions: tuple[str, ...] = field(default=())


def cut_question(text: str, *, lexicon: Lexicon, today: date, fiscal_start: int | None = None) -> Cut:
    """Cut a question into items; longest phrases first, declared names before mere resemblance."""
    tokens, assumptions = _mend(tokenize(text), lexicon)
    shouted = text.upper() == text
    spans: list[tuple[tuple[int, int, int], Item]] = []
    for span in find_operators(tokens):
        if (
            span.op == "count"
            and tokens[span.start].text in _COUNTABLE
            and (tokens[span.start].stem,) in lexicon.phrases
        ):
            continue  # "median amount of paid orders": the amount is a column here
        spans.append(
            (
                (span.weight, 1, -span.start),
                Item(span.start, span.end, "op", _text(tokens, span.start, span.end), op=span),
            )
        )
    for phrase in find_time(tokens, today=today, fiscal_start=fiscal_start):
        spans.append(
            (
                (phrase.end - phrase.start, 3, -phrase.start),
                Item(phrase.start, phrase.end, "time", _text(tokens, phrase.start, phrase.end), time=phrase),
            )
        )
    for item in _catalog_items(tokens, lexicon, shouted=shouted):
        spans.append(((item.end - item.start, 0 if item.partial else 2, -item.start), item))
    spans.sort(key=lambda pair: pair[0], reverse=True)
    taken: dict[int, Item] = {}
    for _, item in spans:
        if not any(i in taken for i in range(item.start, item.end)):
            taken.update(dict.fromkeys(range(item.start, item.end), item))
    _name_what_is_counted(taken, tokens, lexicon)
    dated = any(item.kind == "time" for item in taken.values())
    items: list[Item] = []
    for index, token in enumerate(tokens):
        before = tokens[index - 1].text if index else ""
        if index not in taken and token.text in SIZES and before in {"how", "so"}:
            items.append(Item(index, index + 1, "filler", token.raw))
        elif index not in taken and token.text == "one" and items and items[-1].is_op(*_COMPARING):
            items.append(Item(index, index + 1, "number", token.raw, number=1.0))
        elif index not in taken and dated and token.text.endswith("ed") and root(token.text) in lexicon.times:
            items.append(Item(index, index + 1, "filler", token.raw))  # "hired in March", where time is hire_date
        elif index not in taken and token.text in LIGHT and _names_unit(token.stem, items):
            items.append(Item(index, index + 1, "filler", token.raw))  # "in hours", of delivery_hours
        elif index not in taken and token.text in _LASTING and items and items[-1].of_kind("measure"):
            items.append(Item(index, index + 1, "filler", token.raw))  # "first response time", in minutes
        elif index not in taken and token.text in STANDING:
            items.append(Item(index, index + 1, "standing", token.raw))
        elif index not in taken:
            items.append(_single(index, token))
        elif not items or items[-1] is not taken[index]:
            items.append(taken[index])
    partial = [
        f"\u201c{i.text}\u201d is read as {_entry_name(i.of_kind('dimension')[0])}."
        for i in items
        if i.partial and len(i.of_kind("dimension")) == 1
    ]
    return Cut(tuple(tokens), tuple(items), (*assumptions, *partial))


def _names_unit(word: str, items: Sequence[Item]) -> bool:
    return any(word in {stem(w) for w in phrase_words(e.name)} for i in items for e in i.of_kind("measure"))


def _name_what_is_counted(taken: dict[int, Item], tokens: Sequence[Token], lexicon: Lexicon) -> None:
    """`how many trainers` is `number of trainers` where a metric is called that."""
    for item in set(taken.values()):
        before = taken.get(item.start - 1)
        if item.kind == "entry" and before is not None and before.is_op("count"):
            stems = ("number", *(t.stem for t in tokens[item.start : item.end] if t.text not in SKIPPED))
            named = tuple(e for e in lexicon.phrases.get(stems, ()) if e.kind == "metric" and e not in item.entries)
            if named:
                taken.update(dict.fromkeys(range(item.start, item.end), replace(item, entries=(*named, *item.entries))))


def _entry_name(entry: Entry) -> str:
    return f"{entry.name} = {entry.value}" if entry.kind == "value" else entry.name.replace("_", " ")


def _text(tokens: Sequence[Token], start: int, end: int) -> str:
    return " ".join(t.raw for t in tokens[start:end])


def _single(index: int, token: Token) -> Item:
    digits = token.text.replace(",", "")
    if digits[:-1].isdigit() and digits[-1] in _THOUSANDS:
        return Item(index, index + 1, "number", token.raw, number=float(digits[:-1]) * _THOUSANDS[digits[-1]])
    try:
        return (
            Item(index, index + 1, "number", token.raw, number=float(digits))
            if digits[:1].isdigit()
            else _word(index, token)
        )
    except ValueError:
        return _word(index, token)


_THOUSANDS = {"k": 1e3, "m": 1e6}
_NUMBER_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SMALL_NUMBERS = {"zero": 0.0} | {word: float(i) for i, word in enumerate(_NUMBER_WORDS, start=2)}


def _word(index: int, token: Token) -> Item:
    if token.text in _SMALL_NUMBERS and not token.quoted:
        return Item(index, index + 1, "number", token.raw, number=_SMALL_NUMBERS[token.text])
    if token.stem in ROW_NOUNS and not token.quoted:
        return Item(index, index + 1, "rows", token.raw)
    if len(token.raw) == 1 and token.raw.isupper() and token.raw not in {"A", "I"}:
        return Item(index, index + 1, "unknown", token.raw)
    if (
        token.text in FILLER or token.text in {"=", "&", ",", "to", "-", "+", "%", "<", ">", "!=", "<>"}
    ) and not token.quoted:
        return Item(index, index + 1, "filler", token.raw)
    return Item(index, index + 1, "unknown", token.raw)


def _mend(tokens: list[Token], lexicon: Lexicon) -> tuple[list[Token], list[str]]:
    """Typos and word forms replaced by the word that is meant."""
    known = dict(lexicon.words) | {k: v for k, v in OPERATOR_WORDS.items() if k not in lexicon.words}
    closed = FILLER | NEGATION | ANNOUNCE | RELATIVE | SIZES | STANDING | NEVER_MENDED
    mended, notes = [], []
    for position, token in enumerate(tokens):
        if token.raw == "us" and _is_country(tokens, position, lexicon):
            mended.append(replace(token, raw="US"))
            notes.append("\u201cus\u201d is read as US.")
            continue
        alias = ALIASES.get(token.text)
        if alias is not None and token.stem not in known and stem(alias) in lexicon.words:
            mended.append(replace(token, text=alias))
            continue
        if (
            token.quoted
            or token.text in closed
            or token.stem in known
            or token.text in OPERATOR_WORDS.values()
            or token.stem in ROW_NOUNS
        ):
            mended.append(token)
            continue
        meant = read_word(token.text, known=known)
        if meant is None:
            mended.append(token)
            continue
        word = known[meant]
        if root(word) != root(token.text):
            notes.append(f"\u201c{token.raw}\u201d is read as \u201c{word}\u201d.")
        mended.append(replace(token, text=word))
    return mended, notes


_PLACED = frozenset(
    {"in", "from", "within", "across", "of", "for", "the", "and", "or", "vs", "versus", "against", "outside", "inside"}
    | {"excluding", "except", "excl", "not", "non", "only", "many", "to", "than"}
)
_TOLD = frozenset({"show", "tell", "give", "send", "get", "let", "help", "bring", "remind", "with", "by"})


def _is_country(tokens: Sequence[Token], position: int, lexicon: Lexicon) -> bool:
    """`messages in us`, `rejected us ads`, not `show us messages` or `people who used us`; a value is called US."""
    if not any(e.kind == "value" and e.raw == "US" for e in lexicon.phrases.get(("us",), ())):
        return False
    before = tokens[position - 1].text if position else ""
    after = tokens[position + 1] if position + 1 < len(tokens) else None
    named = after is not None and after.text not in ANNOUNCE and (after.stem,) in lexicon.phrases
    return before in _PLACED or (named and before not in _TOLD)


def _catalog_items(tokens: Sequence[Token], lexicon: Lexicon, *, shouted: bool) -> list[Item]:
    """Every span that is a catalog phrase, exactly or (where words are otherwise unknown) in part."""
    items = []
    content = [i for i, t in enumerate(tokens) if t.text not in SKIPPED]
    loose = [i for i in content if tokens[i].text not in COPULAS]
    for position, start in enumerate(loose):  # "trainers are active" names active trainers
        for picked in (loose[position : position + 2],):
            if len(picked) == 2 and 1 < picked[1] - start <= 3:
                stems = tuple(tokens[i].stem for i in picked)
                entries = tuple(e for e in lexicon.bags.get(frozenset(stems), ()) if e.kind == "metric")
                if entries:
                    items.append(Item(start, picked[1] + 1, "entry", _text(tokens, start, picked[1] + 1), entries))
    for position, start in enumerate(content):
        for length in range(1, min(lexicon.longest, len(content) - position) + 1):
            picked = content[position : position + length]
            if picked[-1] - start > length + 2:
                break
            stems = tuple(tokens[i].stem for i in picked)
            end = picked[-1] + 1
            known = lexicon.entries(stems)
            entries = tuple(e for e in known if _case_holds(e, tokens[start:end], shouted=shouted))
            entries = entries or tuple(e for e in known if e.any_case)
            if entries and length > 1 and tokens[start].text in _VERBS and not tokens[start + 1].glued:
                continue  # "messages is spam" speaks of spam, "by is_spam" of the column
            if entries:
                items.append(Item(start, end, "entry", _text(tokens, start, end), entries))
            elif length <= 5:
                closed = any(tokens[i].text in _CLOSED for i in picked)
                found = () if closed else _partial(stems, lexicon)
                named = tuple(e for e in found if e.kind != "metric") or found
                whole = tuple(e for e in named if e.light)
                if found:
                    items.append(
                        Item(start, end, "entry", _text(tokens, start, end), whole or found, partial=not whole)
                    )
    return items


def _case_holds(entry: Entry, tokens: Sequence[Token], *, shouted: bool) -> bool:
    return (
        not entry.raw
        or (not shouted and len(tokens) == 1 and tokens[0].raw == entry.raw)
        or any(t.quoted for t in tokens)
    )


_MOST_PARTIAL = 12


def _partial(stems: tuple[str, ...], lexicon: Lexicon) -> tuple[Entry, ...]:
    """Entries of longer phrases that hold all these words, one of them found nowhere else on its own."""
    wanted = frozenset(stems)
    if not wanted - LIGHT or any(len(s) < 3 or not s.isalpha() for s in wanted):
        return ()
    if all((s,) in lexicon.phrases for s in wanted):
        return ()
    found: dict[Entry, None] = {}
    if len(stems) == 1:  # "api" for api00 and api99
        for word in lexicon.words:
            if word.startswith(stems[0]) and word[len(stems[0]) :].isdigit():
                found.update(dict.fromkeys(e for e in lexicon.phrases.get((word,), ()) if e.partial))
    kept = {(e.kind, e.name, e.dataset, e.value) for e in found}
    for phrase in lexicon.holding.get(stems[0], ()):
        if len(phrase) <= len(stems) or not wanted < frozenset(phrase) or NEGATION & set(phrase) - wanted:
            continue  # "violating" is no part of "non-violating live"
        light = not frozenset(phrase) - wanted - LIGHT
        for entry in lexicon.phrases[phrase]:
            if entry.partial and (entry.kind != "metric" or len(stems) == 1):
                found[replace(entry, light=light)] = None
                kept.add((entry.kind, entry.name, entry.dataset, entry.value))
        if len(kept) > _MOST_PARTIAL:
            return ()  # in a large catalog a common word stands in thousands of names
    if len(kept) > _MOST_PARTIAL:
        return ()
    return tuple(found)


__all__ = ["Cut", "Item", "cut_question", "stem"]
