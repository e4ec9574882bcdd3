"""Importing the designs stays cheap: numpy and scipy only when a draw needs them."""

from __future__ import annotations

import subprocess
import sys


def test_importing_the_designs_leaves_numpy_out() -> None:
    code = "import sys, tools.sampling; print([m for m in ('numpy', 'scipy') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
