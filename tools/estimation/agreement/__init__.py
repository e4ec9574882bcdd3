"""Agreement of labellers on items, with one kind of interval: items resampled, from the counts of distinct patterns.

estimate_agreement                    alpha of nominal labels, or the share of agreeing pairs, from counts per item
estimate_alpha                        Krippendorff's alpha on four scales
estimate_pair_agreement               Fleiss' kappa, Gwet's AC1 and AC2, Brennan and Prediger, the plain share
estimate_cohen_kappa                  two raters
"""

from tools.estimation.agreement.cohen_kappa import estimate_cohen_kappa
from tools.estimation.agreement.estimate_agreement import estimate_agreement
from tools.estimation.agreement.item_bootstrap import REPLICATIONS, Resampling
from tools.estimation.agreement.krippendorff_alpha import estimate_alpha
from tools.estimation.agreement.label_weights import Scale, Weights, weigh_labels
from tools.estimation.agreement.pair_agreement import Chance, estimate_pair_agreement
from tools.estimation.agreement.vote_patterns import VotePatterns, collapse_votes

__all__ = [
    "REPLICATIONS",
    "Chance",
    "Resampling",
    "Scale",
    "VotePatterns",
    "Weights",
    "collapse_votes",
    "estimate_agreement",
    "estimate_alpha",
    "estimate_cohen_kappa",
    "estimate_pair_agreement",
    "weigh_labels",
]
