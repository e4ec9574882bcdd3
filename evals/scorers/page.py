"""Does a draft's page fetch nothing and run nothing?"""

from __future__ import annotations

import re

_RUNS = {
    "a script": re.compile(r"<script\b", flags=re.IGNORECASE),
    "an event handler": re.compile(r"<[^>]*\son\w+\s*=", flags=re.IGNORECASE),
    "a frame, an object or a form": re.compile(
        r"<(iframe|frame|object|embed|form|base|meta\s+http-equiv\s*=\s*[\"']?refresh)\b", flags=re.I
    ),
    "an address that is fetched": re.compile(
        r"(?:src|href|xlink:href|action)\s*=\s*[\"']?\s*(?:https?:|//|javascript:)|url\(\s*[\"']?(?:https?:|//)",
        flags=re.IGNORECASE,
    ),
}


def score_page(page: str) -> list[str]:
    """One problem for each kind of thing that acts."""
    return [f"the page holds {what}" for what, pattern in _RUNS.items() if pattern.search(page)]
