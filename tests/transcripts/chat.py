"""`python -m tests.transcripts.chat` writes docs/transcripts/chat.md: a conversation in the terminal, without a key."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tools.demo import build_demo

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "transcripts" / "chat.md"

QUESTIONS = (
    "how many messages last week by surface?",
    "and by country?",
    "only voice",
    "compared with the week before",
    "handle seconds",
    "2",
    "why?",
)

INTRODUCTION = """# A conversation in the terminal

Written by `python -m tests.transcripts.chat`; a test compares. No model and no key: each short question is read onto the
one before, and the reading is stated ("Read as: ..."). The lines after `>` are what a person types.
"""


def write_page(demo: Path) -> str:
    """The page, from a session on the demo workspace in `demo`."""
    command = "transect -w demo chat --thread monday"
    typed = "\n".join(QUESTIONS) + "\n"
    said = run(demo, ["chat", "--thread", "monday"], typed)
    shown = run(demo, ["threads", "show", "monday"], "")
    return (
        f"{INTRODUCTION}\n```console\n$ {command}\n{said.strip()}\n```\n\n"
        f"What is kept of it, in `.transect/threads.db`, is words: questions, queries and headlines.\n\n"
        f"```console\n$ transect -w demo threads show monday\n{shown.strip()}\n```\n"
    )


def run(demo: Path, arguments: list[str], typed: str) -> str:
    """What a command prints, run beside the workspace so that paths are short."""
    call = [sys.executable, "-m", "transect", "-w", demo.name, *arguments]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        call, cwd=demo.parent, env=environment, input=typed, capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stderr == "", done.stderr
    return done.stdout


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        demo = Path(folder) / "demo"
        build_demo(demo)
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(write_page(demo), encoding="utf-8")


if __name__ == "__main__":
    main()
