"""Where the real data lies, when it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "../shared/data"


def real_files(*patterns: str) -> list[Path]:
    """Files of the shared data by pattern; the test is skipped where they are absent."""
    found = sorted(path for pattern in patterns for path in DATA.glob(pattern))
    if not found:
        pytest.skip(f"the shared data is absent: {', '.join(patterns)}")
    return found
