"""Where the projections of roles are kept: `.transect/roles`, or a folder of this process where that cannot be made."""

from __future__ import annotations

import atexit
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from secrets import token_hex

from tools.errors import TransectError


@dataclass(frozen=True)
class RoleFolder:
    """A folder with a lock, so that two processes never build the same projection at once."""

    path: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone in the folder; waits for another process or thread that builds."""
        with (self.path / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def salt(self) -> str:
        """Sixteen random bytes, made once: pseudonyms of protected units cannot be guessed without them."""
        file = self.path / "salt"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(token_hex(16))
        return file.read_text()

    def size(self) -> int:
        """Bytes of everything in it."""
        return sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file())


def role_folder(state_dir: Path) -> RoleFolder:
    """The folder of a workspace's projections, readable by this user only."""
    path = state_dir / "roles"
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        (path / ".lock").touch()
    except OSError:
        return _passing_folder(state_dir)
    return RoleFolder(path)


def no_room(error: OSError) -> TransectError:
    """What to say when a projection cannot be written."""
    return TransectError(
        f"The projection of what this role may see cannot be written: {error.strerror}.",
        code="no_room",
        hint="It takes about as much disk as the tables it holds: make .transect roomier, or grant the role fewer.",
    )


@cache
def _passing_folder(_state_dir: Path) -> RoleFolder:
    path = Path(tempfile.mkdtemp(prefix="transect-roles-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return RoleFolder(path)
