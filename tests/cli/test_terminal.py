"""What changes when a person looks: bold and progress on a terminal, neither under NO_COLOR or in a pipe."""

from __future__ import annotations

import os
import pty
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def on_a_terminal(*arguments: str, **variables: str) -> str:
    """Everything a command writes when stdout and stderr are a terminal."""
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - the other process
        environment = {**os.environ, "TERM": "xterm", **variables}
        os.chdir(ROOT)
        os.execve(sys.executable, [sys.executable, "-m", "transect", *arguments], environment)
    written = bytearray()
    try:
        while block := os.read(terminal, 65536):
            written += block
    except OSError:  # Linux's way to say that the child has closed its end
        pass
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return written.decode()


def test_headlines_are_bold(demo: Path) -> None:
    assert "\x1b[1mMessages sent" in on_a_terminal("-w", str(demo), "ask", "how many messages last week?")


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_plain_on_request(demo: Path, tmp_path: Path, variables: dict[str, str]) -> None:
    assert "\x1b" not in on_a_terminal("-w", str(demo), "ask", "how many messages last week?", **variables)
    built = on_a_terminal("demo", str(tmp_path / "demo"), **variables)
    assert "\x1b" not in built
    assert "%" not in built


def test_progress_is_shown_and_wiped(tmp_path: Path) -> None:
    built = on_a_terminal("demo", str(tmp_path / "demo"))
    assert "0% accounts" in built
    assert built.count("\x1b[K") >= 3


def test_narrow_terminals_keep_lines_whole(demo: Path) -> None:
    listed = on_a_terminal("-w", str(demo), "metrics", "list", COLUMNS="80", NO_COLOR="1")
    assert max(map(len, listed.splitlines())) <= 80
