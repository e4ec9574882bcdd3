"""A drawn sample as a file that is either whole or not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from tools.errors import InvalidInput

_FORMATS = {
    ".csv": "format csv, header true",
    ".tsv": "format csv, header true, delimiter '\t'",
    ".parquet": "format parquet",
}


def copy_sql(sql: str, path: Path) -> str:
    """The statement that writes the rows of `sql` to `path`, in the format that its name asks for."""
    target = str(path).replace("'", "''")
    return f"copy ({sql}) to '{target}' ({_FORMATS[path.suffix.lower()]})"


def check_out(path: Path, *, source: Path | None = None) -> Path:
    """The output's path when it can be written; raises InvalidInput otherwise."""
    if path.suffix.lower() not in _FORMATS:
        raise InvalidInput(
            f"{path.name!r} does not say which kind of file to write.",
            code="usage",
            value=str(path),
            allowed=list(_FORMATS),
            hint="--out sample.csv",
        )
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise InvalidInput(
            f"{str(path)!r} cannot be written: " + ("it is a folder." if path.is_dir() else "its folder is missing."),
            code="usage",
            value=str(path),
        )
    if source is not None and path.exists() and path.samefile(source):
        raise InvalidInput(
            "The output would replace the frame.", code="usage", value=str(path), hint="--out sample.csv"
        )
    return path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it takes the place of `path` only when the block ends well."""
    with NamedTemporaryFile(dir=path.absolute().parent, prefix=".", suffix=path.suffix.lower(), delete=False) as made:
        temporary = Path(made.name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
