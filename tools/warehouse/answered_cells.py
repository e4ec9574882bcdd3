"""What a role was answered before, remembered as ways to put a table's rows into cells."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tools.errors import Declined

if TYPE_CHECKING:
    from tools.state import State

MOST_SPLITS = 400


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
        state: the store.
        roles: of the asker and the readers.
        fingerprint: of the data; after a rebuild the count begins anew.
        seen: table -> how many of its splits there were when it was last looked at.
    """

    state: State
    roles: str
    fingerprint: str
    seen: dict[str, int] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """Names these roles on this state of the data."""
        return f"{self.roles} {self.fingerprint}"

    def find(self, source: str, membership: str) -> frozenset[int] | None:
        """The cells left out of a split that was asked for in the same words; None when it was not."""
        from sqlalchemy import select  # start-up

        from tools.state.tables import answered_cells as t

        found = select(t.c.left_out).where(*self._ours(source), t.c.membership == membership).limit(1)
        with self.state.snapshot() as connection:
            left_out = connection.execute(found).scalar()
        return None if left_out is None else frozenset(json.loads(left_out))

    def ask(self, split: Split, new: list[Split], choose: Callable[[list[Split]], frozenset[int]]) -> frozenset[int]:
        """The cells to leave out of a split, chosen when it is first asked for.

        Args:
            split: the one asked for.
            new: those of the same statement before it; it is added when nobody was answered it yet.
            choose: given the split and all before it, the cells to leave out; raises Declined when nothing would be
                left.

        Raises:
            Declined: there were too many different splits, or `choose` declined.
        """
        with self.state.snapshot() as connection:
            known = self._read(connection, split.source)
        self.seen[split.source] = len(known)
        known |= {each.key: each for each in new if each.source == split.source}
        if split.key in known:
            return known[split.key].left_out
        if len(known) >= MOST_SPLITS:
            raise _too_many()
        left_out = choose([*known.values(), split])
        new.append(replace(split, left_out=left_out))
        return left_out

    def keep(self, new: list[Split]) -> bool:
        """Write down what is about to be answered; False when somebody was answered since it was asked for.

        Raises:
            TransectError: the store cannot be written; then there is no answer.
        """
        if not new:
            return True
        from tools.state.tables import answered_cells  # start-up

        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self.state.transaction() as connection:
            for source in {each.source for each in new}:
                if len(self._read(connection, source)) != self.seen[source]:
                    return False
            connection.execute(answered_cells.insert(), [self._values(each, now) for each in new])
        return True

    def _values(self, split: Split, now: str) -> dict[str, object]:
        return {
            "roles": self.roles,
            "fingerprint": self.fingerprint,
            "source": split.source,
            "split": split.key,
            "membership": split.membership,
            "key_count": split.keys,
            "left_out": json.dumps(sorted(split.left_out)),
            "answered_at": now,
        }

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
