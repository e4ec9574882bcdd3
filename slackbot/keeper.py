"""Writes what is said to the inbox: what comes while one write is on its way goes together in the next."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future

from slackbot.inbox import Said, put
from tools.state import State

_MOST_AT_ONCE = 500
_SECONDS = 60.0  # the store gives up before


class Keeper:
    """One writer for the listener's many threads: they do not wait for each other's turn at the lock."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._waiting: queue.SimpleQueue[tuple[Said, Future[None]]] = queue.SimpleQueue()
        threading.Thread(target=self._write, name="inbox", daemon=True).start()

    def keep(self, said: Said) -> None:
        """Returns when it is on disk.

        Raises:
            TransectError: the store cannot be written; Slack must not be told that the message was received.
        """
        done: Future[None] = Future()
        self._waiting.put((said, done))
        done.result(_SECONDS)

    def _write(self) -> None:
        while True:
            together = [self._waiting.get()]
            while len(together) < _MOST_AT_ONCE and not self._waiting.empty():
                together.append(self._waiting.get())
            try:
                put(self._state, [said for said, _ in together])
            except Exception as error:  # each of the threads that wait must hear of it
                for _, done in together:
                    done.set_exception(error)
            else:
                for _, done in together:
                    done.set_result(None)
