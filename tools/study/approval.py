"""approval.json and signatures.json: people's yes to exactly one plan, and to exactly one draft."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Approval(_Part):
    """Who allowed the labels of the plan with this hash to cost up to `budget_usd`. It holds no time."""

    study: str
    plan_hash: str
    by: str
    budget_usd: float
    cost_usd: float


class Signature(_Part):
    """Who signed the draft whose two files have this hash."""

    by: str
    draft_hash: str
    plan_hash: str


class Signatures(_Part):
    """Everybody who signed, in the order in which they did."""

    study: str
    signatures: tuple[Signature, ...] = ()
