"""What is checked of each answer: one plain function a file, each returning the problems it found."""

from evals.scorers.audience import score_audience
from evals.scorers.canaries import score_canaries
from evals.scorers.choices import score_choices
from evals.scorers.inert import score_inert
from evals.scorers.kind import score_kind
from evals.scorers.laws import score_laws
from evals.scorers.mentions import score_mentions
from evals.scorers.numbers import score_numbers
from evals.scorers.reason import score_reason
from evals.scorers.silent_wrong import is_silent_wrong
from evals.scorers.terminal import score_terminal
from evals.scorers.untouched import score_untouched
from evals.scorers.value import score_value

__all__ = [
    "is_silent_wrong",
    "score_audience",
    "score_canaries",
    "score_choices",
    "score_inert",
    "score_kind",
    "score_laws",
    "score_mentions",
    "score_numbers",
    "score_reason",
    "score_terminal",
    "score_untouched",
    "score_value",
]
