"""A page of evidence: what was run, on which commit, from which seed, how long, and what came of it."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass
class Page:
    """The head of a page; its clock runs from when it is made."""

    title: str
    command: str
    seed: str
    scale: str
    _begun: float = field(default_factory=time.monotonic)

    def write(self, body: str) -> str:
        """The whole page."""
        lines = {
            "commit": _git("rev-parse", "--short=12", "HEAD") + _changes(),
            "command": self.command,
            "seed": self.seed,
            "scale": self.scale,
            "duration": f"{time.monotonic() - self._begun:.0f} s",
        }
        head = "\n".join(f"- {name}: {value}" for name, value in lines.items())
        return f"# {self.title}\n\n{head}\n\n{body.strip()}\n"


def _changes() -> str:
    """Said where the code that ran is not that of the commit."""
    code = _git("status", "--porcelain", "--", "tools", "tests", "agent")
    return " and changes not committed" if code else ""


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()
