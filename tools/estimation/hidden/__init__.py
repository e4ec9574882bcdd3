"""Sizes of populations that no list holds in full.

estimate_hidden, estimate_from_frequencies     every method that the lists carry, with the range over dependence
count_histories                                0/1 columns to histories
estimate_chapman, estimate_petersen            two lists
estimate_chao_bound                            from those seen once and twice
fit_hierarchical, fit_capture_model            log-linear models, one by one
fit_frequency_model, fit_behaviour_model
estimate_sample_coverage, average_models
correct_histories, range_of_dependence         list precision, linkage recall, dependence
estimate_rds, share_weights                    link-traced samples, units reached through links
"""

from tools.estimation.hidden.average_models import average_models, select_model
from tools.estimation.hidden.capture_models import fit_behaviour_model, fit_capture_model, fit_frequency_model
from tools.estimation.hidden.chao import estimate_chao_bound
from tools.estimation.hidden.chapman import estimate_chapman, estimate_petersen
from tools.estimation.hidden.correct_histories import correct_histories
from tools.estimation.hidden.dependence_range import range_of_dependence
from tools.estimation.hidden.estimate_frequencies import estimate_from_frequencies
from tools.estimation.hidden.estimate_hidden import estimate_hidden
from tools.estimation.hidden.estimate_rds import estimate_rds
from tools.estimation.hidden.hidden_report import HiddenReport, SizeFigure
from tools.estimation.hidden.hierarchical_models import fit_hierarchical
from tools.estimation.hidden.histories import Histories, count_histories
from tools.estimation.hidden.sample_coverage import estimate_sample_coverage
from tools.estimation.hidden.share_weights import share_weights
from tools.estimation.hidden.size_estimate import SizeEstimate

__all__ = [
    "HiddenReport",
    "Histories",
    "SizeEstimate",
    "SizeFigure",
    "average_models",
    "correct_histories",
    "count_histories",
    "estimate_chao_bound",
    "estimate_chapman",
    "estimate_from_frequencies",
    "estimate_hidden",
    "estimate_petersen",
    "estimate_rds",
    "estimate_sample_coverage",
    "fit_behaviour_model",
    "fit_capture_model",
    "fit_frequency_model",
    "fit_hierarchical",
    "range_of_dependence",
    "select_model",
    "share_weights",
]
