"""A model call is paid once, tried again within bounds, and every attempt has a row: a clock that no test waits for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import Connection, text

from tools.errors import Declined
from tools.model import (
    Budget,
    Message,
    ModelCall,
    ModelError,
    ModelErrorKind,
    Prices,
    Reply,
    Request,
    Retries,
    ScriptedModel,
    Spent,
    TokenUsage,
    call_model,
    spent,
)
from tools.model.call import RETRIES
from tools.model.scripted import Step
from tools.state import OutcomeUnknown, State

CANARY = "canary-90aa"
ASKED = Request(messages=(Message("user", f"Hello {CANARY}"),), max_output_tokens=10)
SAID = Reply(text="Hi.", usage=TokenUsage(1_000, 10), served_by="m-1", request_id="r")
PRICES = Prices(2.0, 50.0)  # 1,000 read and 10 written cost 0.002 + 0.0005
MOST = (len(ASKED.messages[0].content) + 16) * 2.0 / 1e6 + 10 * 50.0 / 1e6  # each byte a token, and some for the role
BUDGET = Budget("question:1")


@dataclass
class Clock:
    """Time passes by sleeping alone."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def failure(kind: ModelErrorKind, *, sent: bool, retry_after: float | None = None) -> ModelError:
    return ModelError("No.", kind=kind, sent=sent, retry_after_seconds=retry_after)


BUSY = failure("rate_limited", sent=False)
BROKEN = failure("server", sent=True)
SILENT = failure("timeout", sent=True)


def call(
    state: State,
    *steps: Step,
    key: str = "k",
    budget: Budget = BUDGET,
    clock: Clock | None = None,
    retries: Retries = RETRIES,
    prices: Prices | None = PRICES,
) -> ModelCall:
    clock = clock or Clock()
    model = ScriptedModel(steps)
    return call_model(
        state, key, model, ASKED, budget=budget, prices=prices, retries=retries, clock=clock, sleep=clock.sleep
    )


def attempts(state: State) -> list[tuple[str | None, str]]:
    with state.snapshot() as connection:
        return [tuple(row) for row in connection.execute(text("select outcome, detail from attempts order by token"))]


def test_a_recorded_call_is_never_made_again(state: State) -> None:
    first = call(state, SAID)
    assert first == ModelCall("k", SAID, 0.0025, attempts=1, replayed=False, maybe_billed_twice=0)
    again = call(state)  # the script is empty: asking would fail
    assert again == replace(first, attempts=0, replayed=True)
    assert spent(state, "question:1") == Spent(0.0025, 0.0, 1, 1_000, 10, 0)


def test_the_endpoint_gets_the_same_idempotency_key_each_time_and_not_ours(state: State) -> None:
    model = ScriptedModel([BUSY, SAID, SAID])
    call_model(state, "label:item42", model, ASKED, budget=BUDGET, prices=PRICES, sleep=lambda _: None)
    call_model(state, "label:item43", model, ASKED, budget=BUDGET, prices=PRICES, sleep=lambda _: None)
    keys = [each.idempotency_key for each in model.requests]
    assert keys[0] == keys[1] != keys[2]
    assert "item42" not in keys[0]


def test_attempts_that_did_no_work_are_made_again_and_cost_nothing(state: State) -> None:
    clock = Clock()
    found = call(state, BUSY, failure("unreachable", sent=False), failure("server", sent=False), SAID, clock=clock)
    assert (found.attempts, found.maybe_billed_twice) == (4, 0)
    assert [outcome for outcome, _ in attempts(state)] == ["not_sent", "not_sent", "not_sent", "sent"]
    assert [detail for _, detail in attempts(state)][:3] == [
        '"model_rate_limited"',
        '"model_unreachable"',
        '"model_server"',
    ]
    assert spent(state, "question:1") == Spent(0.0025, 0.0, 1, 1_000, 10, 0)
    for pause, longest in zip(clock.slept, (0.5, 1.0, 2.0), strict=True):
        assert longest / 2 <= pause <= longest


def test_the_endpoint_says_how_long_to_wait(state: State) -> None:
    clock = Clock()
    call(state, failure("rate_limited", sent=False, retry_after=17.0), SAID, clock=clock)
    assert clock.slept == [17.0]


def test_an_endpoint_that_asks_for_too_much_patience_is_left(state: State) -> None:
    clock = Clock()
    with pytest.raises(ModelError) as raised:
        call(state, failure("rate_limited", sent=False, retry_after=121.0), SAID, clock=clock)
    assert (raised.value.kind, clock.slept) == ("rate_limited", [])
    assert call(state, SAID).attempts == 1  # later is another time


@pytest.mark.parametrize("kind", ["bad_request", "not_permitted"])
def test_what_no_patience_mends_is_not_tried_again(state: State, kind: ModelErrorKind) -> None:
    clock = Clock()
    with pytest.raises(ModelError):
        call(state, failure(kind, sent=False), SAID, clock=clock)
    assert clock.slept == []
    assert attempts(state) == [("not_sent", f'"model_{kind}"')]


def test_attempts_are_bounded(state: State) -> None:
    clock = Clock()
    with pytest.raises(ModelError):
        call(state, *[BUSY] * 9, clock=clock, retries=Retries(attempts=3))
    assert len(attempts(state)) == 3
    with pytest.raises(ModelError):
        call(state, *[BUSY] * 99, clock=clock, key="k2", retries=Retries(attempts=99, total_seconds=20))
    assert clock.now < 30


