"""A model that follows a script: the same protocol, no endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock

from tools.model.protocol import ModelError, Reply, Request

Step = Reply | ModelError | Callable[[Request], Reply]


class ScriptedModel:
    """Gives the steps of a script one after another; a step is a reply, an error, or a function of the request.

    Attributes:
        requests: what it was asked, in order.
    """

    def __init__(self, steps: Iterable[Step], *, name: str = "scripted") -> None:
        self._steps = iter(steps)
        self._lock = Lock()
        self._name = name
        self.requests: list[Request] = []

    @property
    def name(self) -> str:
        return self._name

    def complete(self, request: Request) -> Reply:
        """The next step of the script.

        Raises:
            ModelError: the step is one, or the script has ended.
        """
        with self._lock:
            self.requests.append(request)
            step = next(self._steps, None)
        if step is None:
            raise ModelError("The script has no further step.", kind="bad_request", sent=False)
        if isinstance(step, ModelError):
            raise step
        return step(request) if callable(step) else step
