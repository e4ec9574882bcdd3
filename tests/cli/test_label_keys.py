"""The queue on a terminal: one key an answer, through a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import signal
import sys
import termios
from pathlib import Path

import pytest

from tests.labeling.place import CANARY, SPAM, build_place
from tools.labeling import current_entries, read_entries
from tools.state import open_state
from tools.workspace import Workspace

ROOT = Path(__file__).parents[2]


class Terminal:
    """A command on a pseudo-terminal: what it wrote so far, and keys for it."""

    def __init__(self, workspace: Workspace, *more: str) -> None:
        arguments = ["-w", str(workspace.root), "label", "queue", "--policy", "spam", "--person", "ann", *more]
        arguments += ["--items", str(workspace.root / "sample.csv")]
        self.process, self._terminal = pty.fork()
        if self.process == 0:  # pragma: no cover - the other process
            os.chdir(ROOT)
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored where the tests run in the background of a shell
            environment = {**os.environ, "TERM": "xterm"}
            os.execve(sys.executable, [sys.executable, "-m", "transect", *arguments], environment)
        self.written = ""

    def wait_for(self, text: str) -> str:
        """What was written since the last call, up to and with `text`."""
        since = self.written
        while text not in since:
            block = os.read(self._terminal, 65536).decode()
            since += block
        before, _, self.written = since.partition(text)
        return before + text

    def press(self, keys: str) -> None:
        """After the prompt, so that the keys are meant for what is on the screen."""
        os.write(self._terminal, keys.encode())

    def is_as_before(self) -> bool:
        """Whether lines and their echo are on, as in a shell."""
        flags = termios.tcgetattr(self._terminal)[3]
        return bool(flags & termios.ICANON) and bool(flags & termios.ECHO)

    def end(self) -> int:
        """The exit code."""
        try:
            while block := os.read(self._terminal, 65536):
                self.written += block.decode()
        except OSError:  # Linux's way to say that the child has closed its end
            pass
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return build_place(tmp_path)


def stands(workspace: Workspace) -> list[tuple[str, str, str | None, str]]:
    entries = current_entries(read_entries(open_state(workspace)))
    return [(e.item, e.outcome, e.label, e.reason) for e in entries]


def test_a_key_is_an_answer_and_words_are_kept_on_request(workspace: Workspace) -> None:
    queue = Terminal(workspace)
    screen = queue.wait_for("\n> ")
    assert "[1/5] i0" in screen
    assert f"{CANARY} text 0" in screen
    assert "1 spam  2 ham" in screen
    queue.press("1")
    assert "spam" in queue.wait_for("[2/5] i1")
    queue.wait_for("\n> ")
    queue.press("r")
    queue.wait_for("reason: ")
    queue.press("x\x15aa\x7f  f\x1b[Dorward\n")
    queue.wait_for("\n> ")
    queue.press("2")
    assert "40%" in queue.wait_for("\n> ")
    queue.press("a")
    queue.wait_for("\n> ")
    queue.press("q")
    assert queue.end() == 0
    assert "2 labelled, 1 abstained" in queue.written
    assert stands(workspace) == [
        ("i0", "label", "spam", ""),
        ("i1", "label", "ham", "a forward"),
        ("i2", "abstain", None, ""),
    ]


def test_undo_skip_guidelines_and_keys_that_are_none(workspace: Workspace) -> None:
    queue = Terminal(workspace)
    for key, expected in (
        ("1", "[2/5] i1"),
        ("u", "[1/5] i0"),
        ("g", "Look twice."),
        ("x", "no answer. 1 to 2"),
        ("9", "no answer. 1 to 2"),
        ("s", "[1/5] i1"),
        ("2", "[2/5] i2"),
    ):
        queue.wait_for("\n> ")
        queue.press(key)
        queue.wait_for(expected)
    queue.wait_for("\n> ")
    queue.press("\x04")
    assert queue.end() == 0
    assert stands(workspace) == [("i0", "skip", None, ""), ("i1", "label", "ham", "")]


@pytest.mark.parametrize("keys", ["\x1b[A", "\x1bOA", "\x1b[15~", "\x1b[1;5C", "\x1ba", "\u4e16\u754c"])
def test_arrows_function_keys_and_other_scripts_answer_nothing(workspace: Workspace, keys: str) -> None:
    """The last byte of an arrow is an A: it must not abstain."""
    queue = Terminal(workspace)
    queue.wait_for("\n> ")
    queue.press(f"{keys}2")
    queue.wait_for("[2/5] i1")
    queue.wait_for("\n> ")
    queue.press("q")
    assert queue.end() == 0
    assert stands(workspace) == [("i0", "label", "ham", "")]


def test_ctrl_c_keeps_what_was_answered_and_gives_the_terminal_back(workspace: Workspace) -> None:
    queue = Terminal(workspace)
    queue.wait_for("\n> ")
    assert not queue.is_as_before()
    queue.press("2")
    queue.wait_for("[2/5] i1")
    queue.wait_for("\n> ")
    queue.press("\x03")
    queue.wait_for("Interrupted.")
    assert queue.is_as_before()
    assert queue.end() == 130
    assert stands(workspace) == [("i0", "label", "ham", "")]


def test_with_more_labels_than_keys_a_line_answers(tmp_path: Path) -> None:
    labels = ", ".join(f"l{i}" for i in range(1, 12))
    workspace = build_place(tmp_path, policy=SPAM.replace("[spam, ham]", f"[{labels}]"))
    queue = Terminal(workspace)
    queue.wait_for("\n> ")
    queue.press("11 fits\n")
    queue.wait_for("[2/5] i1")
    queue.wait_for("\n> ")
    queue.press("q\n")
    assert queue.end() == 0
    assert stands(workspace) == [("i0", "label", "l11", "fits")]


def test_the_report_as_json_and_the_items_beside_it(workspace: Workspace) -> None:
    queue = Terminal(workspace, "--json")
    queue.wait_for("\n> ")
    queue.press("q")
    assert queue.end() == 0
    assert '"left": 5' in queue.written
