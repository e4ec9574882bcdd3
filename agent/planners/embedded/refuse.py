"""Questions that no metric answers: instructions to act, other subjects, forecasts, causes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from agent.planners.embedded.lexicon import Lexicon
from agent.planners.embedded.patterns import read_pattern
from agent.planners.embedded.vocabulary import ACTIONS, CAUSAL, FORECAST, MEASURING, OBJECTS, OFF_TOPIC, UNSAFE_VERBS
from agent.planners.embedded.words import Token
from agent.state import DeclinePlan
from tools.errors import Reason

_SQL = read_pattern("sql")
_INJECTION = read_pattern("injection")
_IDENTIFY = read_pattern("identify")
_GREETING = read_pattern("greeting")
_CAUSE = read_pattern("cause")
_WHAT_IF = read_pattern("what_if")


def find_refusal(text: str, tokens: Sequence[Token], lexicon: Lexicon) -> DeclinePlan | None:
    """A decline for what is no metric question, or None."""
    words = [t.text for t in tokens]
    if _SQL.search(text) or _INJECTION.search(text):
        return _decline(
            "unsafe",
            "This asks for SQL or instructions to be carried out; answers come from metric definitions only.",
            "`transect sql` runs one read-only SELECT.",
        )
    if _orders(words, lexicon):
        return _decline(
            "unsafe",
            f"transect measures; it does not act on the platform or data (\u201c{words[_first_verb(words)]}\u201d).",
            "Ask for a metric instead.",
        )
    if _IDENTIFY.search(text):
        return _decline(
            "unsafe", "Item texts and personal details are not shown in answers.", "Ask for a count or a share instead."
        )
    if not words or _GREETING.match(text) or _off_topic(words, lexicon):
        return _decline(
            "off_topic",
            "This is not a question about the data in this workspace.",
            "Ask \u201cwhich metrics are there\u201d to see what can be answered.",
        )
    if _WHAT_IF.search(text) or any(w in FORECAST and w not in lexicon.words for w in words):
        return _decline(
            "unsupported_cut",
            "This asks about the future, and transect does not forecast: no design in the workspace supports it.",
            "Ask for the trend so far, for example a metric per week.",
        )
    if _CAUSE.search(text) or any(
        w in CAUSAL and w not in lexicon.words and t.stem not in lexicon.words
        for w, t in zip(words, tokens, strict=True)
    ):
        return _decline(
            "unsupported_cut",
            "This asks for a cause, and no experiment or comparison design in the workspace supports one.",
            "Ask how the metric changed, and compare slices or periods.",
            "An investigation needs the slices that moved, what else changed at the time (launches, incidents, policy "
            "changes) and a design that rules the other causes out: an experiment, or a group that was not affected.",
        )
    return None


def _decline(reason: Reason, message: str, *steps: str) -> DeclinePlan:
    return DeclinePlan(reason=reason, message=message, next_steps=steps, understood=True)


_POLITE = {
    "please",
    "pls",
    "can",
    "could",
    "you",
    "now",
    "just",
    "and",
    "then",
    "go",
    "ahead",
    "i",
    "want",
    "need",
    "to",
    "would",
    "like",
    "hey",
    "hi",
    "transect",
    "kindly",
    "let",
    "us",
    "lets",
}


def _first_verb(words: Sequence[str]) -> int:
    return next((i for i, w in enumerate(words) if w not in _POLITE), 0)


def _orders(words: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether the sentence opens with (or its second clause is) an order to act."""
    first = _first_verb(words)
    if words and words[first] in UNSAFE_VERBS and words[first] not in lexicon.words:
        return True
    if any(a in ACTIONS | UNSAFE_VERBS and b in OBJECTS for a, b in pairwise(words[first:])) and (
        words[first] in ACTIONS | UNSAFE_VERBS
    ):
        return True
    ordered = UNSAFE_VERBS - lexicon.words.keys()  # "chat and email" names channels
    return any(a in {"and", "then"} and b in ordered for a, b in pairwise(words))


def _off_topic(words: Sequence[str], lexicon: Lexicon) -> bool:
    if any(w in OFF_TOPIC and w not in lexicon.words for w in words):
        return True
    if words[:2] == ["who", "is"] or words[:2] == ["write", "me"] or words[:2] == ["write", "a"]:
        return not any(w in MEASURING for w in words)
    return False
