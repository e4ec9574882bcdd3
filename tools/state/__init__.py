"""Our own records: effects on the world, each once, and the audit chain. SQLAlchemy is imported on first use."""

from tools.state.append_together import append_together
from tools.state.attempt import (
    Attempt,
    EffectBusy,
    NothingSent,
    NotSent,
    OutcomeUnknown,
    Recorded,
    Sent,
    Unknown,
)
from tools.state.audit import (
    AuditHead,
    AuditLine,
    AuditReport,
    append_audit,
    append_audit_in,
    append_audits_in,
    verify_audit,
)
from tools.state.effect import effect
from tools.state.only_one import only_one
from tools.state.read_head import read_head
from tools.state.store import State, open_state

__all__ = [
    "Attempt",
    "AuditHead",
    "AuditLine",
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
    "append_audits_in",
    "append_together",
    "effect",
    "only_one",
    "open_state",
    "read_head",
    "verify_audit",
]
