"""The planner's regular expressions, read from patterns.toml beside this file."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

_TEXT: dict[str, str] = tomllib.loads(files(__package__).joinpath("patterns.toml").read_text(encoding="utf-8"))


def read_pattern(name: str) -> re.Pattern[str]:
    """One pattern, its lines joined; case is ignored."""
    return re.compile("".join(_TEXT[name].splitlines()), re.IGNORECASE)
