"""When to try a model again, and after how long."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from tools.model.protocol import ModelError


@dataclass(frozen=True)
class Retries:
    """The bounds of one call's attempts.

    Attributes:
        attempts: the most that are made.
        total_seconds: no attempt begins later than this after the first, whatever the endpoint asks for.
        first_pause_seconds: before the second attempt; each further pause is twice as long.
        longest_pause_seconds: the most that a pause grows to by itself.
        repeats: attempts after one that may have been carried out without an answer; each may be billed twice.
    """

    attempts: int = 6
    total_seconds: float = 120.0
    first_pause_seconds: float = 0.5
    longest_pause_seconds: float = 30.0
    repeats: int = 1

    def pause(self, error: ModelError, *, made: int, elapsed_seconds: float, key: str) -> float | None:
        """Seconds to wait before the next attempt; None when there is to be none.

        What the endpoint asks for counts; else the pause doubles, less up to half of it by the hash of the key, so that
        calls which failed together do not come back together.

        Args:
            error: how the last attempt ended.
            made: attempts so far.
            elapsed_seconds: since the first began.
            key: of the call.
        """
        if error.kind in ("not_permitted", "bad_request") or made >= self.attempts:
            return None
        if error.retry_after_seconds is not None:
            pause = error.retry_after_seconds
        else:
            longest = min(self.first_pause_seconds * 2 ** (made - 1), self.longest_pause_seconds)
            share = int(sha256(f"{key}|{made}".encode()).hexdigest()[:8], 16) / 2**32
            pause = longest * (1 - share / 2)
        return pause if elapsed_seconds + pause <= self.total_seconds else None


def is_unanswered(error: ModelError) -> bool:
    """Whether it cannot be told what became of the attempt: it left, and nothing came back."""
    return error.sent and error.kind in ("timeout", "unreachable")
