"""A folder that several processes may want and one of them builds."""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Callable
from pathlib import Path

_KEPT_SECONDS = 2 * 86400


def build_once(home: Path, build: Callable[[], None]) -> None:
    """Call `build` unless `home` is complete. A half-built folder is built anew; one builder at a time."""
    home.parent.mkdir(parents=True, exist_ok=True)
    done = home / "done"
    with (home.parent / f".{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _remove_stale(home.parent)
            if home.exists():
                shutil.rmtree(home)
            home.mkdir()
            build()
        done.touch()


def _remove_stale(cache: Path) -> None:
    """Folders that nobody has asked for in two days: code or data they were built from has changed."""
    oldest = time.time() - _KEPT_SECONDS
    for done in cache.glob("*/done"):
        if done.stat().st_mtime < oldest:
            shutil.rmtree(done.parent, ignore_errors=True)
