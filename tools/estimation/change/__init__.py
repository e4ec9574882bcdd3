"""What is behind a difference of two periods.

    decompose_change      mix and rate by a dimension (Kitagawa), with intervals
    separate_versions     what a new labeller or policy did, by items labelled under both; else not identified
    judge_no_change       equivalence within a declared margin

The difference itself is `estimate_difference`; what could have been seen is `tools.sampling.detectable_change`.
"""

from tools.estimation.change.decompose_change import Decomposition, decompose_change
from tools.estimation.change.judge_no_change import Equivalence, judge_no_change
from tools.estimation.change.separate_versions import VersionSplit, separate_versions

__all__ = [
    "Decomposition",
    "Equivalence",
    "VersionSplit",
    "decompose_change",
    "judge_no_change",
    "separate_versions",
]
