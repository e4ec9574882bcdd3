"""Approving a study's plan from Slack: the offer below an answer, and the press of an authorised person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.state import Answer
from slackbot.inbox import Said, finish
from slackbot.read_post import read_post
from slackbot.tell import tell
from tools.errors import Declined, TransectError
from tools.workspace import Workspace

if TYPE_CHECKING:
    from slackbot.desk import Desk


@dataclass(frozen=True)
class Offer:
    """A plan that waits for approval: what it costs, the button's words, and a mark of exactly this plan."""

    cost_usd: float
    mark: str

    @property
    def label(self) -> str:
        return f"Approve up to ${self.cost_usd:,.2f}"


def offer_of(workspace: Workspace, answer: Answer) -> Offer | None:
    """The offer below an answer about a study whose plan waits for approval; None for any other answer."""
    if answer.study is None or answer.study.stage != "planned":
        return None
    return _waiting(workspace, answer.study.id)


def press_approval(desk: Desk, said: Said) -> None:
    """Approve the plan that the button was under, in the name of the person who pressed.

    Who may is `may_approve`'s to say; the plan must be the one that was shown, to the letter.
    """
    outcome, words = _approve(desk, said)
    finish(desk.state, said, outcome=outcome)
    tell(desk, said, words)


def _approve(desk: Desk, said: Said) -> tuple[str, str]:
    """What came of it, and what to say."""
    from tools.study import approve_study  # start-up

    post, offer = read_post(desk.state, said), _waiting(desk.workspace, said.text)
    if post is None or not post.study or post.study.partition("@")[0] != said.text:
        return "refused", "This plan is not known any more. Please ask for it again."
    if offer is None or offer.mark != post.study:
        return "refused", "The plan has changed since, or does not wait for approval any more."
    if not desk.directory.roles_of([said.person]).get(said.person):
        return "refused", "You hold no role in this workspace, so you cannot approve."
    person = desk.directory.person_of(said.person)
    try:
        approve_study(desk.workspace, said.text, by=person, budget_usd=offer.cost_usd, surface="slack")
    except Declined as declined:
        return "refused", declined.message
    except TransectError as error:
        return "failed", f"The plan could not be approved; code {error.code}."
    return "approved", f"Approved up to ${offer.cost_usd:,.2f} in the name of {person}."


def _waiting(workspace: Workspace, study: str) -> Offer | None:
    """The plan of a study that waits for approval; None where none does."""
    from tools.study import study_status  # start-up

    try:
        status = study_status(workspace, study)
    except TransectError:
        return None
    if status.stage != "planned" or status.cost_usd is None or status.plan_hash is None:
        return None
    return Offer(status.cost_usd, f"{study}@{status.plan_hash}")
