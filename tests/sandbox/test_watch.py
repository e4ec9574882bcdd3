"""The clock beside a statement: it interrupts what runs, and only that."""

from __future__ import annotations

from threading import Event

from tools.sandbox.watch import Watch


class Statement:
    """Counts interrupts; `interrupted` is set by the first."""

    def __init__(self) -> None:
        self.interrupted = Event()
        self.count = 0

    def interrupt(self) -> None:
        self.count += 1
        self.interrupted.set()


def test_what_takes_too_long_is_interrupted_again_and_again() -> None:
    watch, slow = Watch(), Statement()
    with watch.over(slow, seconds=0.1):
        assert slow.interrupted.wait(5)
        slow.interrupted.clear()
        assert slow.interrupted.wait(5)


def test_what_ended_in_time_is_left_alone_and_so_is_the_next() -> None:
    watch, first, second, late = Watch(), Statement(), Statement(), Statement()
    for each in (first, second):
        with watch.over(each, seconds=60):
            pass
    with watch.over(late, seconds=0.05):
        assert late.interrupted.wait(5)
    assert (first.count, second.count) == (0, 0)
