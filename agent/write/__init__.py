"""Facts to an Answer: headline, text, table, chart and provenance."""

from agent.write.answer import write_answer

__all__ = ["write_answer"]
