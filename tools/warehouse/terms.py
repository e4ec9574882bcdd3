"""What a statement runs under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.warehouse.answered_cells import AnsweredCells
from tools.warehouse.role_view import RoleView
from tools.warehouse.spread import Spreads

if TYPE_CHECKING:
    from tools.workspace.settings import Limits


@dataclass(frozen=True)
class Terms:
    """The same for every statement of one set of roles.

    Attributes:
        view: what the asker's roles see, and the projection to run on.
        limits: of the workspace.
        answered: what the roles were answered before, where small cells are hidden.
        spreads: the columns over which a table's rows are spread.
    """

    view: RoleView
    limits: Limits
    answered: AnsweredCells
    spreads: Spreads
