"""One call of a model, paid once: reserved, sent, recorded; tried again where that may help, a row an attempt."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from tools.model.budget import Budget, Settlement, hold, may_have_been_sent, settle
from tools.model.prices import Prices, most_usage
from tools.model.protocol import Model, ModelError, Reply, Request
from tools.model.retries import Retries, is_unanswered
from tools.model.stored_reply import describe_request, reply_from_json, reply_to_json
from tools.state import Attempt, NothingSent, NotSent, State, Unknown, effect

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, Connection, Select

Json = Any
LEASE_MARGIN_SECONDS = 30.0
RETRIES = Retries()


@dataclass(frozen=True)
class ModelCall:
    """A recorded call.

    Attributes:
        key: of the effect.
        reply: what was kept of the reply; the same whenever the key is asked for again.
        cost_usd: of the recorded attempt; None when a price is not known.
        attempts: made by this caller; 0 when the call was recorded before.
        replayed: whether it was.
        maybe_billed_twice: earlier attempts of this call that may have been carried out.
    """

    key: str
    reply: Reply
    cost_usd: float | None
    attempts: int
    replayed: bool
    maybe_billed_twice: int


def call_model(
    state: State,
    key: str,
    model: Model,
    request: Request,
    *,
    budget: Budget,
    prices: Prices | None,
    stored_request: Json = None,
    keep: Callable[[Reply], Reply] = lambda reply: reply,
    record: Callable[[Connection, Reply], None] | None = None,
    retries: Retries = RETRIES,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> ModelCall:
    """Ask a model once for ever: a call that is recorded is never made again, whatever died since.

    An attempt that failed before the model worked (no connection, 429, 503) is made again after a pause; so is one that
    the endpoint answered with another 5xx. One that left and was not answered, or whose process was killed, cannot be
    looked up with this interface: it is made again at most `retries.repeats` times by one caller, the earlier attempt
    keeps its hold on the budget and counts as `maybe_billed_twice`. With `repeats=0` it ends in OutcomeUnknown.

    Args:
        state: the store.
        key: names the call for ever, such as `answer:<id>:plan:1`.
        model: asked once an attempt.
        request: what is asked. Its idempotency key is set from `key` for endpoints that know such.
        budget: holds the most that an attempt can cost, and counts it, in the transaction that reserves it.
        prices: None when not known; a cap in USD needs them (`require_prices`).
        stored_request: JSON kept with the effect; None keeps the request's hash and shape, not its words.
        keep: what of a reply is stored and returned; a reply that may repeat an item's text must lose it here.
        record: runs in the transaction that marks the call recorded, with the kept reply.
        retries: the bounds of trying again.
        clock, sleep: seconds; given by tests.

    Raises:
        ModelError: no attempt gave a reply.
        OutcomeUnknown: an earlier attempt may have been carried out, and no repeat is allowed.
        Declined: the budget does not allow the next attempt.
        EffectBusy: another process is at this call.
    """
    attempt = _Attempts(model, request, budget, prices, keep, record, retries.repeats)
    lease_seconds = 2 * request.seconds + LEASE_MARGIN_SECONDS
    stored = describe_request(request, model=model.name) if stored_request is None else stored_request
    begun, made = clock(), 0
    while True:
        try:
            done = effect(
                state,
                key,
                reserve=lambda _: stored,
                hold=attempt.hold_for(key),
                send=attempt.send,
                look_up=attempt.look_up,
                record=attempt.record,
                lease_seconds=lease_seconds,
                wait_seconds=lease_seconds,
            )
        except (ModelError, NothingSent) as raised:
            error = raised.__cause__ if isinstance(raised, NothingSent) else raised
            if not isinstance(error, ModelError):
                raise
            made += 1
            pause = retries.pause(error, made=made, elapsed_seconds=clock() - begun, key=key)
            if pause is None or not attempt.may_follow(error):
                raise error from None
            sleep(pause)
            continue
        cost_usd, uncertain = _settled(state, key, done.token)
        return ModelCall(key, reply_from_json(done.result), cost_usd, attempt.sent, done.replayed, uncertain)


class _Attempts:
    """The attempts of one caller: what they share, and how the last one ended."""

    def __init__(
        self,
        model: Model,
        request: Request,
        budget: Budget,
        prices: Prices | None,
        keep: Callable[[Reply], Reply],
        record: Callable[[Connection, Reply], None] | None,
        repeats: int,
    ) -> None:
        self._model, self._request, self._most = model, request, most_usage(request)
        self._budget, self._prices = budget, prices
        self._keep, self._record = keep, record
        self._repeats_left = repeats
        self._last: ModelError | None = None
        self._key, self._token = "", 0
        self.sent = 0

    def hold_for(self, key: str) -> Callable[[Connection, int], None]:
        def _hold(connection: Connection, token: int) -> None:
            model = self._model.name
            hold(connection, self._budget, key=key, token=token, model=model, most=self._most, prices=self._prices)

        return _hold

    def send(self, attempt: Attempt) -> Json:
        self._key, self._token = attempt.key, attempt.token
        self.sent += 1
        try:
            reply = self._model.complete(replace(self._request, idempotency_key=idempotency_key(attempt.key)))
        except ModelError as error:
            self._last = error
            if error.sent:
                raise
            raise NothingSent from error
        return reply_to_json(self._keep(reply))

    def look_up(self, _: Attempt) -> NotSent | Unknown:
        """There is nothing to look at: whether to repeat is a rule."""
        if self._last is not None and not is_unanswered(self._last):
            return NotSent()
        if self._repeats_left > 0:
            self._repeats_left -= 1
            return NotSent()
        return Unknown("the endpoint cannot be asked what became of an earlier attempt, and it is not to be repeated.")

    def may_follow(self, error: ModelError) -> bool:
        """Whether another attempt is allowed after this one."""
        return not is_unanswered(error) or self._repeats_left > 0

    def record(self, connection: Connection, result: Json) -> None:
        reply = reply_from_json(result)
        settle(connection, [Settlement(self._key, self._token, reply.usage)], self._prices)
        if self._record is not None:
            self._record(connection, reply)


def idempotency_key(key: str) -> str:
    """A call's name for the endpoint, which need not learn what it is made of."""
    return sha256(key.encode()).hexdigest()[:32]


def _settled(state: State, key: str, token: int) -> tuple[float | None, int]:
    """What the recorded attempt cost, and how many others of the call may have been carried out."""
    with state.snapshot() as connection:
        found = connection.execute(_settled_statement(), {"this_key": key, "this_token": token}).one()
    return found.cost_usd, found.others


@cache
def _settled_statement() -> Select[Any]:
    from sqlalchemy import bindparam, func, select  # start-up

    from tools.state.tables import attempts, model_calls

    key: BindParameter[str] = bindparam("this_key")
    token: BindParameter[int] = bindparam("this_token")
    other = (attempts.c.key == key) & (attempts.c.token != token) & may_have_been_sent(attempts)
    cost_usd = select(model_calls.c.cost_usd).where(model_calls.c.key == key, model_calls.c.token == token)
    others = select(func.count()).select_from(attempts).where(other)
    return select(cost_usd.scalar_subquery().label("cost_usd"), others.scalar_subquery().label("others"))
