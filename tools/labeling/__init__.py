"""Policies, the ledger of labels, and how far labellers agree.

measure_agreement      alpha, kappa, AC1, consensus labels and raters' accuracy
"""

from tools.labeling.agreement import AgreementReport, Consensus, FittedModel, RaterAccuracy, measure_agreement
from tools.labeling.column_file import ColumnFile, read_columns
from tools.labeling.scaled_alpha import Scale

__all__ = [
    "AgreementReport",
    "ColumnFile",
    "Consensus",
    "FittedModel",
    "RaterAccuracy",
    "Scale",
    "measure_agreement",
    "read_columns",
]
