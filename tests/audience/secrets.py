"""What of the market place is secret, and from whom: written by hand beside the data, not derived from the settings."""

from __future__ import annotations

from collections.abc import Iterable

# a part of the secret, as it would be searched for, and the roles that may know it
SECRETS: dict[str, frozenset[str]] = {
    "osprey-lattice": frozenset(),  # legal names
    "saffron-plover": frozenset(),  # texts of listings
    "wheatear": frozenset(),  # officers of strikes
    "corncrake": frozenset({"lead"}),  # watch levels
    "dotterel": frozenset({"lead"}),
    "linnet": frozenset({"lead"}),
    "petrel": frozenset({"lead"}),  # another name of the watch level
    "turnstone": frozenset({"lead", "strike_desk"}),  # grounds of strikes
    "ghost-courier": frozenset({"lead", "strike_desk"}),
    "mirror-stock": frozenset({"lead", "strike_desk"}),
    "whinchat": frozenset({"lead", "strike_desk"}),  # another name of the ground
    "whimbrel": frozenset({"lead", "strike_desk"}),  # the metric of strikes
    "faroes": frozenset({"lead", "analyst"}),  # a region of sellers
}

TEXTS = {"saffron-plover"}  # may be shown where one item's text is asked for, with a reason


def secrets_from(asker: Iterable[str], readers: Iterable[str]) -> list[str]:
    """What must not be said to somebody with these roles, before readers with those."""
    asker, readers = set(asker), set(readers)
    return [word for word, known in SECRETS.items() if not (known & asker and readers <= known)]
