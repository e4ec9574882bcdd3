"""A head of the audit chain that was kept elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

from tools.errors import InvalidInput
from tools.state.audit import AuditHead


def read_head(path: Path) -> AuditHead:
    """The head in a file: `{"seq", "hash"}`, or the whole output of `audit verify --json`; raises InvalidInput."""
    try:
        found = json.loads(path.read_text("utf-8"))
        head = found.get("head", found)
        return AuditHead(int(head["seq"]), str(head["hash"]))
    except OSError as error:
        raise InvalidInput(f"{path.name} cannot be read: {error.strerror}.", value=str(path), where=str(path)) from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InvalidInput(
            f"{path.name} holds no head of an audit chain.",
            value=str(path),
            hint="Keep the output of `transect audit verify --json`.",
            where=str(path),
        ) from None
