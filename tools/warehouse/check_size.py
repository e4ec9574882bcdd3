"""SQL text of a size and depth that a parser can take, told without parsing it."""

from __future__ import annotations

import re

from tools.errors import Declined

MAX_CHARACTERS = 100_000
MAX_DEPTH = 100
MAX_PARTS = 1_000

_TOKEN = re.compile(
    r"""
    (?P<skip> [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*" | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$
        | --[^\n]* | /\*.*?\*/ )
    | (?P<open> [(\[{] | \bcase\b )
    | (?P<close> [)\]}] | \bend\b )
    | (?P<prefix> [-+~@!] | \bnot\b )
    | (?P<space> \s+ )
    | (?P<other> [^\W\d]\w* | \d+ | . )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)

_PARTS = frozenset({"select", "union", "except", "intersect"})


def check_size(sql: str) -> None:
    """Let text of a sane size pass; raises Declined with rule length or depth."""
    if len(sql) > MAX_CHARACTERS:
        raise Declined(
            f"The SQL has {len(sql):,} characters; {MAX_CHARACTERS:,} are allowed.", reason="unsafe", rule="length"
        )
    if _depth(sql) > MAX_DEPTH:
        raise too_deep()
    if sum(token[0].lower() in _PARTS for token in _TOKEN.finditer(sql) if token.lastgroup == "other") > MAX_PARTS:
        raise Declined(
            f"The SQL puts more than {MAX_PARTS:,} SELECTs and UNIONs together.",
            reason="unsafe",
            rule="length",
            hint="Use IN (...), VALUES or range(...) in the place of many small SELECTs.",
        )


def too_deep() -> Declined:
    """What is said of nesting that a parser would not survive."""
    return Declined(
        f"The SQL is nested deeper than {MAX_DEPTH} levels.",
        reason="unsafe",
        rule="depth",
        hint="Use WITH to name the inner parts, or IN (...) in the place of a long chain.",
    )


def _depth(sql: str) -> int:
    """The most brackets, CASEs and prefix operators that are open at once. Brackets in quotes and comments are text."""
    depth = deepest = run = 0
    for token in _TOKEN.finditer(sql):
        kind = token.lastgroup
        if kind in ("space", "skip"):
            continue
        run = run + 1 if kind == "prefix" else 0
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(depth - 1, 0)
        deepest = max(deepest, depth + run)
    return deepest
