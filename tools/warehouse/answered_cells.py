"""What a role was answered before, remembered as ways to put a table's rows into cells."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from tools.errors import Declined

if TYPE_CHECKING:
    from tools.state import State

MOST_SPLITS = 400
_remembered: dict[tuple[str, str, str], dict[str, Split]] = {}
_asking = Lock()


@dataclass(frozen=True)
class Split:
    """One way to put rows into cells.

    Attributes:
        source: the table whose rows they are.
        key: equal for equal splits, however they were asked for.
        membership: SELECT of r, u, c, k: row, protected unit, cell, hashes of its keys.
        keys: how many keys there are.
        left_out: cells that are large enough and yet not shown, because they would give away a small one.
    """

    source: str
    key: str
    membership: str
    keys: int
    left_out: frozenset[int] = frozenset()


@dataclass(frozen=True)
class AnsweredCells:
    """The splits that one set of roles was answered on one state of the data.

    Attributes:
        state: the store; None keeps them for this process only, where the store cannot be written.
        roles: of the asker and the readers.
        fingerprint: of the data; after a rebuild the count begins anew.
    """

    state: State | None
    roles: str
    fingerprint: str

    @property
    def tag(self) -> str:
        """Names these roles on this state of the data."""
        return f"{self.roles} {self.fingerprint}"

    def find(self, source: str, membership: str) -> frozenset[int] | None:
        """The cells left out of a split that was asked for in the same words; None when it was not."""
        if self.state is None:
            known = self._known(source).values()
            return next((split.left_out for split in known if split.membership == membership), None)
        from sqlalchemy import select  # start-up

        from tools.state.tables import answered_cells as t

        found = select(t.c.left_out).where(*self._ours(source), t.c.membership == membership).limit(1)
        with self.state.snapshot() as connection:
            left_out = connection.execute(found).scalar()
        return None if left_out is None else frozenset(json.loads(left_out))

    def ask(self, split: Split, choose: Callable[[list[Split]], frozenset[int]]) -> frozenset[int]:
        """The cells to leave out of a split, chosen when it is first asked for.

        Args:
            split: the new one.
            choose: given it and all before it, the cells to leave out; raises Declined when nothing would be left. It
                is asked again when another process was answered meanwhile.

        Raises:
            Declined: there were too many different splits, or `choose` declined.
        """
        with _asking:
            while True:
                known = self._known(split.source)
                if split.key in known:
                    return known[split.key].left_out
                if len(known) >= MOST_SPLITS:
                    raise _too_many()
                left_out = choose([*known.values(), split])
                if self._add(replace(split, left_out=left_out), expected=len(known)):
                    return left_out

    def _known(self, source: str) -> dict[str, Split]:
        if self.state is None:
            return dict(_remembered.get((self.roles, self.fingerprint, source), {}))
        with self.state.snapshot() as connection:
            return self._read(connection, source)

    def _add(self, split: Split, *, expected: int) -> bool:
        """Write it down; False when there are others than the `expected` ones by now."""
        if self.state is None:
            _remembered.setdefault((self.roles, self.fingerprint, split.source), {})[split.key] = split
            return True
        from tools.state.tables import answered_cells  # start-up

        values = {
            "roles": self.roles,
            "fingerprint": self.fingerprint,
            "source": split.source,
            "split": split.key,
            "membership": split.membership,
            "key_count": split.keys,
            "left_out": json.dumps(sorted(split.left_out)),
            "answered_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with self.state.transaction() as connection:
            if len(self._read(connection, split.source)) != expected:
                return False
            connection.execute(answered_cells.insert().values(**values))
        return True

    def _read(self, connection: Any, source: str) -> dict[str, Split]:
        from tools.state.tables import answered_cells as t  # start-up

        rows = connection.execute(t.select().where(*self._ours(source)).order_by(t.c.split))
        return {
            row.split: Split(source, row.split, row.membership, row.key_count, frozenset(json.loads(row.left_out)))
            for row in rows
        }

    def _ours(self, source: str) -> tuple[Any, ...]:
        """Conditions on the rows of these roles, this state of the data and one table."""
        from tools.state.tables import answered_cells as t  # start-up

        return t.c.roles == self.roles, t.c.fingerprint == self.fingerprint, t.c.source == source


def _too_many() -> Declined:
    return Declined(
        f"This role was answered {MOST_SPLITS} different cuts of this table; one more cannot be compared with them.",
        reason="small_cell",
        rule="differencing",
        hint="Ask for cuts that were asked for before, or for a metric; new data begins the count anew.",
    )
