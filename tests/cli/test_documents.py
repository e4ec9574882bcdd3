"""The commands of README.md and docs/tour.md are run in order; what stands under `$ transect ...` must be printed.

In a ```console block `...` stands for any text. Lines that start with another word than transect are left out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import Transect

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "docs/chat.md", "docs/tour.md", "docs/studies.md")
BLOCK = re.compile(r"^```(?P<language>console|sh|bash|shell)\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One command of a document, and the output that the document shows for it."""

    command: str
    shown: tuple[str, ...]


def steps_of(document: str) -> Iterator[Step]:
    for block in BLOCK.finditer((ROOT / document).read_text(encoding="utf-8")):
        lines = block["body"].splitlines()
        starts = [i for i, line in enumerate(lines) if re.match(r"(\$ )?\S*transect ", line)]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            shown = lines[start + 1 : end] if lines[start].startswith("$ ") else []
            shown = shown[: next((i for i, line in enumerate(shown) if line.startswith("$ ")), len(shown))]
            yield Step(lines[start].removeprefix("$ ").partition(" # ")[0], tuple(shown))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_it_shows_is_what_happens(
    document: str, demo: Path, transect: Transect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    shared = ROOT.parent / "shared"
    if shared.is_dir():
        (tmp_path / "shared").symlink_to(shared)
    steps = list(steps_of(document))
    assert steps, f"{document} shows no command"
    if not any(step.command.endswith("transect demo demo") for step in steps):
        (tmp_path / "here" / "demo").symlink_to(demo)
    for step in steps:
        if "../shared" in step.command and not shared.is_dir():
            pytest.skip("the shared data is not on this machine")
        done = transect(*shlex.split(step.command)[1:])
        assert done.code in (0, 3, 4), f"{step.command}: {done.err}"
        if step.shown:
            assert re.fullmatch(pattern_of(step.shown), done.out.strip()), f"{step.command} printed:\n{done.out}"


def pattern_of(shown: tuple[str, ...]) -> str:
    """The lines as a pattern: `...` alone is any text, white space at the end of a line is ignored."""
    text = "\n".join(line.rstrip() for line in shown).strip()
    return re.escape(text).replace(r"\.\.\.", "(?s:.*)")
