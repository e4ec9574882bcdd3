"""A definition file with faults, read as far as it is valid, so that the rest can be checked as well."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tools.errors import Fault
from tools.metrics.definitions import MetricFile
from tools.metrics.lost import EVERYTHING, NOTHING, SECTIONS, Lost

Keys = tuple[str | int, ...]
Positions = dict[Keys, tuple[int, ...]]
_ROUNDS = 20


@dataclass(frozen=True)
class Reading:
    """One file.

    Attributes:
        items: what is valid. positions: per list that lost something, where in the file each item of it stands.
        faults: of YAML and of the format. lost: what was left out.
    """

    path: Path
    items: MetricFile
    positions: Positions = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    lost: Lost = NOTHING


def read_file(path: Path) -> Reading:
    """The file's valid items and its faults.

    A part that does not validate is left out by itself where it stands in a list (a dimension, a condition), an
    unknown key by itself, else the item that holds it.
    """
    from tools.workspace.yaml12 import check_yaml, open_yaml  # start-up: a cached catalog needs no YAML

    model, faults = check_yaml(path, MetricFile)
    if model is not None:
        return Reading(path, model)
    tree, _ = open_yaml(path)
    data = tree.data if tree is not None and isinstance(tree.data, dict) else {}
    dropped: set[Keys] = set()
    for _ in range(_ROUNDS if data else 0):
        positions: Positions = {}
        left = _prune(data, dropped, positions)
        try:
            items = MetricFile.model_validate(left)
        except ValidationError as error:
            dropped |= {_to_drop(e["type"], _place(e["loc"], left, positions)) for e in error.errors()}
        else:
            return Reading(path, items, positions, tuple(faults), _lost(data, dropped))
    return Reading(path, MetricFile(), faults=tuple(faults), lost=EVERYTHING)


def _prune(data: Any, dropped: set[Keys], positions: Positions, at: Keys = ()) -> Any:
    if isinstance(data, dict):
        return {k: _prune(v, dropped, positions, (*at, k)) for k, v in data.items() if (*at, k) not in dropped}
    if not isinstance(data, list):
        return data
    kept = tuple(i for i in range(len(data)) if (*at, i) not in dropped)
    if len(kept) < len(data):
        positions[at] = kept
    return [_prune(data[i], dropped, positions, (*at, i)) for i in kept]


def _place(loc: Keys, data: Any, positions: Positions) -> Keys:
    """pydantic's location as one in the file: without the names of union members, with the file's own positions."""
    at: Keys = ()
    for part in loc:
        if isinstance(data, list) and isinstance(part, int) and part < len(data):
            at, data = (*at, positions[at][part] if at in positions else part), data[part]
        elif isinstance(data, dict) and part in data:
            at, data = (*at, part), data[part]
    return at


def _to_drop(kind: str, place: Keys) -> Keys:
    """The unknown key; else the innermost item of a list; else the whole section."""
    if kind == "extra_forbidden":
        return place
    ends = [i + 1 for i, part in enumerate(place) if isinstance(part, int)]
    return place[: ends[-1]] if ends else place[:1]


def _lost(data: dict[str, Any], dropped: set[Keys]) -> Lost:
    lost = NOTHING
    for place in dropped:
        section = str(place[0]) if place else ""
        if section not in SECTIONS:
            lost |= EVERYTHING  # a section under another name
        elif len(place) == 1:
            lost |= Lost(nameless=frozenset((section,)))
        elif len(place) == 2:
            item = data[section][place[1]]
            name = item.get("name") if isinstance(item, dict) else None
            known = Lost(names=frozenset(((section, name.casefold()),))) if isinstance(name, str) else None
            lost |= known or Lost(nameless=frozenset((section,)))
        elif section in ("datasets", "relationships"):
            lost |= Lost(parts=True)
    return lost
