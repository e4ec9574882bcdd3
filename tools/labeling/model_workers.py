"""Threads that ask a model about items, and nothing else: the books are kept by the thread that hands out the work."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

from tools.labeling.ledger import now_text
from tools.model import Model, ModelError, Reply, Request
from tools.state import Attempt


@dataclass
class Task:
    """One item on its way.

    Attributes:
        item: its id. most_usd: the most that one attempt can cost; None when a price is not known.
        repeats_left: how often a call of unknown outcome may still be made again in this sitting.
        asking: 1, or 2 after an answer outside the schema.
        made: attempts so far; begun: when the first one was; last: how the last one failed.
    """

    item: str
    most_usd: float | None
    repeats_left: int
    asking: int = 1
    made: int = 0
    begun: float | None = None
    last: ModelError | None = None


@dataclass(frozen=True)
class Back:
    """What a worker brings: a reply, or what went wrong; `at` is when, as the ledger writes it."""

    task: Task
    attempt: Attempt
    outcome: Reply | BaseException
    at: str

    @property
    def may_be_billed(self) -> bool:
        """Whether the model may have worked for this attempt."""
        return not (isinstance(self.outcome, ModelError) and not self.outcome.sent)


class Workers:
    """`concurrency` threads.

    Attributes:
        back: what they brought and nobody has taken yet, in the order it came.
    """

    def __init__(self, model: Model, concurrency: int) -> None:
        self.back: deque[Back] = deque()
        self._model = model
        self._work: SimpleQueue[tuple[Task, Attempt, Request] | None] = SimpleQueue()
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._threads = [Thread(target=self._run, daemon=True) for _ in range(concurrency)]
        for thread in self._threads:
            thread.start()

    def ask(self, task: Task, attempt: Attempt, request: Request) -> None:
        """Hand out one attempt."""
        self._work.put((task, attempt, request))

    def wait(self, seconds: float | None) -> bool:
        """Until something more is back, at most so long; whether it is."""
        try:
            self._bell.get(timeout=seconds)
        except Empty:
            return False
        return True

    def close(self) -> None:
        """Let them end; one that still waits for an endpoint ends with the process."""
        for _ in self._threads:
            self._work.put(None)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            task, attempt, request = work
            outcome: Reply | BaseException
            try:
                outcome = self._model.complete(request)
            except BaseException as error:  # whatever it is, it belongs into the books
                outcome = error
            self.back.append(Back(task, attempt, outcome, now_text()))
            self._bell.put(None)
