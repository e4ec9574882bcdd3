"""Approving a study's plan from Slack: the offer below an answer, and the press of an authorised person."""

from __future__ import annotations

from dataclasses import dataclass

from agent.state import Answer
from tools.workspace import Workspace


@dataclass(frozen=True)
class Offer:
    """A plan that waits for approval: the button's words, and a mark of exactly this plan."""

    label: str
    mark: str


def offer_of(workspace: Workspace, answer: Answer) -> Offer | None:
    """The offer below an answer about a study whose plan waits for approval; None for any other answer."""
    return None
