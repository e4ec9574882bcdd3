"""Policies, the ledger of labels, and how far labellers agree.

measure_agreement      alpha, kappa, AC1, consensus labels and raters' accuracy
"""

from tools.labeling.agreement import AgreementReport, Consensus, FittedModel, RaterAccuracy, measure_agreement
from tools.labeling.column_file import ColumnFile, read_columns
from tools.labeling.policy import Policy, PolicyHeader
from tools.labeling.read_policy import check_policy, find_policy, load_policies
from tools.labeling.scaled_alpha import Scale

__all__ = [
    "AgreementReport",
    "ColumnFile",
    "Consensus",
    "FittedModel",
    "Policy",
    "PolicyHeader",
    "RaterAccuracy",
    "Scale",
    "check_policy",
    "find_policy",
    "load_policies",
    "measure_agreement",
    "read_columns",
]
