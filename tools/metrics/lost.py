"""What of the definitions could not be read, so that nothing is said about references to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from tools.metrics.definitions import Aggregation

SECTIONS = ("datasets", "relationships", "metrics", "verified_queries")


@dataclass(frozen=True)
class Lost:
    """Items with faults of their own.

    Attributes:
        names: (section, name) of items that were left out.
        nameless: sections with left-out items whose names are not known.
        parts: parts of datasets or relationships were left out, so that dimensions and measures may be missing.
    """

    names: frozenset[tuple[str, str]] = frozenset()
    nameless: frozenset[str] = frozenset()
    parts: bool = False

    def may_hold(self, section: str, name: str) -> bool:
        """An item of that name may be among them; a lost dataset's measures are metrics too."""
        if (section, name.casefold()) in self.names or section in self.nameless:
            return True
        measured = name.startswith(tuple(f"{aggregation}_" for aggregation in get_args(Aggregation)))
        return section == "metrics" and measured and self.hides_dimensions

    @property
    def hides_dimensions(self) -> bool:
        """Dimensions and measures may be missing."""
        sections = {section for section, _ in self.names} | self.nameless
        return self.parts or bool(sections & {"datasets", "relationships"})

    def __or__(self, other: Lost) -> Lost:
        return Lost(self.names | other.names, self.nameless | other.nameless, self.parts or other.parts)


NOTHING = Lost()
EVERYTHING = Lost(nameless=frozenset(SECTIONS), parts=True)
