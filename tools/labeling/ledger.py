"""The ledger of labels: rows are added, never changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

from tools.errors import InvalidInput
from tools.labeling.policy import Policy
from tools.state import State

if TYPE_CHECKING:
    from sqlalchemy import Connection, Insert, Select, TextClause

Kind = Literal["person", "import", "embedded", "model"]
Outcome = Literal["label", "abstain", "refusal", "failed", "skip", "undo"]
_CHUNK = 500


@dataclass(frozen=True)
class Entry:
    """One thing a labeller did.

    Attributes:
        policy, version, hash: the policy as it stood.
        item: its id. labeller: who. kind: a person here, an import, the embedded labeller or a model.
        outcome: a label, an abstention, a skip (not now), or an undo of the entry whose key is `undoes`; of a model
            also a refusal, or failed when what it said was no answer.
        label: one of the policy's, for the outcome label.
        reason: why, in the labeller's words; never item text.
        labelled_at: when, ISO 8601 in UTC; None when an imported file does not say.
        run: what it belongs to, such as `import:3f2a...` or `queue:ann`.
        nth: tells apart entries that are otherwise equal.
        scores: how probable a machine holds each label to be, for a label or an abstention; None when it does not say.
    """

    policy: str
    version: int
    hash: str
    item: str
    labeller: str
    kind: Kind
    outcome: Outcome
    run: str
    label: str | None = None
    reason: str = ""
    labelled_at: str | None = None
    undoes: str | None = None
    nth: int = 0
    scores: Mapping[str, float] | None = None

    @property
    def key(self) -> str:
        """sha256 of what was said, not of when or in which run it was recorded: the same thing is recorded once."""
        said = [self.policy, self.version, self.hash, self.item, self.labeller, self.kind, self.outcome]
        more = [self.label, self.labelled_at, self.undoes, self.nth]
        return sha256(json.dumps(said + more).encode()).hexdigest()


@dataclass(frozen=True)
class Recorded:
    """An entry of the ledger; `seq` counts from 1."""

    key: str
    seq: int
    policy: str
    version: int
    hash: str
    item: str
    labeller: str
    kind: Kind
    outcome: Outcome
    label: str | None
    reason: str
    labelled_at: str | None
    recorded_at: str
    run: str
    undoes: str | None
    scores: Mapping[str, float] | None


def append_entries(connection: Connection, entries: Sequence[Entry]) -> int:
    """Add entries in the open write transaction, those left out whose key is there already; returns how many.

    Fits `record` of `tools.state.effect`: labels that were paid for and the mark that they were stand together.
    """
    if not entries:
        return 0
    sql = _statements()
    if connection.dialect.name == "postgresql":
        connection.execute(sql.lock)
    by_key = {entry.key: entry for entry in entries}
    known = _known_keys(connection, list(by_key))
    seq = connection.execute(sql.newest).scalar_one()
    at = now_text()
    rows = [
        {
            "key": key,
            "seq": seq + i,
            "policy": entry.policy,
            "version": entry.version,
            "hash": entry.hash,
            "item": entry.item,
            "labeller": entry.labeller,
            "kind": entry.kind,
            "outcome": entry.outcome,
            "label": entry.label,
            "reason": entry.reason,
            "labelled_at": entry.labelled_at,
            "recorded_at": at,
            "run": entry.run,
            "undoes": entry.undoes,
            "scores": None if entry.scores is None else json.dumps(dict(entry.scores)),
        }
        for i, (key, entry) in enumerate(((k, e) for k, e in by_key.items() if k not in known), start=1)
    ]
    if rows:
        connection.execute(sql.add, rows)
    return len(rows)


def read_entries(
    state: State, *, policy: str | None = None, version: int | None = None, run: str | None = None
) -> list[Recorded]:
    """All entries in the order recorded, of one policy and version, or one run, when named."""
    with state.snapshot() as connection:
        return read_entries_in(connection, policy=policy, version=version, run=run)


def read_entries_in(
    connection: Connection,
    *,
    policy: str | None = None,
    version: int | None = None,
    labeller: str | None = None,
    run: str | None = None,
) -> list[Recorded]:
    """As `read_entries`, in a transaction of the caller; of one labeller when named."""
    from tools.state.tables import labels  # start-up

    statement = labels.select().order_by(labels.c.seq)
    if policy is not None:
        statement = statement.where(labels.c.policy == policy)
    if version is not None:
        statement = statement.where(labels.c.version == version)
    if labeller is not None:
        statement = statement.where(labels.c.labeller == labeller)
    if run is not None:
        statement = statement.where(labels.c.run == run)
    return [_recorded(dict(row._mapping)) for row in connection.execute(statement)]


def current_entries(entries: Iterable[Recorded]) -> list[Recorded]:
    """What stands: each labeller's last entry for an item under a version, without undos and what they undo.

    The last one by the time it was given where that is known, else by the time it was recorded.
    """
    entries = list(entries)
    undone = {entry.undoes for entry in entries}
    last: dict[tuple[str, int, str, str], Recorded] = {}
    for entry in entries:
        if entry.outcome == "undo" or entry.key in undone:
            continue
        place = (entry.policy, entry.version, entry.item, entry.labeller)
        if place not in last or _when(entry) >= _when(last[place]):
            last[place] = entry
    return sorted(last.values(), key=lambda entry: entry.seq)


def refuse_changed_policy(connection: Connection, policy: Policy) -> None:
    """Raise when the ledger knows this version of the policy with another text."""
    from sqlalchemy import select  # start-up

    from tools.state.tables import labels

    statement = select(labels.c.hash).where(labels.c.policy == policy.id, labels.c.version == policy.version).distinct()
    known = set(connection.execute(statement).scalars())
    if known - {policy.hash}:
        raise policy_changed(policy, sorted(known - {policy.hash})[0])


def policy_changed(policy: Policy, known: str) -> InvalidInput:
    """The policy's file is not the one that earlier labels, or the draw, stood under."""
    return InvalidInput(
        f"The policy {policy.id!r} was edited without a new version: version {policy.version} has the hash "
        f"{policy.hash[:12]}, labels or the draw have {known[:12]}.",
        code="policy_changed",
        value=policy.hash,
        allowed=[known],
        hint=f"Raise version in {policy.path.name}, or put the text back as it was. Nothing was recorded.",
        where=policy.path.name,
    )


def now_text() -> str:
    """Now, as the ledger writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _recorded(row: dict[str, Any]) -> Recorded:
    scores = row.pop("scores")
    return Recorded(**row, scores=None if scores is None else json.loads(scores))


def _when(entry: Recorded) -> tuple[str, int]:
    return (entry.labelled_at or entry.recorded_at, entry.seq)


def _known_keys(connection: Connection, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        found.update(connection.execute(_statements().known, {"keys": chunk}).scalars())
    return found


@dataclass(frozen=True)
class _Statements:
    lock: TextClause
    newest: Select[int]
    known: Select[str]
    add: Insert


@cache
def _statements() -> _Statements:
    """Built once: building a statement takes longer than running it."""
    from sqlalchemy import bindparam, func, select, text  # start-up

    from tools.state.tables import labels

    return _Statements(
        lock=text("lock table labels in exclusive mode"),
        newest=select(func.coalesce(func.max(labels.c.seq), 0)),
        known=select(labels.c.key).where(labels.c.key.in_(bindparam("keys", expanding=True))),
        add=labels.insert(),
    )
