"""Definitions as an Apache Ossie document (formerly Open Semantic Interchange), and back."""

from tools.metrics.ossie.document import Document
from tools.metrics.ossie.from_ossie import from_ossie
from tools.metrics.ossie.to_ossie import to_ossie
from tools.metrics.ossie.visible_part import VisiblePart, visible_part
from tools.metrics.ossie.yaml_text import yaml_text

__all__ = ["Document", "VisiblePart", "from_ossie", "to_ossie", "visible_part", "yaml_text"]
