"""Yes and no as people write them, in one spelling or in several."""

from __future__ import annotations

from collections.abc import Iterator

from tools.ingest.type_rule import Rule

_PAIRS = (("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("1", "0"))
_WORDS = ("true", "false", "yes", "no")


def flag_rules() -> Iterator[Rule]:
    """One spelling throughout, then a mixture; 0 and 1 alone stay numbers."""
    yield Rule("BOOLEAN", r"(?i)true$|false$", "lower({v}) in ('true', 'false')", "lower({v}) = 'true'")
    for yes, no, both in (("yes", "no", ""), ("y", "n", "2"), ("t", "f", "2")):
        yield Rule(
            "BOOLEAN",
            rf"(?i){yes}$|{no}$",
            f"lower({{v}}) in ('{yes}', '{no}')",
            f"lower({{v}}) = '{yes}'",
            note=f"{yes}/{no} stored as true/false",
            also=f"count(distinct lower({{v}})) = {both}" if both else "",
        )
    yield _mixed()


def _mixed() -> Rule:
    """Y, yes, TRUE and 1 in one column: each spelling is named with its rows.

    A word or a whole pair must be among them, so that T and N alone stay letters.
    """
    yes, no = (", ".join(f"'{pair[i]}'" for pair in _PAIRS) for i in (0, 1))
    words = ", ".join(f"'{word}'" for word in _WORDS)
    whole = " or ".join(f"(bool_or({_is(a)}) and bool_or({_is(b)}))" for a, b in _PAIRS)
    return Rule(
        "BOOLEAN",
        rf"(?i)({'|'.join(word for pair in _PAIRS for word in pair)})$",
        f"lower({{v}}) in ({yes}, {no})",
        f"lower({{v}}) in ({yes})",
        also=f"(bool_or(lower({{v}}) in ({words})) or {whole}) and bool_or({{v}} not in ('0', '1'))",
        told=f"concat_ws('; ', {_spellings(yes)} || ' read as true', {_spellings(no)} || ' read as false')",
    )


def _is(word: str) -> str:
    return f"lower({{v}}) = '{word}'"


def _spellings(words: str) -> str:
    """SQL for `Y, y and Yes`: the spellings among `words`, in order."""
    found = f"list_sort(list(distinct {{v}}) filter (lower({{v}}) in ({words})))"
    head = f"array_to_string({found}[:-2], ', ')"
    return f"case when len({found}) > 1 then {head} || ' and ' || {found}[-1] else {found}[1] end"