def test_pauses_grow_to_a_limit_and_differ_by_key() -> None:
    retries = Retries(attempts=99, total_seconds=1e9)
    pauses = [retries.pause(BUSY, made=n, elapsed_seconds=0, key="k") or 0 for n in range(1, 20)]
    assert all(pause <= 30 for pause in pauses)
    assert min(pauses[8:]) >= 15
    assert retries.pause(BUSY, made=1, elapsed_seconds=0, key="k2") != pauses[0]


def test_an_answered_failure_is_tried_again_and_its_hold_stays(state: State) -> None:
    found = call(state, BROKEN, BROKEN, SAID)
    assert (found.attempts, found.maybe_billed_twice) == (3, 2)
    after = spent(state, "question:1")
    assert after == Spent(0.0025, after.held_usd, 3, 1_000, 10, 2)
    assert after.held_usd == pytest.approx(2 * MOST)


def test_an_unanswered_attempt_is_repeated_once_and_counted(state: State) -> None:
    found = call(state, SILENT, SAID)
    assert (found.attempts, found.maybe_billed_twice) == (2, 1)
    assert [outcome for outcome, _ in attempts(state)] == ["unknown", "sent"]


def test_a_second_unanswered_attempt_ends_the_call(state: State) -> None:
    with pytest.raises(ModelError) as raised:
        call(state, SILENT, SILENT, SAID)
    assert raised.value.kind == "timeout"
    assert len(attempts(state)) == 2
    later = call(state, SAID)  # asking for it again is asking for a repeat
    assert (later.attempts, later.maybe_billed_twice) == (1, 2)


def test_no_repeat_where_none_is_wanted(state: State) -> None:
    never = Retries(repeats=0)
    with pytest.raises(ModelError):
        call(state, SILENT, SAID, retries=never)
    with pytest.raises(OutcomeUnknown):
        call(state, SAID, retries=never)
    assert spent(state, "question:1").calls == 1  # the look that could not tell sent nothing
    assert call(state, SAID).maybe_billed_twice == 1


def test_a_cap_in_usd_is_held_before_anything_is_sent(state: State) -> None:
    budget = Budget("run:1", cost_usd=0.0025 + 1.5 * MOST)
    call(state, SAID, key="k1", budget=budget)
    small = Reply(text="Hi.", usage=TokenUsage(1, 1))
    call(state, small, key="k2", budget=budget)
    model = ScriptedModel([SAID])
    budget = Budget("run:1", cost_usd=0.0025 + MOST)
    with pytest.raises(Declined) as raised:
        call_model(state, "k3", model, ASKED, budget=budget, prices=PRICES)
    assert (raised.value.reason, raised.value.rule) == ("too_expensive", "cost_usd")
    assert model.requests == []
    with state.snapshot() as connection:
        assert connection.execute(text("select count(*) from effects where key = 'k3'")).scalar_one() == 0
    assert call(state, key="k1", budget=Budget("run:1", cost_usd=0.0)).replayed  # what is paid for is still there


def test_a_cap_on_calls_counts_what_may_have_been_carried_out(state: State) -> None:
    budget = Budget("question:1", model_calls=2)
    call(state, BUSY, BUSY, SAID, key="k1", budget=budget)
    call(state, SAID, key="k2", budget=budget)
    with pytest.raises(Declined) as raised:
        call(state, SAID, key="k3", budget=budget)
    assert (raised.value.reason, raised.value.rule, raised.value.value) == ("too_expensive", "model_calls", 2)
    call(state, SAID, key="k4", budget=Budget("question:2", model_calls=2))


def test_an_endpoint_that_does_not_count_costs_what_was_held(state: State) -> None:
    assert call(state, Reply(text="Hi.")).cost_usd == pytest.approx(MOST)


def test_an_unknown_price_is_an_unknown_cost(state: State) -> None:
    assert call(state, SAID, prices=None).cost_usd is None
    assert spent(state, "question:1") == Spent(None, 0.0, 1, 1_000, 10, 0)


def test_what_is_kept_is_what_comes_back_and_prompts_are_not_stored(state: State) -> None:
    recorded: list[str] = []

    def record(connection: Connection, reply: Reply) -> None:
        recorded.append(reply.text)

    found = call_model(
        state,
        "k",
        ScriptedModel([replace(SAID, text=f"I read {CANARY}")]),
        ASKED,
        budget=BUDGET,
        prices=PRICES,
        keep=lambda reply: replace(reply, text="kept"),
        record=record,
    )
    assert (found.reply.text, recorded) == ("kept", ["kept"])
    with state.snapshot() as connection:
        stored = connection.execute(text("select request, result from effects")).all()
        assert CANARY not in str(stored) + str(attempts(state))
    assert '"max_output_tokens": 10' in stored[0][0]


def test_the_caller_may_say_what_is_stored_of_a_request(state: State) -> None:
    call_model(state, "k", ScriptedModel([SAID]), ASKED, budget=BUDGET, prices=None, stored_request={"step": 3})
    with state.snapshot() as connection:
        assert connection.execute(text("select request from effects")).scalar_one() == '{"step": 3}'


def test_an_interruption_is_an_unanswered_attempt(state: State) -> None:
    def interrupted(_: Request) -> Reply:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(state, interrupted)
    assert call(state, SAID).maybe_billed_twice == 1
