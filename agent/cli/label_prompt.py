"""One item on the terminal, one key or one line back. Over a pipe it is lines."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from agent.cli.read_key import END, Keys
from tools.access import Asker
from tools.labeling import Answer, Policy, Progress, reveal_item
from tools.workspace import Workspace

if TYPE_CHECKING:
    from tools.state import State

KEYS = "a abstain, s skip, u undo, g guidelines, q quit"
_MOST_KEYS = 9
_BAR = 24


class LabelPrompt:
    """Asks about one item at a time.

    With `keys` and at most nine labels a single key is an answer, otherwise a line is. `quiet` shows items and keys on
    stderr, leaving stdout to a program.
    """

    def __init__(
        self, workspace: Workspace, policy: Policy, *, asker: Asker, state: State, quiet: bool, keys: Keys | None
    ) -> None:
        self._workspace = workspace
        self._policy = policy
        self._asker = asker
        self._state = state
        self._out = sys.stderr if quiet else sys.stdout
        self._terminal = keys
        self._keys = keys if len(policy.header.labels) <= _MOST_KEYS else None

    def ask(self, item: str | None, progress: Progress) -> Answer:
        """Show the item, which is audited, and read until there is an answer. The end of the input is quit."""
        if item is None:
            self._say("\nNo item is left. u takes the last answer back; anything else ends.\n> ", end="")
            return Answer("undo" if self._read().strip().lower() == "u" else "quit")
        reason = f"label queue {self._policy.id} version {self._policy.version}"
        text = reveal_item(self._workspace, item, reason=reason, asker=self._asker, state=self._state)
        labels = self._policy.header.labels
        if self._keys is not None:
            self._keys.drop_typed()
        self._say(f"\n[{progress.done + 1}/{progress.total}] {clean_lines(item)}{self._bar(progress)}\n")
        self._say(f"{clean_lines(text)}\n")
        keys = KEYS if self._keys is None else f"{KEYS}, r give a reason"
        self._say("  ".join(f"{i} {name}" for i, name in enumerate(labels, start=1)) + f"   ({keys})")
        return self._read_lines(labels) if self._keys is None else self._read_keys(self._keys, labels)

    def _read_lines(self, labels: tuple[str, ...]) -> Answer:
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

    def _read_keys(self, keys: Keys, labels: tuple[str, ...]) -> Answer:
        reason = ""
        while True:
            self._say("> ", end="")
            key = keys.read()
            if key == END:
                return Answer("quit")
            answer = read_answer(key, labels)
            if answer is not None:
                self._say(answer.label or answer.act)
                return Answer(answer.act, answer.label, reason) if answer.act not in ("undo", "quit") else answer
            if key.lower() in ("g", "?"):
                self._say(f"guidelines\n{self._policy.guidelines or self._policy.text}")
            elif key.lower() == "r":
                self._say("reason: ", end="")
                reason = " ".join(keys.read_line().split())
            else:
                self._say(f"no answer. 1 to {len(labels)}, or {KEYS}, r give a reason.")

    def _bar(self, progress: Progress) -> str:
        """How far the queue is, where a person watches."""
        if self._keys is None:
            return ""
        full = _BAR * progress.done // max(progress.total, 1)
        return f"   [{'#' * full}{'.' * (_BAR - full)}] {progress.done / max(progress.total, 1):.0%}"

    def _read(self) -> str:
        """A line; a key where keys are answers."""
        if self._keys is not None:
            return self._keys.read()
        if self._terminal is not None:  # more labels than keys
            return self._terminal.read_line()
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
