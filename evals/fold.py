"""Text as secrets are searched for in it."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """As compared: without case, spaces and invisible characters."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc"))
