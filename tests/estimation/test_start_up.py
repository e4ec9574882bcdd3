"""Importing the estimators must stay cheap: scipy only when an interval is drawn."""

from __future__ import annotations

import subprocess
import sys


def test_importing_the_estimators_leaves_scipy_out() -> None:
    code = "import sys, tools.estimation; print(any(m.startswith('scipy') for m in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
