"""A document as YAML that versions 1.1 and 1.2 read alike."""

from __future__ import annotations

from typing import Any

from tools.metrics.ossie.document import Document


def yaml_text(document: Document) -> str:
    """The document's YAML: words that some readers take for something else (`NO`, `on`) are quoted."""
    return _dump(document.model_dump(mode="json", by_alias=True, exclude_none=True))


def _dump(data: Any) -> str:
    import yaml  # start-up

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(data, Dumper=dumper, sort_keys=False, allow_unicode=True, width=2**16))
