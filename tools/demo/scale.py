"""How large each size of the demo is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Size = Literal["small", "medium", "large"]


@dataclass(frozen=True)
class Scale:
    """Numbers of rows aimed at; messages and tasks vary a little with the seed."""

    messages: int
    organizations: int
    accounts: int
    tasks: int
    trainers: int


SCALES: dict[str, Scale] = {
    "small": Scale(messages=200_000, organizations=260, accounts=4_000, tasks=9_000, trainers=120),
    "medium": Scale(messages=5_000_000, organizations=5_000, accounts=100_000, tasks=150_000, trainers=1_000),
    "large": Scale(messages=50_000_000, organizations=40_000, accounts=1_000_000, tasks=600_000, trainers=4_000),
}
BLOCK_MESSAGES = 2_500_000  # drawn and written at a time, so that memory does not grow with the size
