"""Approving a study's plan from Slack: the offer below an answer, and the press of an authorised person."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from agent.state import Answer
from slackbot.inbox import Said, finish
from slackbot.tell import tell
from tools.errors import Declined, TransectError
from tools.workspace import Workspace

if TYPE_CHECKING:
    from slackbot.desk import Desk


@dataclass(frozen=True)
class Offer:
    """A plan that waits for approval: the button's words, and a mark of exactly this plan."""

    label: str
    mark: str


def offer_of(workspace: Workspace, answer: Answer) -> Offer | None:
    """The offer below an answer about a study whose plan waits for approval; None for any other answer."""
    if answer.study is None or answer.study.stage != "planned":
        return None
    status = _plan(workspace, answer.study.id)
    if status is None:
        return None
    return Offer(f"Approve up to ${status.cost_usd:,.2f}", f"{answer.study.id}@{status.plan_hash}")


def press_approval(desk: Desk, said: Said) -> None:
    """Approve the plan that the button was under, in the name of the person who pressed."""
    outcome, words = _approve(desk, said)
    finish(desk.state, said, outcome=outcome)
    tell(desk, said, words)


def _approve(desk: Desk, said: Said) -> tuple[str, str]:
    """What came of it, and what to say."""
    from slackbot.press import read_post  # the two know of each other

    post = read_post(desk, said)
    if post is None or not post.study or post.study.partition("@")[0] != said.text:
        return "refused", "This plan is not known any more. Please ask for it again."
    status = _plan(desk.workspace, said.text)
    if status is None or f"{said.text}@{status.plan_hash}" != post.study:
        return "refused", "The plan has changed since, or does not wait for approval. Please ask for it again."
    person = desk.directory.person_of(said.person)
    if person == said.person:
        return (
            "refused",
            "Your Slack account is mapped to no person (slack.people in transect.toml), so you cannot approve.",
        )
    try:
        _study().approve_study(desk.workspace, said.text, by=person, budget_usd=status.cost_usd, surface="slack")
    except Declined as declined:
        return "refused", declined.message
    except TransectError as error:
        return "failed", f"The plan could not be approved; code {error.code}."
    return "approved", f"Approved as {person}."


def _plan(workspace: Workspace, study: str) -> Any:
    """The status of a study that waits for approval; None for any other."""
    try:
        status = _study().study_status(workspace, study)
    except TransectError:
        return None
    return status if status.stage == "planned" and status.cost_usd is not None else None


def _study() -> Any:
    if find_spec("tools.study") is None:
        raise TransectError("This installation has no studies.", code="no_studies")
    return import_module("tools.study")
