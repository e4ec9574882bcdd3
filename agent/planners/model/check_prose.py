"""Law one, for a model's words: no number outside a placeholder, in whatever script or words it is written."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from importlib.resources import files

_TEXT = tomllib.loads(files(__package__).joinpath("quantity_words.toml").read_text(encoding="utf-8"))
_WORDS = frozenset(_TEXT["english"].split()) | frozenset(_TEXT["others"].split())
_PHRASES = tuple(re.compile(p) for p in _TEXT["phrases"])
_ONE_AFTER, _ONE_BEFORE = frozenset(_TEXT["one_after"].split()), frozenset(_TEXT["one_before"].split())
_MONTHS = frozenset(_TEXT["months"].split())
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_ROMAN = re.compile(r"(?=[MDCLXVI])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_ENTITY = re.compile(r"&\w+;")
_LAST_LATIN = 0x024F  # Latin Extended-B and everything after it is no plain letter
_MOST_CHARACTERS = 1500
_MOST_PROBLEMS = 6


def check_prose(text: str, fields: Mapping[str, str], *, needs_interval: Sequence[str] = ()) -> list[str]:
    """What is wrong with a model's prose, in sentences for the model; empty when it may be shown.

    Args:
        text: the prose, with placeholders such as `{f1.value}`.
        fields: what each placeholder stands for, by name.
        needs_interval: figures that may not be stated without their interval.
    """
    text = unicodedata.normalize("NFC", text)
    problems = _placeholder_problems(text, fields, needs_interval)
    words = _PLACEHOLDER.sub(" \u00b7 ", text)
    problems += _character_problems(words)
    problems += _word_problems(words)
    if len(text) > _MOST_CHARACTERS:
        problems.append("The text is too long. Write at most four short sentences.")
    return list(dict.fromkeys(problems))[:_MOST_PROBLEMS]


def _placeholder_problems(text: str, fields: Mapping[str, str], needs_interval: Sequence[str]) -> list[str]:
    used = [name.strip() for name in _PLACEHOLDER.findall(text)]
    problems = [f"There is no placeholder {{{name}}}." for name in dict.fromkeys(used) if name not in fields]
    if fields and not any(name.endswith((".value", ".interval")) for name in used):
        problems.append("State at least the figure that was asked for, as {id.interval} or {id.value}.")
    for figure in needs_interval:
        if f"{figure}.value" in used and not {f"{figure}.interval", f"{figure}.range"} & set(used):
            problems.append(f"{figure} is an estimate: write {{{figure}.interval}}, which holds the value too.")
    return problems


def _character_problems(words: str) -> list[str]:
    """Digits, number signs, and characters that could hide or imitate them."""
    problems = []
    for c in words:
        if c in "\n \u00b7":
            continue
        kind = unicodedata.category(c)
        if kind.startswith("N") or unicodedata.numeric(c, None) is not None:
            problems.append(f"A number was written outside the placeholders: {c!r}. Write the placeholder instead.")
        elif c in "{}":
            problems.append("A brace stands alone. Placeholders look like {f1.value}.")
        elif c in "%\u2030\u2031\uff05":
            problems.append("A percent sign was written outside the placeholders; they hold their units.")
        elif kind in ("Cc", "Cf", "Co", "Cs", "Cn", "Mn", "Me", "So") or (
            kind.startswith("L") and ord(c) > _LAST_LATIN
        ):
            problems.append(f"The character {c!r} may not be used. Write plain English in Latin letters.")
    if _ENTITY.search(words) or any(line.lstrip().startswith("#") for line in words.splitlines()):
        problems.append("Write plain sentences: no headings and no entities.")
    return problems


def _word_problems(words: str) -> list[str]:
    problems = []
    tokens = re.findall(r"[^\W\d_]+", words)
    folded = [_fold(t) for t in tokens]
    for at, (token, plain) in enumerate(zip(tokens, folded, strict=True)):
        after = folded[at - 1] if at else ""
        before = folded[at + 1] if at + 1 < len(folded) else ""
        if plain in _WORDS or (plain in ("one", "ones") and after not in _ONE_AFTER and before not in _ONE_BEFORE):
            problems.append(f"\u201c{token}\u201d states a quantity. Write the placeholder, or leave it out.")
        elif _is_roman(token):
            problems.append(f"\u201c{token}\u201d reads as a Roman numeral. Write the placeholder, or leave it out.")
        elif plain in _MONTHS and token[:1].isupper() and not (plain in ("may", "march") and _opens(words, at)):
            problems.append(f"\u201c{token}\u201d is a period. Write {{id.period}} instead.")
    line = _fold(words)
    problems += [f"\u201c{m[0]}\u201d states a quantity." for p in _PHRASES for m in p.finditer(line)]
    return problems


def _is_roman(token: str) -> bool:
    """VII, MMXXVI; not the words I, CI, DM that are in use."""
    if len(token) < 2 or _ROMAN.fullmatch(token) is None:
        return False
    return len(token) > 2 or set(token) <= set("IVX")


def _opens(words: str, at: int) -> bool:
    """Whether the word opens a sentence, where a capital says nothing."""
    start = [m.start() for m in re.finditer(r"[^\W\d_]+", words)][at]
    before = words[:start].rstrip()
    return not before or before[-1] in ".!?:\n"


def _fold(text: str) -> str:
    """Lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if unicodedata.category(c) != "Mn")
