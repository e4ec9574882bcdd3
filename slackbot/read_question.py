"""Slack's way of writing a message, as the question that the person typed."""

from __future__ import annotations

import html
import re

_ANGLE = re.compile(r"<([^<>]*)>")
_MARKED = re.compile(r"(?<![\w*_~`])([*_~]|`{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w*_~`])", re.DOTALL)
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'"})


def read_question(text: str, *, bot: str) -> str:
    """The words of a message: without the mention of the bot, Slack's escapes and marks; links as their label.

    Args:
        text: the message as Slack sends it, with `&<>` escaped and references in angle brackets.
        bot: Slack's id of the bot.
    """
    words = _ANGLE.sub(lambda found: _reference(found[1], bot), text)
    words = html.unescape(words.replace("&nbsp;", " "))
    for _ in range(3):
        words = _MARKED.sub(lambda found: found[2], words)
    return " ".join(words.translate(_QUOTES).split())


def mentions(text: str, user: str) -> bool:
    """Whether the text mentions this user or bot."""
    return any(found.partition("|")[0] == f"@{user}" for found in _ANGLE.findall(text))


def is_to_somebody_else(text: str, *, bot: str) -> bool:
    """Whether the text begins by naming another person or a group."""
    first = _ANGLE.match(text.lstrip())
    return first is not None and first[1][:1] in ("@", "!") and first[1].partition("|")[0] != f"@{bot}"


def _reference(inside: str, bot: str) -> str:
    """What stands in angle brackets, as words."""
    target, _, label = inside.partition("|")
    if target == f"@{bot}":
        return " "
    if target.startswith(("@", "#", "!")):
        return label or target.lstrip("!")
    return label or target
