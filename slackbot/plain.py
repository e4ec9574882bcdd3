"""Text that Slack shows as it is: no link, no mention, no mark, whatever is in the data."""

from __future__ import annotations

import re

from tools.reporting.format import clean_text

Block = dict[str, object]

_SCHEME = re.compile(r"://")
_BARE = re.compile(r"(?i)\b(www|mailto)(?=[.:])")
_CALL = re.compile(r"@(?=\w)")
_MARK = re.compile(r"[*_~`]")
_EMOJI = re.compile(r":(?=[\w+\-]+:)")


def plain_text(text: str, *, most: int) -> Block:
    """A text object that Slack neither formats nor links, at most so many characters."""
    return {"type": "plain_text", "text": cut(text, most) or "-", "emoji": False}


def cut(text: str, most: int) -> str:
    """The text, its end replaced by an ellipsis where it is too long."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "\u2026"


def one_line(text: str) -> str:
    """One line without control characters and direction marks."""
    return clean_text(text)


def for_notification(text: str, *, most: int = 2000) -> str:
    """The one field of a message that Slack reads for markup, with everything in it broken.

    `&<>` are escaped, as Slack asks for; addresses, calls, marks and emoji names are parted by a blank.
    """
    words = cut(one_line(text), most)
    for pattern, parted in ((_SCHEME, ": //"), (_BARE, r"\1 "), (_CALL, "@ "), (_EMOJI, ": ")):
        words = pattern.sub(parted, words)
    words = _MARK.sub(" ", words)
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
