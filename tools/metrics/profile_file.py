"""A profile kept on disk as JSON."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tools.metrics.profile import DatasetProfile, Profile, TimeProfile
from tools.metrics.time_column import TimeColumn

_FORMAT = 1


def read_profile(path: Path, key: tuple[str, ...]) -> Profile | None:
    """The profile of that key; None when there is none, or when the file is of another key or damaged."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"), object_hook=_read)
        if data["format"] != _FORMAT or tuple(data["key"]) != key:
            return None
        datasets = {name: _dataset(fields) for name, fields in data["datasets"].items()}
        return Profile(datasets=datasets, leads_to_one=data["leads_to_one"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_profile(path: Path, key: tuple[str, ...], profile: Profile) -> None:
    """Keep a profile; silently not, where the folder cannot be written to: it is only a cache."""
    document = {"format": _FORMAT, "key": key, **asdict(profile)}
    scratch = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_text(json.dumps(document, default=_write), encoding="utf-8")
        scratch.replace(path)
    except OSError:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)


def _write(value: object) -> Any:
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    if isinstance(value, date):
        return {"$day": value.isoformat()}
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(type(value))


def _read(mapping: dict[str, Any]) -> Any:
    if "$time" in mapping:
        return datetime.fromisoformat(mapping["$time"])
    if "$day" in mapping:
        return date.fromisoformat(mapping["$day"])
    return mapping


def _dataset(fields: dict[str, Any]) -> DatasetProfile:
    values = {k: tuple((value, count) for value, count in pairs) for k, pairs in fields.pop("values").items()}
    times = {k: TimeProfile(**{**t, "column": TimeColumn(**t["column"])}) for k, t in fields.pop("times").items()}
    return DatasetProfile(**{**fields, "values": values, "times": times, "truncated": frozenset(fields["truncated"])})
