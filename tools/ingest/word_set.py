"""Word lists as readable text."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """The words of `text`, without order."""
    return frozenset(text.split())


def word_list(text: str) -> tuple[str, ...]:
    """The words of `text`, in order."""
    return tuple(text.split())


def word_map(text: str) -> dict[str, str]:
    """`word its meaning | word its meaning`, white space within a meaning made single."""
    entries = (entry.split() for entry in text.split("|"))
    return {word: " ".join(meaning) for word, *meaning in entries}
