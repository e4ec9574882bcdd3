"""The closed word classes of questions, read from vocabulary.toml beside this file."""

from __future__ import annotations

import tomllib
from importlib.resources import files

_TEXT = tomllib.loads(files(__package__).joinpath("vocabulary.toml").read_text(encoding="utf-8"))


def _words(name: str) -> frozenset[str]:
    return frozenset(_TEXT[name].split())


FILLER = _words("filler")
SIZES = _words("sizes")
STANDING = _words("standing")
NEGATION = _words("negation")
MISSING = _words("missing")
ANNOUNCE = _words("announce")
RELATIVE = _words("relative")
ROW_NOUNS = _words("row_nouns")
PERSONS = _words("persons")
LIGHT = _words("light")
FLOWS = _words("flows")
NOT_COUNTED = _words("not_counted")
ACTIONS = _words("actions")
OBJECTS = _words("objects")
UNSAFE_VERBS = _words("unsafe_verbs")
OFF_TOPIC = _words("off_topic")
CAUSAL = _words("causal")
FORECAST = _words("forecast")
MEASURING = _words("measuring")
NEVER_MENDED = _words("never_mended")
NEVER_CORRECTED = _words("never_corrected")
ALIASES: dict[str, str] = _TEXT["aliases"]
