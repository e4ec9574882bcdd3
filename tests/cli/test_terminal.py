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


@pytest.mark.parametrize("width", [80, 120, 160])
def test_the_list_of_metrics_fits_and_leaves_nothing_out(demo: Path, width: int) -> None:
    listed = on_a_terminal("-w", str(demo), "metrics", "list", COLUMNS=str(width), NO_COLOR="1")
    assert max(map(len, listed.splitlines())) <= width
    words = " ".join(listed.split())
    for expected in ("violating_message_prevalence", "prevalence", "labelled_messages", "integrity"):
        assert expected in words
    assert "\u2026" not in listed
    assert (
        sum(word in listed or word in words for word in ("impersonation", "sample.", "reported the", "0 is chance."))
        >= 2
    )
