"""Single keys from a terminal, without Enter. POSIX."""

from __future__ import annotations

import codecs
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager

END = "\x04"  # Ctrl-D
_ESCAPE = b"\x1b"
_ERASE_ALL = b"\x15"  # Ctrl-U
_ERASE = (b"\x7f", b"\x08", _ERASE_ALL)
_REST_SECONDS = 0.05  # what follows an Escape within this time may belong to it: arrows, function keys


class Keys:
    """A terminal that gives keys as they are pressed and does not show them."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal

    def drop_typed(self) -> None:
        """Forget what was typed and not read: it was meant for what was on the screen then."""
        import termios  # start-up

        termios.tcflush(self._terminal, termios.TCIFLUSH)

    def read(self) -> str:
        """The next key that stands for a character; END when the input ends. Arrows and function keys are none."""
        while True:
            byte = os.read(self._terminal, 1)
            if not byte:
                return END
            if byte == _ESCAPE:
                self._drop_sequence()
            elif byte.isascii():
                return byte.decode()

    def _drop_sequence(self) -> None:
        """What belongs to an Escape (ECMA-48): [ and all up to a letter or ~, O and one more, or one letter."""
        first = self._soon()
        if first == b"O":
            self._soon()
        elif first == b"[":
            while (byte := self._soon()) and not 0x40 <= byte[0] <= 0x7E:
                pass

    def _soon(self) -> bytes:
        """The next byte if it comes at once; else nothing: the Escape stood alone."""
        ready = select.select([self._terminal], [], [], _REST_SECONDS)[0]
        return os.read(self._terminal, 1) if ready else b""

    def read_line(self) -> str:
        """A line with its end, shown as it is typed; Backspace takes back a character, Ctrl-U all. "" at the end.

        The terminal stays as it is: switched to whole lines while somebody types, it may keep what came just before.
        """
        from tools.reporting.text_width import columns  # start-up

        decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        typed = ""
        while True:
            byte = os.read(self._terminal, 1)
            if byte in (b"\n", b"\r"):
                self._show("\n")
                return typed + "\n"
            if not byte or byte == END.encode():
                return typed
            if byte == _ESCAPE:
                self._drop_sequence()
            elif byte in _ERASE:
                gone = len(typed) if byte == _ERASE_ALL else min(1, len(typed))
                self._show("".join("\b \b" * columns(character) for character in typed[len(typed) - gone :]))
                typed = typed[: len(typed) - gone]
            elif (character := decoder.decode(byte)).isprintable():
                self._show(character)
                typed += character

    def _show(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


@contextmanager
def open_keys() -> Iterator[Keys | None]:
    """The terminal's keys for the length of the block; None when stdin is no terminal that can give them.

    However the block ends, but for a kill, the terminal is as it was before.
    """
    from tools.workspace.environment import read_variable  # start-up

    if sys.stdin is None or not sys.stdin.isatty() or read_variable("TERM") in (None, "dumb"):
        yield None
        return
    try:
        import termios
        import tty
    except ImportError:
        yield None
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    try:
        yield Keys(terminal)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
