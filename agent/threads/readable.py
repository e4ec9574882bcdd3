"""Which turns of a conversation an asker, and everyone who reads along, may see."""

from __future__ import annotations

from collections.abc import Sequence

from agent.threads.past_turn import PastTurn
from agent.threads.remember import access_hash
from tools.access import Allowed, Asker, Policy, Usage, decide


def readable(turns: Sequence[PastTurn], *, asker: Asker, policy: Policy) -> tuple[PastTurn, ...]:
    """The turns that may be shown, told to a model or referred to, decided anew for this asker and audience.

    A turn that answered a query may be seen by whoever may use all that the query used and whose cells need be no
    larger. Of any other turn (a definition, a clarification, a decline, SQL text) it is not known what it rests on: it
    may be seen in the roles, before the audience and under the access settings that it was answered for.
    """
    return tuple(turn for turn in turns if may_read(turn, asker=asker, policy=policy))


def may_read(turn: PastTurn, *, asker: Asker, policy: Policy) -> bool:
    """Whether this one may be seen."""
    if turn.tables is None or turn.columns is None:
        then = (sorted(turn.roles), sorted(turn.audience_roles), turn.access)
        return then == (sorted(asker.roles), sorted(asker.audience_roles), access_hash(policy))
    usage = Usage(tables=frozenset(turn.tables), columns=frozenset(turn.columns))
    allowed = decide(asker, usage, policy)
    return isinstance(allowed, Allowed) and allowed.min_cell <= turn.min_cell
