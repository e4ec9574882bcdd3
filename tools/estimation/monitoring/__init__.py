"""Looking every day without paying for it in false alarms.

share_sequence             limits of a share that hold at all looks together
weighted_mean_sequence     the same for bounded outcomes with known weights
detect_shifts              an alarm for level shifts in many daily series, controlled over all of them together
"""

from tools.estimation.monitoring.confidence_sequence import ConfidenceSequence
from tools.estimation.monitoring.detect_shifts import ShiftReport, detect_shifts
from tools.estimation.monitoring.share_sequence import share_sequence
from tools.estimation.monitoring.weighted_mean_sequence import weighted_mean_sequence

__all__ = ["ConfidenceSequence", "ShiftReport", "detect_shifts", "share_sequence", "weighted_mean_sequence"]
