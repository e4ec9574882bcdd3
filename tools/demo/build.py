"""Build the demo workspace: everything beside its place first, then moved there in one step."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from tools.errors import InvalidInput

DEFAULT_SEED = 7
MARKER = "data/truth.json"
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class DemoReport:
    """What was built.

    Attributes:
        directory: the workspace.
        size, seed: what decides every number in it.
        today: the day relative dates count from, the day after the newest data.
        rows: rows of each table of the warehouse.
        truth: the file that says what is true; no role can read it.
        seconds: time it took.
    """

    directory: Path
    size: str
    seed: int
    today: date
    rows: dict[str, int]
    truth: Path
    seconds: float


def build_demo(
    directory: Path, *, size: str = "small", seed: int = DEFAULT_SEED, progress: Progress | None = None
) -> DemoReport:
    """A ready workspace on a synthetic AI platform of known truth.

    Args:
        directory: where; it must not exist or be empty.
        size: `small` (about 200,000 messages), `medium` (5 million) or `large` (50 million).
        seed: decides every draw; the same seed and size give the same tables.
        progress: told the name of each step and the share done, 0..1.

    Raises:
        InvalidInput: unknown size, negative seed, or a directory that holds something.
    """
    from tools.demo.scale import SCALES  # start-up

    begun = time.monotonic()
    report = progress or (lambda step, share: None)
    target = Path(os.path.abspath(directory))
    if size not in SCALES:
        raise InvalidInput(f"There is no demo of size {size!r}.", value=size, allowed=sorted(SCALES, key=len))
    if seed < 0:
        raise InvalidInput("The seed must be 0 or more.", value=seed)
    _refuse_occupied(target, directory)
    staging = _stage(target)
    try:
        rows, today = _fill(staging, size, seed, report)
        _move(staging, target, directory)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    report("done", 1.0)
    return DemoReport(
        directory=target,
        size=size,
        seed=seed,
        today=today,
        rows=rows,
        truth=target / MARKER,
        seconds=time.monotonic() - begun,
    )


def _fill(staging: Path, size: str, seed: int, progress: Progress) -> tuple[dict[str, int], date]:
    """Draw the platform, write its tables, then the workspace's files, transect.toml last."""
    from tools.demo.platform import fill_platform  # start-up: numpy and duckdb
    from tools.demo.timeline import TODAY

    data = staging / "data"
    data.mkdir()
    rows = fill_platform(data, size=size, seed=seed, progress=progress)
    shipped = files("tools.demo").joinpath("workspace")
    _copy(shipped, staging, leave_out="transect.toml")
    (staging / "transect.toml").write_bytes(shipped.joinpath("transect.toml").read_bytes())
    return rows, TODAY


def _copy(source: Traversable, target: Path, *, leave_out: str = "") -> None:
    for item in source.iterdir():
        if item.is_dir():
            (target / item.name).mkdir()
            _copy(item, target / item.name)
        elif item.name != leave_out:
            (target / item.name).write_bytes(item.read_bytes())


def _stage(target: Path) -> Path:
    """A new directory beside the target, after leftovers of builds that were killed are gone."""
    staging = target.parent / f".{target.name}.building-{os.getpid()}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(target)
        staging.mkdir()
    except OSError as error:
        raise InvalidInput(
            f"Nothing can be written in {target.parent}: {error.strerror}.",
            value=str(target.parent),
            hint="name a directory where you may write",
        ) from error
    return staging


def _move(staging: Path, target: Path, shown: Path) -> None:
    """One rename where the target does not exist; else its files, transect.toml last."""
    _refuse_occupied(target, shown)  # another build may have been faster
    if not target.exists():
        os.rename(staging, target)
        return
    for item in sorted(staging.iterdir(), key=lambda p: p.name == "transect.toml"):
        os.rename(item, target / item.name)


def _refuse_occupied(target: Path, shown: Path) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise InvalidInput(f"{shown} is a file.", value=str(shown), hint="name a directory that does not exist yet")
    if not any(target.iterdir()):
        return
    if (target / MARKER).is_file() and (target / "transect.toml").is_file():
        raise InvalidInput(
            f"{shown} already holds a demo.",
            code="demo_exists",
            value=str(shown),
            hint=f"use it as it is, or remove it with `rm -r {shown}` and build again",
        )
    raise InvalidInput(
        f"{shown} is not empty, and nothing in it will be overwritten.",
        value=str(shown),
        hint="name a directory that does not exist yet, or an empty one",
    )


def _remove_abandoned(target: Path) -> None:
    """Leftovers of builds of this target that were killed."""
    for leftover in target.parent.glob(f".{target.name}.building-*"):
        owner = leftover.name.rpartition("-")[2]
        if owner.isdigit() and not _is_alive(int(owner)):
            shutil.rmtree(leftover, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
