"""Policies, the ledger of labels, and how far labellers agree.

load_policies, find_policy, check_policy          policies/*.md, strictly read
read_label_file, import_labels, export_labels     labels in and out, CSV and Label Studio
append_entries, read_entries, current_entries     the ledger: rows are added, never changed
run_queue                                         a person labels item after item
find_unknown_items, reveal_item                   the store of item texts, one audited look at a time
run_labels, open_labeller                         a model, or the embedded labeller, labels items
summarise_labels                                  how far labelling has come
read_label_table, measure_agreement               alpha, kappa, AC1 and AC2, consensus labels and raters' accuracy
fit_bradley_terry                                 strengths from comparisons of pairs, with ties and position
"""

from tools.estimation.agreement.label_weights import Scale
from tools.labeling.agreement import AgreementReport, measure_agreement
from tools.labeling.bradley_terry import BradleyTerry, Comparison, Strength, fit_bradley_terry
from tools.labeling.column_file import ColumnFile, read_columns
from tools.labeling.consensus import Consensus, FittedModel, RaterAccuracy
from tools.labeling.export_labels import export_labels
from tools.labeling.import_labels import ImportReport, import_labels
from tools.labeling.items import find_unknown_items, reveal_item
from tools.labeling.label_file import GivenLabel, LabelFile, read_label_file
from tools.labeling.label_status import LabelStatus, summarise_labels
from tools.labeling.label_table import LabelTable, tabulate_labels
from tools.labeling.labellers import EmbeddedLabeller, Labeller, ModelLabeller, open_labeller
from tools.labeling.ledger import (
    Entry,
    Recorded,
    append_entries,
    current_entries,
    read_entries,
    refuse_changed_policy,
)
from tools.labeling.policy import Policy, PolicyHeader
from tools.labeling.queue import Answer, Progress, QueueReport, run_queue
from tools.labeling.read_label_table import TableFile, read_label_table
from tools.labeling.read_policy import check_policy, find_policy, load_policies
from tools.labeling.run_labels import RunProgress, run_labels
from tools.labeling.run_report import RunReport

__all__ = [
    "AgreementReport",
    "Answer",
    "BradleyTerry",
    "ColumnFile",
    "Comparison",
    "Consensus",
    "EmbeddedLabeller",
    "Entry",
    "FittedModel",
    "GivenLabel",
    "ImportReport",
    "LabelFile",
    "LabelStatus",
    "LabelTable",
    "Labeller",
    "ModelLabeller",
    "Policy",
    "PolicyHeader",
    "Progress",
    "QueueReport",
    "RaterAccuracy",
    "Recorded",
    "RunProgress",
    "RunReport",
    "Scale",
    "Strength",
    "TableFile",
    "append_entries",
    "check_policy",
    "current_entries",
    "export_labels",
    "find_policy",
    "find_unknown_items",
    "fit_bradley_terry",
    "import_labels",
    "load_policies",
    "measure_agreement",
    "open_labeller",
    "read_columns",
    "read_entries",
    "read_label_file",
    "read_label_table",
    "refuse_changed_policy",
    "reveal_item",
    "run_labels",
    "run_queue",
    "summarise_labels",
    "tabulate_labels",
]
