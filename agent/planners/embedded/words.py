"""Text to tokens, and words to stems: the same for questions and for catalog names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

_TOKEN = re.compile(
    r"""
    \d{4}-\d{2}-\d{2}(?!\d)            # 2026-03-05
  | \d{4}-\d{2}(?![\d-])               # 2026-03
  | \d{4}/\d{2}/\d{2}(?!\d)            # 2026/03/05
  | \d{1,2}/\d{1,2}/\d{2,4}            # 03/05/2026
  | \d{1,2}/\d{4}(?!\d)                # 03/2026
  | \d{1,2}\.\d{1,2}\.\d{4}(?!\d)      # 5.3.2026
  | \d{1,3}(?:,\d{3})+(?:\.\d+)?       # 1,000.5
  | \d+\.\d+
  | \d+(?:st|nd|rd|th)\b
  | [^\W_]+(?:['\u2019][^\W_]+)?       # words, don't
  | >=|<=|!=|<>|[=<>%,&"+\u2013-]
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SHORT_YEAR = re.compile(r"(?i)\b((?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*) '(\d\d)\b")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NEGATED = {"don", "doesn", "didn", "isn", "aren", "wasn", "weren", "hasn", "haven", "won", "can", "couldn", "shouldn"}


@dataclass(frozen=True)
class Token:
    """One word or sign. `text` is case-folded; `raw` as typed; `quoted` inside double quotes."""

    text: str
    raw: str
    start: int
    end: int
    quoted: bool = False
    glued: bool = False  # joined to the token before by an underscore or dot: is_spam, yr.rnd

    @property
    def stem(self) -> str:
        return stem(self.text)


def tokenize(text: str) -> list[Token]:
    """Tokens in order; signs that carry no meaning are dropped."""
    text = unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("\u201c", '"').replace("\u201d", '"')
    text = _SHORT_YEAR.sub(r"\1 20\2", text)
    tokens: list[Token] = []
    quoted = False
    for match in _TOKEN.finditer(text):
        raw = match.group()
        if raw == '"':
            quoted = not quoted
            continue
        split = _split(raw, match.start(), quoted=quoted, text=text)
        if split and tokens and text[tokens[-1].end : match.start()] in {"_", "."}:
            split[0] = replace(split[0], glued=True)
        tokens.extend(split)
    return tokens


def _split(raw: str, start: int, *, quoted: bool, text: str) -> list[Token]:
    folded = raw.casefold()
    end = start + len(raw)
    if raw == "&":
        return [Token("and", raw, start, end, quoted)]
    if raw == "-" and start and text[start - 1].isdigit() and text[end : end + 1].isdigit():
        return [Token("to", raw, start, end)]  # 3-5 March
    if raw == "+" and start and text[start - 1].isdigit():  # 65+
        return [Token("or", raw, start, end), Token("more", raw, start, end)]
    if raw in {"-", "+", "\u2013"}:
        spaced = start > 0 and text[start - 1].isspace()
        return [Token("to", raw, start, end)] if spaced and raw != "+" and text[end : end + 1].isspace() else []
    if "'" in folded:
        head, _, tail = folded.partition("'")
        if tail == "t":
            base = head.removesuffix("n") if head not in {"can", "won"} else head
            return [Token(base, raw, start, end, quoted), Token("not", raw, start, end, quoted)]
        if tail in {"s", "re", "ve", "d", "ll", "m"}:
            return [Token(head, raw[: len(head)], start, end, quoted)]
        return [Token(head + tail, raw, start, end, quoted)]
    if folded.isalpha() and folded.endswith("nt") and folded[:-1] in _NEGATED:
        return [Token(folded[:-2], raw, start, end, quoted), Token("not", raw, start, end, quoted)]
    return [Token(folded, raw, start, end, quoted)]


@lru_cache(maxsize=65536)
def phrase_words(phrase: str) -> tuple[str, ...]:
    """The words of a catalog name or value: `n_accounts` and `nAccounts` give ("n", "accounts")."""
    return tuple(
        token.text for token in tokenize(_CAMEL.sub(" ", phrase)) if token.text not in {",", "to"} or phrase == "to"
    )


@lru_cache(maxsize=65536)
def phrase_stems(phrase: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in phrase_words(phrase))


_IRREGULAR = {
    "focuses": "focus",
    "statuses": "status",
    "bonuses": "bonus",
    "viruses": "virus",
    "campuses": "campus",
    "censuses": "census",
    "people": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "data": "data",
    "indices": "index",
    "analyses": "analysis",
    "news": "news",
    "series": "series",
    "queries": "query",
    "metrics": "metric",
    "movies": "movie",
    "cookies": "cookie",
    "licences": "licence",
}


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The singular of a noun, British spelling and all; other words are left alone."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.isalpha():
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


_ENDINGS = (
    "ations",
    "ation",
    "ments",
    "ment",
    "ings",
    "ing",
    "ions",
    "ion",
    "ied",
    "ed",
    "ies",
    "es",
    "als",
    "al",
    "s",
    "e",
    "y",
)


@lru_cache(maxsize=65536)
def root(word: str) -> str:
    """A coarse root shared by forms of one word (label, labels, labelled, labeling), of four letters at least."""
    folded = (
        word.replace("isation", "ization").replace("ise", "ize").replace("our", "or").replace("judgement", "judgment")
    )
    for ending in _ENDINGS:
        if folded.endswith(ending) and len(folded) - len(ending) >= 4:
            folded = folded[: -len(ending)]
            break
    if len(folded) > 4 and folded[-1] == folded[-2] and folded[-1] not in "s":
        folded = folded[:-1]
    return folded
