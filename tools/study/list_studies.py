"""Every study of a workspace."""

from __future__ import annotations

from dataclasses import dataclass

from tools.errors import TransectError
from tools.study.load_study import study_ids
from tools.study.study_status import StudyStatus, study_status
from tools.workspace import Workspace


@dataclass(frozen=True)
class ListedStudy:
    """One study: where it stands, or why it cannot be read."""

    id: str
    status: StudyStatus | None
    fault: str = ""


def list_studies(workspace: Workspace) -> list[ListedStudy]:
    """All studies by id; one that cannot be read does not hide the others."""
    found = []
    for id in study_ids(workspace):
        try:
            found.append(ListedStudy(id, study_status(workspace, id)))
        except TransectError as error:
            found.append(ListedStudy(id, None, error.message))
    return found
