"""A workspace's definitions as an Apache Ossie document, on stdout or in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.access import Asker
from tools.errors import Declined
from tools.metrics.ossie import Document, to_ossie, visible_part, yaml_text
from tools.workspace import Workspace


def export_definitions(workspace: Workspace, asker: Asker) -> Document:
    """What the asker may see; Declined (`not_permitted`) when that is no dataset at all."""
    from tools.metrics import catalog_of, profile_of  # start-up

    part = visible_part(catalog_of(workspace), asker=asker, policy=workspace.settings.access)
    if not part.file.datasets:
        raise Declined(
            "There is no dataset that this role may see.", reason="not_permitted", hint="Name another role with --role."
        )
    types = {name: data.types for name, data in profile_of(workspace).datasets.items()}
    return to_ossie(part.file, name=workspace.settings.workspace.name, generated=part.generated, types=types)


def write_export(document: Document, out: Path) -> dict[str, Any]:
    """Write the YAML; what was written, counted."""
    out.write_text(yaml_text(document), encoding="utf-8")
    model = document.semantic_model[0]
    return {
        "out": str(out),
        "version": document.version,
        "holds": {
            "datasets": len(model.datasets),
            "relationships": len(model.relationships or ()),
            "metrics": len(model.metrics or ()),
        },
    }
