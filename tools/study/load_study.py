"""A study as its folder holds it."""

from __future__ import annotations

from dataclasses import dataclass

from tools.errors import InvalidInput
from tools.sampling import Manifest
from tools.study.approval import Approval, Signatures
from tools.study.estimate import StudyEstimate
from tools.study.folder import Folder, folder_of, read_model, studies_dir
from tools.study.plan import Plan
from tools.study.read_spec import read_spec
from tools.study.spec import ID, StudySpec
from tools.workspace import Workspace
from tools.workspace.nearest import nearest


@dataclass(frozen=True)
class Study:
    """One study; what a later step will write is None.

    Attributes:
        id: its name. folder: its files. spec: study.yml.
        plan, approval, manifest, estimate, signatures: as read, whether or not they still fit together.
    """

    id: str
    folder: Folder
    spec: StudySpec
    plan: Plan | None = None
    approval: Approval | None = None
    manifest: Manifest | None = None
    estimate: StudyEstimate | None = None
    signatures: Signatures | None = None


def load_study(workspace: Workspace, id: str) -> Study:
    """Read a study.

    Raises:
        InvalidInput: there is none of that id, or a file of it is damaged.
        InvalidWorkspace: every fault of study.yml, each as `file:line` with a hint.
    """
    folder = check_folder(workspace, id)
    return Study(
        id=id,
        folder=folder,
        spec=read_spec(folder.spec),
        plan=read_model(folder.plan, Plan, made_by="plan"),
        approval=read_model(folder.approval, Approval, made_by="approve"),
        manifest=read_model(folder.manifest, Manifest, made_by="draw"),
        estimate=read_model(folder.estimate, StudyEstimate, made_by="estimate"),
        signatures=read_model(folder.signatures, Signatures, made_by="sign"),
    )


def check_folder(workspace: Workspace, id: str) -> Folder:
    """The folder of a study that exists; raises InvalidInput, with the nearest id, when there is none."""
    folder = folder_of(workspace, id)
    if ID.fullmatch(id) and folder.spec.is_file():
        return folder
    known = study_ids(workspace)
    near = nearest(id, known)
    raise InvalidInput(
        f"There is no study {id!r}.",
        code="no_such_study",
        value=id,
        allowed=known,
        hint=f"Did you mean {near!r}?" if near else f"transect study new {id if ID.fullmatch(id) else 'ID'}",
    )


def study_ids(workspace: Workspace) -> list[str]:
    """Every folder of studies/ that holds a study.yml, by name."""
    return sorted(path.parent.name for path in studies_dir(workspace).glob("*/study.yml"))
