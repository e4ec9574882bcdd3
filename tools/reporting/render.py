"""A Vega-Lite specification as SVG and PNG files, offline, rendered once per content."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PNG_SCALE = 2
_LOOK = 1  # part of the name: raise when the same specification should be rendered anew


@dataclass(frozen=True)
class Files:
    """Where the pictures are."""

    png: Path
    svg: Path


def render(spec: dict[str, Any], *, directory: Path) -> Files:
    """Write `chart-<hash>.svg` and `.png` (twice the pixels) into `directory`, unless they are there already.

    The name is a hash of the specification and of the renderer's version, so a file once written is never out of date;
    each appears whole or not at all.
    """
    text = canonical_json(spec)
    name = hashlib.sha256(f"{_LOOK} {version('vl-convert-python')} {text}".encode()).hexdigest()[:16]
    files = Files(png=directory / f"chart-{name}.png", svg=directory / f"chart-{name}.svg")
    if files.png.exists() and files.svg.exists():
        return files
    directory.mkdir(parents=True, exist_ok=True)
    import vl_convert  # start-up

    svg = vl_convert.vegalite_to_svg(text, allowed_base_urls=[])
    _write(files.svg, svg.encode())
    _write(files.png, vl_convert.svg_to_png(svg, scale=_PNG_SCALE))
    return files


def canonical_json(spec: dict[str, Any]) -> str:
    """The same bytes for the same content. Raises ValueError for NaN or infinity."""
    return json.dumps(spec, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def _write(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
