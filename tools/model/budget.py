"""Money and calls of one scope, such as a run or a question: held before a call, settled after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from tools.errors import Declined
from tools.model.prices import Prices, cost_usd
from tools.model.protocol import TokenUsage
from tools.state import State
from tools.state.claims import lock_keys

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause, Select, Update

ROUNDING_USD = 1e-12
COULD_NOT_TELL = '"outcome_unknown"'  # detail of a try that looked, could not tell, and sent nothing


@dataclass(frozen=True)
class Budget:
    """The most that all calls of a scope may cost together.

    Attributes:
        scope: names what the calls are for, such as `run:week-12` or a question's id.
        cost_usd: None for no cap.
        model_calls: attempts that may have been carried out; None for no cap.
    """

    scope: str
    cost_usd: float | None = None
    model_calls: int | None = None


@dataclass(frozen=True)
class Spent:
    """What the calls of a scope came to.

    Attributes:
        cost_usd: of the calls that are recorded; None when a price is not known.
        held_usd: the most that attempts without a recorded answer may have cost besides; None likewise.
        calls: attempts that were, or may have been, carried out.
        input_tokens, output_tokens: as the endpoint counted them.
        maybe_billed_twice: attempts whose outcome nobody can tell although their call was made again.
    """

    cost_usd: float | None
    held_usd: float | None
    calls: int
    input_tokens: int
    output_tokens: int
    maybe_billed_twice: int


@dataclass(frozen=True)
class Hold:
    """The most that one try can cost; None where a price is not known."""

    key: str
    token: int
    usd: float | None


@dataclass(frozen=True)
class Settlement:
    """What the recorded try of a call cost: the tokens that the endpoint counted."""

    key: str
    token: int
    usage: TokenUsage


def hold(
    connection: Connection, budget: Budget, *, key: str, token: int, model: str, most: TokenUsage, prices: Prices | None
) -> None:
    """Hold the most that this try can cost, in the open write transaction; fits `hold` of `tools.state.effect`.

    Raises:
        Declined: `too_expensive`, with the rule `cost_usd` or `model_calls`; nothing may be sent.
    """
    lock_keys(connection, [f"budget:{budget.scope}"])
    usd = None if prices is None else cost_usd(most, prices)
    hold_in(connection, [Hold(key, token, usd)], scope=budget.scope, model=model)
    if budget.cost_usd is not None or budget.model_calls is not None:
        refuse_overspent(budget, spent_in(connection, budget.scope), usd or 0.0)


def hold_in(connection: Connection, holds: Sequence[Hold], *, scope: str, model: str) -> None:
    """Write down what several tries may cost, for a caller that keeps to the budget itself."""
    from tools.state.tables import model_calls  # start-up

    same = {"scope": scope, "model": model}
    connection.execute(
        model_calls.insert(), [{"key": each.key, "token": each.token, "held_usd": each.usd, **same} for each in holds]
    )


def refuse_overspent(budget: Budget, spent: Spent, held_usd: float) -> None:
    """Raise Declined when what is spent and held, the newest hold of `held_usd` included, is more than the budget."""
    if budget.model_calls is not None and spent.calls > budget.model_calls:
        raise Declined(
            f"The budget of {budget.model_calls:,} model calls is used up.",
            reason="too_expensive",
            rule="model_calls",
            value=budget.model_calls,
            hint="Raise limits.model_calls, or ask for less.",
        )
    after = (spent.cost_usd or 0.0) + (spent.held_usd or 0.0)
    if budget.cost_usd is not None and after > budget.cost_usd + ROUNDING_USD:
        raise Declined(
            f"The next model call may cost up to ${held_usd:.4f}; ${after - held_usd:.4f} of the budget of "
            f"${budget.cost_usd:.2f} are spent or held.",
            reason="too_expensive",
            rule="cost_usd",
            value=budget.cost_usd,
            hint="Raise the budget, or ask for less.",
        )


def settle(connection: Connection, settled: Sequence[Settlement], prices: Prices | None) -> None:
    """Replace what was held by what the answers cost. One that the endpoint did not count costs what was held."""
    rows = [
        {
            "ours": each.key,
            "our_token": each.token,
            "counted": int(each.usage.input_tokens > 0 or each.usage.output_tokens > 0),
            "cost": None if prices is None else cost_usd(each.usage, prices),
            "read": each.usage.input_tokens,
            "written": each.usage.output_tokens,
        }
        for each in settled
    ]
    connection.execute(_settle_statement(), rows)


@cache
def _settle_statement() -> Update:
    """Built once: building a statement takes longer than running it."""
    from sqlalchemy import bindparam, case  # start-up

    from tools.state.tables import model_calls

    ours = (model_calls.c.key == bindparam("ours")) & (model_calls.c.token == bindparam("our_token"))
    cost = case((bindparam("counted") == 1, bindparam("cost")), else_=model_calls.c.held_usd)
    change = model_calls.update().where(ours)
    return change.values(cost_usd=cost, input_tokens=bindparam("read"), output_tokens=bindparam("written"))


def spent(state: State, scope: str) -> Spent:
    """What the calls of a scope came to."""
    with state.snapshot() as connection:
        return spent_in(connection, scope)


def spent_in(connection: Connection, scope: str) -> Spent:
    """As `spent`, in a transaction of the caller."""
    settled_sql, open_sql = _spent_statements()
    done = connection.execute(settled_sql, {"scope": scope}).one()
    open_ = connection.execute(open_sql, {"scope": scope}).one()
    return Spent(
        None if done.priced < done.calls else float(done.usd),
        None if open_.priced < open_.calls else float(open_.usd),
        done.calls + open_.calls,
        int(done.read),
        int(done.written),
        open_.repeated,
    )


@cache
def _spent_statements() -> tuple[Select[Any], Select[Any]]:
    """Of recorded attempts, and of the others that may have been carried out."""
    from sqlalchemy import bindparam, exists, func, select  # start-up

    from tools.state.tables import attempts, model_calls

    calls = model_calls.c
    ours, settled = calls.scope == bindparam("scope"), calls.input_tokens.is_not(None)
    recorded = select(
        func.count().label("calls"),
        func.count(calls.cost_usd).label("priced"),
        func.coalesce(func.sum(calls.cost_usd), 0.0).label("usd"),
        func.coalesce(func.sum(calls.input_tokens), 0).label("read"),
        func.coalesce(func.sum(calls.output_tokens), 0).label("written"),
    ).where(ours, settled)
    later = attempts.alias("later")
    again = exists().where(later.c.key == calls.key, later.c.token > calls.token, may_have_been_sent(later))
    others = (
        select(
            func.count().label("calls"),
            func.count(calls.held_usd).label("priced"),
            func.coalesce(func.sum(calls.held_usd), 0.0).label("usd"),
            func.count().filter(again).label("repeated"),
        )
        .select_from(model_calls.join(attempts, (attempts.c.key == calls.key) & (attempts.c.token == calls.token)))
        .where(ours, ~settled, may_have_been_sent(attempts))
    )
    return recorded, others


def may_have_been_sent(attempts: FromClause) -> ColumnElement[bool]:
    """Of a row of `attempts`: it did not end with the certainty that nothing left."""
    from sqlalchemy import and_, func  # start-up

    outcome = func.coalesce(attempts.c.outcome, "unknown")
    return and_(outcome != "not_sent", attempts.c.detail != COULD_NOT_TELL)
