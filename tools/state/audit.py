"""Who asked what and what was shown: an append-only chain of hashes."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from tools.access import Asker
from tools.state.store import State

if TYPE_CHECKING:
    from sqlalchemy import Connection

_START = "0" * 64
_FIELDS = ("seq", "at", "person", "surface", "action", "detail", "scheme", "previous")


@dataclass(frozen=True)
class AuditHead:
    """The newest line's place and hash; kept elsewhere, it shows later whether lines were cut off."""

    seq: int
    hash: str


@dataclass(frozen=True)
class AuditLine:
    """One line to add: what was done, by whom, and the rest as JSON, which is never item text."""

    action: str
    asker: Asker
    detail: dict[str, Any]


@dataclass(frozen=True)
class AuditReport:
    """What `verify_audit` found.

    Attributes:
        ok: every line is as it was written.
        lines: how many there are.
        head: the newest line.
        faults: the first broken line and why; empty when ok.
        notes: what this check could not show.
    """

    ok: bool
    lines: int
    head: AuditHead
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def append_audit(state: State, *, action: str, asker: Asker, detail: dict[str, Any]) -> AuditHead:
    """Add one line and return its place in the chain.

    Args:
        state: the store; its `audit_key` makes the chain proof against forgery, without it against accidents.
        action: what was done, such as `ask`, `sql`, `reveal`.
        asker: who, and from which surface.
        detail: JSON; never item text.
    """
    with state.transaction() as connection:
        return append_audit_in(connection, state, action=action, asker=asker, detail=detail)


def append_audit_in(
    connection: Connection, state: State, *, action: str, asker: Asker, detail: dict[str, Any]
) -> AuditHead:
    """As `append_audit`, inside a transaction of the caller: the line stands or falls with it."""
    return append_audits_in(connection, state, action=action, asker=asker, details=[detail])


def append_audits_in(
    connection: Connection, state: State, *, action: str, asker: Asker, details: Sequence[dict[str, Any]]
) -> AuditHead:
    """As `append_audit_in`, a line for each of `details`, one or more; the newest line's place is returned."""
    return append_lines_in(connection, state, [AuditLine(action, asker, detail) for detail in details])


def append_lines_in(connection: Connection, state: State, lines: Sequence[AuditLine]) -> AuditHead:
    """As `append_audits_in`, of different askers and actions."""
    from sqlalchemy import text  # start-up

    from tools.state.tables import audit, audit_head

    if connection.dialect.name == "postgresql":
        connection.execute(text("lock table audit in exclusive mode"))
    newest = connection.execute(text("select seq, hash from audit order by seq desc limit 1")).one_or_none()
    head = AuditHead(newest.seq, newest.hash) if newest else AuditHead(0, _START)
    rows: list[dict[str, Any]] = []
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    for line in lines:
        roles = {"roles": line.asker.roles, "audience": line.asker.audience_roles}
        row: dict[str, Any] = {
            "seq": head.seq + 1,
            "at": at,
            "person": line.asker.person,
            "surface": line.asker.surface,
            "action": line.action,
            "detail": json.dumps({**line.detail, **roles}, sort_keys=True),
            "scheme": "hmac-sha256" if state.audit_key else "sha256",
            "previous": head.hash,
        }
        row["hash"] = _hash(row, state.audit_key)
        rows.append(row)
        head = AuditHead(row["seq"], row["hash"])
    connection.execute(audit.insert(), rows)
    values = {"id": 1, "seq": head.seq, "hash": head.hash, "seal": _seal(head, state.audit_key)}
    if not connection.execute(audit_head.update(), values).rowcount:
        connection.execute(audit_head.insert(), values)
    return head


def verify_audit(state: State, *, head: AuditHead | None = None) -> AuditReport:
    """Recompute the whole chain.

    With a key, every line from the first keyed one on must carry a right HMAC. Without one only accidents show, and
    the report says so. Lines cut off the end show against the head that is kept with the chain; whoever can put the
    whole store back to an earlier copy is found only against a `head` that was kept elsewhere.
    """
    from tools.state.tables import audit, audit_head  # start-up

    faults: list[str] = []
    previous, seq, keyed, head_seen = _START, 0, False, head is None
    with state.snapshot() as connection:
        for row in connection.execute(audit.select().order_by(audit.c.seq)):
            line = dict(row._mapping)
            seq += 1
            fault = _fault(line, seq, previous, keyed, state.audit_key)
            if fault:
                faults.append(fault)
                break
            keyed = keyed or line["scheme"] == "hmac-sha256"
            previous = line["hash"]
            head_seen = head_seen or (head is not None and (seq, previous) == (head.seq, head.hash))
        kept = connection.execute(audit_head.select()).one_or_none()
    if not faults:
        faults += _head_faults(kept, AuditHead(seq, previous), keyed, state.audit_key)
    if not faults and not head_seen and head is not None:
        faults.append(f"line {head.seq} with the kept hash is missing: lines were cut off or rewritten")
    notes: list[str] = []
    if state.audit_key is None:
        notes.append("no audit key is set: accidents show, forgery does not")
    elif seq and not keyed:
        faults.append("an audit key is set, but no line was written with it")
    if head is None:
        notes.append("no head was given: an earlier copy of the whole store would not show")
    return AuditReport(not faults, seq, AuditHead(seq, previous), tuple(faults), tuple(notes))


def _head_faults(kept: Any, newest: AuditHead, keyed: bool, key: bytes | None) -> list[str]:
    """Whether the chain ends where its own head says."""
    if kept is None:
        return [] if newest.seq == 0 else ["the head of the chain is missing"]
    if (kept.seq, kept.hash) != (newest.seq, newest.hash):
        return [f"the chain ends at line {newest.seq}, its head says line {kept.seq}: lines were cut off or rewritten"]
    head = AuditHead(kept.seq, kept.hash)
    if not kept.seal or (keyed and key is None):
        return []
    sealed = hmac.compare_digest(kept.seal, _seal(head, key if keyed else None)) or (
        not keyed and key is not None and hmac.compare_digest(kept.seal, _seal(head, key))
    )
    return [] if sealed else ["the head of the chain was changed after it was written"]


def _seal(head: AuditHead, key: bytes | None) -> str:
    """As a line's hash, over the place and hash of the newest line."""
    content = json.dumps(["head", head.seq, head.hash]).encode()
    return hmac.new(key, content, sha256).hexdigest() if key else sha256(content).hexdigest()


def _fault(line: dict[str, Any], seq: int, previous: str, keyed: bool, key: bytes | None) -> str:
    """Why the line cannot stand where it does; empty when it can."""
    if line["seq"] != seq:
        return f"line {seq} is missing"
    if line["previous"] != previous:
        return f"line {seq} does not follow the line before it"
    if line["scheme"] == "sha256" and keyed:
        return f"line {seq} was written without the key after keyed lines"
    if line["scheme"] == "hmac-sha256" and key is None:
        return f"line {seq} was written with a key that is not set here"
    if not hmac.compare_digest(line["hash"], _hash(line, key if line["scheme"] == "hmac-sha256" else None)):
        return f"line {seq} was changed after it was written"
    return ""


def _hash(line: dict[str, Any], key: bytes | None) -> str:
    """sha256, or HMAC-SHA256 with `key`, over the line's fields as a JSON list."""
    content = json.dumps([line[name] for name in _FIELDS], ensure_ascii=True).encode()
    return hmac.new(key, content, sha256).hexdigest() if key else sha256(content).hexdigest()
