"""Does a draft's page fetch nothing and run nothing?"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_FORBIDDEN = {"script", "iframe", "frame", "object", "embed", "form", "base", "link", "foreignobject"}
_ADDRESSES = {"src", "href", "xlink:href", "action", "srcset", "poster", "data"}
_FAR = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?//|\s*(?:javascript|vbscript|data:text)", flags=re.IGNORECASE)
_FETCHED = re.compile(r"url\(\s*[\"']?(?!#|data:image|data:font)|@import", flags=re.IGNORECASE)


def score_page(page: str) -> list[str]:
    """One problem for each kind of thing that acts; words inside a text or an attribute's value do not."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return [f"the page holds {what}" for what in dict.fromkeys(reader.found)]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        given = {name: value or "" for name, value in attrs}
        if tag in _FORBIDDEN or (tag == "meta" and given.get("http-equiv", "").casefold() == "refresh"):
            self.found.append(f"<{tag}>")
        for name, value in given.items():
            if name.startswith("on"):
                self.found.append("an event handler")
            if (name in _ADDRESSES and _FAR.match(value)) or (name == "style" and _FETCHED.search(value)):
                self.found.append("an address that is fetched")

    def handle_data(self, data: str) -> None:
        if self._inside == "style" and _FETCHED.search(data):
            self.found.append("an address that is fetched")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""
