"""A name under a draft that holds."""

from __future__ import annotations

from tools.access import Asker
from tools.errors import InvalidInput, TransectError
from tools.state import append_audit, open_state
from tools.study.approval import Signature, Signatures
from tools.study.draft_study import hash_of_draft
from tools.study.folder import write_model
from tools.study.guard_steps import require_plan
from tools.study.load_study import load_study
from tools.study.receipts import write_receipt
from tools.study.verify_study import verify_study
from tools.workspace import Workspace


def sign_study(workspace: Workspace, id: str, *, by: str, asker: Asker, trust_snapshot: bool = False) -> Signature:
    """Sign the draft as it stands, when everything of the study verifies. A later draft is not signed by it.

    Args:
        workspace, id: the study.
        by: who signs.
        asker: who runs this; they must be allowed to draw from the frame, which is drawn again.
        trust_snapshot: as in `verify_study`.

    Raises:
        InvalidInput: no name, no draft.
        TransectError: something of the study does not verify (`verify_failed`); nothing was signed.
    """
    if not by.strip():
        raise InvalidInput("A signature needs a person.", code="usage", hint="--by PERSON")
    study = load_study(workspace, id)
    plan, draft = require_plan(study), hash_of_draft(study.folder)
    if draft is None:
        raise InvalidInput(
            f"{id!r} has no draft to sign yet.", code="no_draft", value=id, hint=f"transect study draft {id}"
        )
    earlier = study.signatures.signatures if study.signatures else ()
    signature = Signature(by=by, draft_hash=draft, plan_hash=plan.hash)
    current = tuple(each for each in earlier if each.draft_hash == draft)
    found = verify_study(workspace, id, asker=asker, trust_snapshot=trust_snapshot)
    differences = [d for d in found.differences if d.file != study.folder.signatures.name]
    if differences:
        raise TransectError(
            f"{id!r} does not verify, so it was not signed: {differences[0].file} {differences[0].what}.",
            code="verify_failed",
            value=[difference.file for difference in differences],
            hint=f"transect study verify {id}",
        )
    if signature in current:
        return signature
    detail = {"study": id, "draft": draft, "plan": plan.hash}
    signer = Asker(person=by, roles=(), surface=asker.surface)
    append_audit(open_state(workspace), action="study_sign", asker=signer, detail=detail)
    write_model(study.folder.signatures, Signatures(study=id, signatures=(*earlier, signature)))
    write_receipt(study.folder, "sign", asker=signer, files=[study.folder.signatures], draft=draft)
    return signature
