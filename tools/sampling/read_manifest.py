"""A manifest read back from its file."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from tools.errors import InvalidInput
from tools.sampling.manifest import Manifest


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file.

    Raises:
        InvalidInput: no such file, or no manifest.
    """
    try:
        return Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(
            f"The manifest {str(path)!r} cannot be read: {error.strerror}.",
            code="no_such_file",
            value=str(path),
            hint="Every draw leaves one beside its output: FILE.manifest.json.",
        ) from None
    except (ValidationError, UnicodeDecodeError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        place = f": {'.'.join(str(part) for part in first['loc'])}: {first['msg']}" if first else ""
        raise InvalidInput(
            f"{path.name} is no manifest of a draw{place}.",
            code="invalid_manifest",
            value=str(path),
            hint="Every draw leaves one beside its output: FILE.manifest.json.",
            where=str(path),
        ) from None
