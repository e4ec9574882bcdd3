"""Environment variables: the only place that reads them."""

from __future__ import annotations

import os


def read_variable(name: str) -> str | None:
    """The variable's value, or None when it is unset or empty."""
    return os.environ.get(name) or None


def person_name() -> str:
    """Who runs this process, as the operating system says; `unknown` when it does not."""
    import getpass  # start-up

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
