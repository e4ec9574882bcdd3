"""Whom the rows of a dataset belong to, so that rows of one actor are counted together."""

from __future__ import annotations

from dataclasses import dataclass

from tools.metrics.catalog import Catalog
from tools.metrics.definitions import Relationship


@dataclass(frozen=True)
class Actor:
    """The column that names the actor, the relationships that lead to it, and what an actor is in words."""

    column: str
    path: tuple[Relationship, ...]
    word: str


def find_actor(dataset: str, catalog: Catalog) -> Actor | None:
    """A dataset's own actor, else the one that its rows lead to by a single relationship; None where none is known.

    Rows that lead to two actors (a review: the reviewer's, or the reviewed?) have none: which counts is not guessed.
    """
    own = catalog.datasets[dataset]
    if own.actor is not None:
        return Actor(own.actor, (), _word(dataset, catalog))
    found = [
        Actor(actor, (link,), _word(link.to, catalog))
        for link in catalog.relationships
        if link.from_ == dataset and (actor := catalog.datasets[link.to].actor) is not None
    ]
    return found[0] if len(found) == 1 else None


def _word(dataset: str, catalog: Catalog) -> str:
    """The unit of the table that the actor leads to."""
    own = catalog.datasets[dataset]
    links = [r for r in catalog.relationships if r.from_ == dataset and own.actor in r.from_columns]
    if links:
        return catalog.datasets[links[0].to].unit
    return own.unit if own.grain == (own.actor,) else "actor"
