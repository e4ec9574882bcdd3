"""What happened, as a team keeps it in events.yml: launches, incidents, changes of policy or definition."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, RootModel, StrictStr

from tools.errors import InvalidWorkspace
from tools.workspace.settings import Day
from tools.workspace.yaml12 import read_yaml


class Happening(BaseModel):
    """One line of events.yml.

    Attributes:
        date: the first day on which things are as it says.
        name: what happened, in words.
        kind: such as launch, incident, policy_change, definition_change.
        scope: what it bears on: `all`, or a word for the kind of thing and its name, such as `policy fraud`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: Day
    name: Annotated[StrictStr, Field(min_length=1)]
    kind: StrictStr = ""
    scope: StrictStr = "all"


class _File(RootModel[tuple[Happening, ...]]):
    """events.yml."""


def read_events(root: Path) -> tuple[Happening, ...]:
    """The events of a workspace in order of time; none where there is no such file.

    Raises:
        InvalidWorkspace: the file has faults, each with its line.
    """
    path = root / "events.yml"
    try:
        stat = path.stat()
    except OSError:
        return ()
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=16)
def _read(path: Path, changed_ns: int, size: int) -> tuple[Happening, ...]:
    """Read once for each state of the file. A file of comments alone holds no event."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
    if not any(line and not line.startswith("#") for line in lines):
        return ()
    return tuple(sorted(read_yaml(path, _File).root, key=lambda event: event.date))


__all__ = ["Happening", "InvalidWorkspace", "read_events"]
