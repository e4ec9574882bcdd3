"""Everything that can be known to be wrong with a workspace's definitions, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.errors import InvalidWorkspace, TransectError
from tools.metrics.catalog import Catalog, catalog_of, read_catalog
from tools.metrics.check_columns import check_columns
from tools.metrics.locate import in_file_order

if TYPE_CHECKING:
    from tools.workspace import Workspace


def check_workspace(workspace: Workspace) -> Catalog:
    """The catalog, when nothing is wrong with it.

    Raises:
        InvalidWorkspace: every fault of reading, of meaning, and against the warehouse's tables, by file and line.
        TransectError: the warehouse cannot be opened, and the definitions have no fault that can be seen without it.
    """
    from tools.warehouse import open_warehouse  # start-up: duckdb

    catalog, faults = read_catalog(workspace.root / "metrics")
    try:
        faults = in_file_order([*faults, *check_columns(catalog, open_warehouse(workspace).tables())])
    except TransectError:
        if not faults:
            raise
    if faults:
        raise InvalidWorkspace(faults)
    return catalog_of(workspace)
