"""Ctrl-C, remembered: a library that is interrupted may answer with an error of its own (DuckDB: RuntimeError)."""

from __future__ import annotations

import signal
from types import FrameType
from typing import NoReturn

_pressed: list[int] = []


def watch_interruption() -> None:
    """Remember the first Ctrl-C of this process. One that is ignored (a job in the background) stays ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _remember)


def was_interrupted() -> bool:
    """Whether Ctrl-C was pressed, whatever error came of it."""
    return bool(_pressed)


def forget_interruption() -> None:
    """Go on after a Ctrl-C that was meant for one question."""
    _pressed.clear()


def _remember(number: int, frame: FrameType | None) -> NoReturn:
    _pressed.append(number)
    raise KeyboardInterrupt
