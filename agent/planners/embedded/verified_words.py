"""The words of verified_words.toml."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=8)
def read_words(name: str) -> frozenset[str]:
    """One list of words; read when the first question is matched."""
    text = tomllib.loads(files(__package__).joinpath("verified_words.toml").read_text(encoding="utf-8"))
    return frozenset(text[name].split())
