"""Singular and plural of the nouns that name tables and columns."""

from __future__ import annotations

import re

from tools.ingest.word_set import word_set

_IRREGULAR = {
    "people": "person", "children": "child", "men": "man", "women": "woman", "mice": "mouse", "indices": "index",
    "statuses": "status", "analyses": "analysis", "criteria": "criterion", "media": "medium", "staff": "staff",
    "series": "series", "species": "species", "news": "news", "leaves": "leave", "movies": "movie", "cookies": "cookie",
    "employees": "employee", "indexes": "index", "matrices": "matrix", "vertices": "vertex", "buses": "bus",
    "campuses": "campus", "viruses": "virus", "bonuses": "bonus", "cases": "case", "purchases": "purchase",
    "expenses": "expense", "responses": "response", "houses": "house", "warehouses": "warehouse", "courses": "course",
    "licenses": "license", "databases": "database", "releases": "release", "phases": "phase", "invoices": "invoice",
    "leases": "lease", "increases": "increase", "nurses": "nurse", "causes": "cause", "diseases": "disease",
}  # fmt: skip
_PLURALS = {one: many for many, one in _IRREGULAR.items()} | {"index": "indexes"}
_SAME = word_set(
    """
    spend traffic feedback equipment data information revenue staff series species headcount news
    """
)
_NOT_PLURAL = re.compile(r".*(ss|us|is|ous|ics|[^aeiou]rs)$")


def singular(noun: str) -> str:
    """`messages` -> `message`; a word that is no plural stays."""
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if not is_plural(noun):
        return noun
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if noun.endswith(("ches", "shes", "xes", "sses", "zzes")):
        return noun[:-2]
    return noun[:-1]


def plural(noun: str) -> str:
    """`message` -> `messages`; only the last word of a phrase changes."""
    head, blank, last = noun.rpartition(" ")
    if last in _SAME or last in _IRREGULAR:
        return noun
    if last in _PLURALS:
        return head + blank + _PLURALS[last]
    if is_plural(last) and len(last) > 3:
        return noun
    if last.endswith("y") and last[-2:-1] not in set("aeiou"):
        return noun[:-1] + "ies"
    if last.endswith(("s", "x", "ch", "sh", "z")):
        return noun + "es"
    return noun + "s"


def is_plural(noun: str) -> bool:
    return noun in _IRREGULAR or (
        len(noun) > 3 and noun.endswith("s") and not _NOT_PLURAL.match(noun) and noun not in _SAME
    )
