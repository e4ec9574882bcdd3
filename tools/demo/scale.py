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
    "medium": Scale(messages=2_000_000, organizations=2_000, accounts=40_000, tasks=60_000, trainers=600),
    "large": Scale(messages=10_000_000, organizations=8_000, accounts=200_000, tasks=200_000, trainers=1_500),
}
