"""Who may say yes to the cost of a study: one pure function, whatever the surface."""

from __future__ import annotations

from dataclasses import dataclass

from tools.workspace import Settings


@dataclass(frozen=True)
class Permission:
    """Whether, and why; true when allowed."""

    allowed: bool
    why: str

    def __bool__(self) -> bool:
        return self.allowed


def may_approve(person: str, settings: Settings) -> Permission:
    """Whether this person may approve a study of the workspace.

    Args:
        person: as the surface knows them: what `--by` says, or the person that a Slack user is mapped to.
        settings: of the workspace; `study.approvers` names them, exactly as written. Nobody named means anyone.
    """
    approvers = settings.study.approvers
    if not person.strip():
        return Permission(False, "An approval needs a person.")
    if not approvers:
        return Permission(True, "study.approvers in transect.toml names nobody, so anyone may approve.")
    if person in approvers:
        return Permission(True, f"{person} is one of study.approvers.")
    return Permission(False, f"{person!r} is not one of study.approvers in transect.toml.")
