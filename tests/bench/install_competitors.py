"""What the product is compared with, installed where nothing else sees it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LISTS = Path(__file__).parent


def install_competitors(folder: Path, *, pinned: str) -> str:
    """Install what the file `pinned` beside this one lists into `folder`; why it could not be, or nothing.

    pip's own settings say where packages come from. Every file is checked against its hash.
    """
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    wanted = [
        "--no-deps",
        "--only-binary",
        ":all:",
        "--require-hashes",
        "--target",
        str(folder),
        "-r",
        str(LISTS / pinned),
    ]
    done = subprocess.run([*command, *wanted], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return (errors or ["pip failed"])[-1].removeprefix("ERROR: ").split("(from")[0].strip()
