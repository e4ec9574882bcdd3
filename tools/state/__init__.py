"""Our own records: effects on the world, each once, and the audit chain. SQLAlchemy is imported on first use."""

from tools.state.audit import AuditHead, AuditReport, append_audit, append_audit_in, verify_audit
from tools.state.effect import (
    Attempt,
    EffectBusy,
    NothingSent,
    NotSent,
    OutcomeUnknown,
    Recorded,
    Sent,
    Unknown,
    effect,
)
from tools.state.read_head import read_head
from tools.state.store import State, open_state

__all__ = [
    "Attempt",
    "AuditHead",
    "AuditReport",
    "EffectBusy",
    "NotSent",
    "NothingSent",
    "OutcomeUnknown",
    "Recorded",
    "Sent",
    "State",
    "Unknown",
    "append_audit",
    "append_audit_in",
    "effect",
    "open_state",
    "read_head",
    "verify_audit",
]
