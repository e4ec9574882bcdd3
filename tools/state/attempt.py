"""The words of effects: an attempt, what a look-up may find, what is recorded, and what can go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tools.errors import TransectError

Json = Any  # whatever json.dumps takes


@dataclass(frozen=True)
class Attempt:
    """One try at an effect, handed to `send` and `look_up`.

    Attributes:
        key: the effect's key; give it to the other side as its idempotency key where it takes one.
        token: 1 for the first try, one more for each that follows; a receiver that remembers the highest token it saw
            can refuse a sender that was overtaken.
        request: what `reserve` returned, the same for every try.
        lease_until: seconds since 1970; `send` must have given up by then.
    """

    key: str
    token: int
    request: Json
    lease_until: float


@dataclass(frozen=True)
class Sent:
    """`look_up` found that it happened, with this result."""

    result: Json


@dataclass(frozen=True)
class NotSent:
    """`look_up` found that it did not happen."""


@dataclass(frozen=True)
class Unknown:
    """`look_up` could not tell."""

    why: str


@dataclass(frozen=True)
class Recorded:
    """The effect happened and is recorded; `replayed` when an earlier call had done it."""

    key: str
    result: Json
    token: int
    replayed: bool


class NothingSent(Exception):
    """Raised by `send` when it is certain that nothing left: the next try sends without a look-up."""


class OutcomeUnknown(TransectError):
    """Nobody can tell whether the effect happened; it is not sent again until `look_up` can."""

    code = "outcome_unknown"


class EffectBusy(TransectError):
    """Another caller is at it and did not finish while we waited."""

    code = "effect_busy"
