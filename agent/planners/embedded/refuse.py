"""Questions that no metric answers: instructions to act, other subjects, forecasts, causes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.planners.embedded.lexicon import Lexicon
from agent.planners.embedded.vocabulary import ACTIONS, CAUSAL, FORECAST, MEASURING, OBJECTS, OFF_TOPIC, UNSAFE_VERBS
from agent.planners.embedded.words import Token
from agent.state import DeclinePlan

_SQL = re.compile(
    r"(?i)\b(select\s+.+\s+from|drop\s+(table|schema|database|view)|delete\s+from|insert\s+into|update\s+\w+\s+set|union\s+(all\s+)?select|alter\s+table|attach\s+'|copy\s+.+\s+to|create\s+table|truncate\s+table|pragma\s)|;\s*--|\bor\s+1\s*=\s*1\b|xp_cmdshell|information_schema|/etc/passwd|\b(read|open|load|cat|show) (me )?(the )?(contents? of )?(the )?file\b|\.(json|duckdb|toml|yml|yaml|env|db|sqlite|parquet)\b|\.\./"
)
_INJECTION = re.compile(
    r"(?i)\b(ignore|disregard|forget|override|bypass)\b.{0,40}\b(instruction|instructions|rules?|polic(y|ies)|guard|prompt|permission|permissions|previous|above|restrictions?)\b|system prompt|developer mode|jailbreak|reveal your|print your (prompt|instructions)|act as (an? )?(admin|root|dba)|you are now|pretend (to be|you)|api key|password|secret key|as an? admin|(hard ?code|make up|invent|fabricate) (a|the|some)? ?(number|figure|value)|just say it is"
)
_IDENTIFY = re.compile(
    r"(?i)\b(e-?mails? address(es)?|phone numbers?|home address|raw (text|content|messages?)|text of (the )?messages?|show (me )?the (messages?|texts?|content)\b(?! (count|sent|by|per|rate|volume)))"
)
_GREETING = re.compile(
    r"(?i)^\W*(hi|hello|hey|yo|good (morning|afternoon|evening)|thanks?( you)?|thank you( so much| very much)?|how are you( doing)?( today)?|what'?s up|sup|ok(ay)?|cool|great|bye|lol|test|who are you|are you (a )?(bot|human|real)\??)\W*(there|team|transect|everyone)?\W*$"
)
_CAUSE = re.compile(
    r"(?i)\b(what|who)('s| is| was| are)? (caus|driv|behind)|\bdid .+ (reduce|increase|improve|hurt|help|affect|lead to|result in)\b|\b(reason|reasons) (for|why|behind)\b|\beffect of\b|\bimpact of\b|\bresult of\b|\bthanks to\b.*\?|\blead to\b|\broot cause\b|\bcorrelat"
)
_WHAT_IF = re.compile(
    r"(?i)\b(will|going to|gonna)\b.{0,60}\b(be|have|reach|hit|get|grow|see|happen|rise|fall|drop|increase|decrease)\b|\bwhat if\b|\bwhat would happen\b|\bnext (week|month|quarter|year|\d+ (days|weeks|months))\b|\bby the end of (the|this) (year|quarter|month)\b|\b(in|over|for) the (coming|upcoming|next)\b"
)


def find_refusal(text: str, tokens: Sequence[Token], lexicon: Lexicon) -> DeclinePlan | None:
    """A decline for what is no metric question, or None."""
    words = [t.text for t in tokens]
    if _SQL.search(text) or _INJECTION.search(text):
        return _decline(
            "unsafe",
            "This asks for SQL or instructions to be carried out; questions are answered from metric definitions only.",
            "`transect sql` runs one read-only SELECT.",
        )
    if _orders(words, lexicon):
        return _decline(
            "unsafe",
            f"transect measures; it does not act on the platform or its data (\u201c{words[_first_verb(words)]}\u201d).",
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
        )
    return None


def _decline(reason: str, message: str, step: str) -> DeclinePlan:
    return DeclinePlan(reason=reason, message=message, next_steps=(step,))


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
    if any(
        a in ACTIONS | UNSAFE_VERBS and b in OBJECTS for a, b in zip(words[first:], words[first + 1 :], strict=False)
    ) and (words[first] in ACTIONS | UNSAFE_VERBS):
        return True
    return any(a in {"and", "then"} and b in UNSAFE_VERBS for a, b in zip(words, words[1:], strict=False))


def _off_topic(words: Sequence[str], lexicon: Lexicon) -> bool:
    if any(w in OFF_TOPIC and w not in lexicon.words for w in words):
        return True
    if words[:2] == ["who", "is"] or words[:2] == ["write", "me"] or words[:2] == ["write", "a"]:
        return not any(w in MEASURING for w in words)
    return False
