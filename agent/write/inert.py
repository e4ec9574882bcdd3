"""Text from the data that reads as text, for answers: `tools.reporting.inert` holds the rule."""

from tools.reporting.inert import make_inert

__all__ = ["make_inert"]
