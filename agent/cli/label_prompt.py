"""One item on the terminal, one line back. Works the same over a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tools.access import Asker
from tools.labeling import Answer, Policy, Progress, reveal_item
from tools.workspace import Workspace

if TYPE_CHECKING:
    from tools.state import State

KEYS = "a abstain, s skip, u undo, g guidelines, q quit"


class LabelPrompt:
    """Asks about one item at a time; `quiet` shows items and keys on stderr, leaving stdout to a program."""

    def __init__(self, workspace: Workspace, policy: Policy, *, asker: Asker, state: State, quiet: bool) -> None:
        self._workspace = workspace
        self._policy = policy
        self._asker = asker
        self._state = state
        self._out = sys.stderr if quiet else sys.stdout

    def ask(self, item: str | None, progress: Progress) -> Answer:
        """Show the item, which is audited, and read until a line is an answer. The end of the input is quit."""
        if item is None:
            self._say("\nNo item is left. u takes the last answer back; anything else ends.\n> ", end="")
            return Answer("undo" if self._read().strip().lower() == "u" else "quit")
        reason = f"label queue {self._policy.id} version {self._policy.version}"
        text = reveal_item(self._workspace, item, reason=reason, asker=self._asker, state=self._state)
        labels = self._policy.header.labels
        self._say(f"\n[{progress.done + 1}/{progress.total}] {clean_lines(item)}\n\n{clean_lines(text)}\n")
        self._say("  ".join(f"{i} {name}" for i, name in enumerate(labels, start=1)) + f"   ({KEYS})")
        while True:
            self._say("> ", end="")
            line = self._read()
            if not line:
                return Answer("quit")
            answer = read_answer(line, labels)
            if answer is not None:
                return answer
            if line.strip().lower() in ("g", "?"):
                self._say(self._policy.guidelines or self._policy.text)
            elif line.strip():
                self._say(f"Not an answer. 1 to {len(labels)}, or {KEYS}.")

    def _read(self) -> str:
        return sys.stdin.readline() if sys.stdin is not None else ""

    def _say(self, text: str, *, end: str = "\n") -> None:
        print(text, end=end, file=self._out, flush=True)


def read_answer(line: str, labels: tuple[str, ...]) -> Answer | None:
    """A typed line as an answer: a label's name or number, or a key; words after it are the reason.

    A label's name counts before a number, a number before a key.
    """
    text = " ".join(line.split())
    for name in sorted(labels, key=len, reverse=True):
        if text.casefold() == name.casefold() or text.casefold().startswith(name.casefold() + " "):
            return Answer("label", name, text[len(name) :].strip())
    key, _, reason = text.partition(" ")
    if key.isascii() and key.isdecimal() and 1 <= int(key) <= len(labels):
        return Answer("label", labels[int(key) - 1], reason)
    match key.lower():
        case "a":
            return Answer("abstain", None, reason)
        case "s":
            return Answer("skip", None, reason)
        case "u" if not reason:
            return Answer("undo")
        case "q" if not reason:
            return Answer("quit")
    return None


def clean_lines(text: str) -> str:
    """Lines without control characters or terminal escapes."""
    from tools.reporting.format import clean_text  # start-up

    return "\n".join(clean_text(line) for line in text.splitlines())
