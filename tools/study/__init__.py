"""Prevalence studies in one folder each: plan, approve, draw, label, estimate, draft, verify, sign.

new_study                            studies/<id>/study.yml, commented
plan_study, approve_study            what will be drawn, and a person's yes to exactly that
draw_study                           sample.csv with its manifest
import_study_labels, queue_study, run_study    labels of drawn units, all in the one ledger
label_progress, items_to_label       how far they have come; what may be labelled
estimate_study, draft_study          figures with intervals; the page about them
verify_study, sign_study             everything computed again; a name under a draft that holds
load_study, list_studies, study_status, may_approve
"""

from tools.study.approval import Approval, Signature, Signatures
from tools.study.approve_study import approve_study
from tools.study.compare_bytes import Difference
from tools.study.draft_study import Draft, draft_study
from tools.study.draw_study import draw_study
from tools.study.estimate import StudyEstimate
from tools.study.estimate_study import estimate_study
from tools.study.label_study import (
    LabelProgress,
    ToLabel,
    import_study_labels,
    items_to_label,
    label_progress,
    queue_study,
)
from tools.study.list_studies import ListedStudy, list_studies
from tools.study.load_study import Study, load_study
from tools.study.may_approve import Permission, may_approve
from tools.study.new_study import NewStudy, new_study
from tools.study.plan import Plan
from tools.study.plan_study import plan_study
from tools.study.run_study import run_study
from tools.study.sign_study import sign_study
from tools.study.spec import StudySpec
from tools.study.study_status import StudyStatus, study_status
from tools.study.verify_study import Verification, verify_study

__all__ = [
    "Approval",
    "Difference",
    "Draft",
    "LabelProgress",
    "ListedStudy",
    "NewStudy",
    "Permission",
    "Plan",
    "Signature",
    "Signatures",
    "Study",
    "StudyEstimate",
    "StudySpec",
    "StudyStatus",
    "ToLabel",
    "Verification",
    "approve_study",
    "draft_study",
    "draw_study",
    "estimate_study",
    "import_study_labels",
    "items_to_label",
    "label_progress",
    "list_studies",
    "load_study",
    "may_approve",
    "new_study",
    "plan_study",
    "queue_study",
    "run_study",
    "sign_study",
    "study_status",
    "verify_study",
]
