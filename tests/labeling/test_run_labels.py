"""A model labels drawn items: each once, within its budget, whatever the endpoint does."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.labeling.place import CANARY, HEADER, SPAM, build_place, edit_policy
from tools.access import Asker
from tools.errors import Declined, InvalidInput, TransectError
from tools.labeling import ModelLabeller, RunProgress, RunReport, find_policy, read_entries, run_labels
from tools.model import ModelError, ModelErrorKind, Prices, Reply, Request, Retries, ScriptedModel, TokenUsage
from tools.model.scripted import Step
from tools.state import open_state, verify_audit
from tools.workspace import Workspace

ANN = Asker("ann", ("analyst",))
PRICES = Prices(1.0, 10.0)
USAGE = TokenUsage(200, 10)  # 0.0002 + 0.0001 USD


def says(answer: Any) -> Reply:
    return Reply(text=answer if isinstance(answer, str) else json.dumps(answer), usage=USAGE, served_by="m-1")


SPAMMY, HAM, ABSTAIN = says({"label": "spam"}), says({"label": "ham"}), says({"label": "abstain"})
REFUSAL = Reply(refusal=f"I will not read {CANARY}", usage=USAGE)
PROSE = says(f"The item {CANARY} is spam.")


@dataclass
class Clock:
    """Time passes by waiting alone."""

    now: float = 0.0
    waited: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return build_place(tmp_path)


def label(
    workspace: Workspace,
    steps: Iterable[Step] | Callable[[Request], Reply],
    *,
    items: Iterable[str] = ("i0", "i1", "i2"),
    run: str = "r1",
    budget_usd: float | None = None,
    concurrency: int = 1,
    clock: Clock | None = None,
    prices: Prices | None = PRICES,
    retries: Retries = Retries(),  # noqa: B008
    policy_hash: str | None = None,
    progress: Callable[[RunProgress], None] = lambda _: None,
    model: ScriptedModel | None = None,
) -> RunReport:
    clock = clock or Clock()
    if callable(steps):
        answer = steps
        steps = (answer for _ in range(10_000))
    labeller = ModelLabeller(
        model or ScriptedModel(steps, name="small"),
        prices,
        concurrency=concurrency,
        retries=retries,
        clock=clock,
        wait=clock.wait,
    )
    return run_labels(
        list(items),
        policy=find_policy(workspace, "spam"),
        workspace=workspace,
        state=open_state(workspace),
        labeller=labeller,
        run=run,
        budget_usd=budget_usd,
        progress=progress,
        asker=ANN,
        policy_hash=policy_hash,
    )


def number(request: Request) -> str:
    """Of the item that is asked about, by its text."""
    return request.messages[1].content.split(f"{CANARY} text ")[1][0]


def ledger(workspace: Workspace) -> list[tuple[str, str, str | None]]:
    return [(e.item, e.outcome, e.label) for e in read_entries(open_state(workspace))]


def query(workspace: Workspace, sql: str) -> list[tuple[Any, ...]]:
    with open_state(workspace).snapshot() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_each_item_is_labelled_once_and_a_second_time_costs_nothing(workspace: Workspace) -> None:
    report = label(workspace, [SPAMMY, HAM, ABSTAIN])
    assert ledger(workspace) == [("i0", "label", "spam"), ("i1", "label", "ham"), ("i2", "abstain", None)]
    assert (report.labelled, report.abstained, report.left, report.added) == (2, 1, 0, 3)
    assert (report.calls, report.maybe_billed_twice, report.stopped) == (3, 0, None)
    assert report.cost_usd == pytest.approx(3 * 0.0003)
    assert report.labels == {"spam": 1, "ham": 1}
    again = label(workspace, [])
    assert (again.labelled, again.abstained, again.added, again.calls) == (2, 1, 0, 3)
    assert again.cost_usd == report.cost_usd
    entry = read_entries(open_state(workspace))[0]
    assert (entry.kind, entry.run, entry.labeller.startswith("small@")) == ("model", "r1", True)


def test_another_run_labels_anew(workspace: Workspace) -> None:
    label(workspace, [SPAMMY, HAM, ABSTAIN])
    assert label(workspace, [HAM] * 3, run="r2").added == 3
    assert len(ledger(workspace)) == 6


def test_a_refusal_is_an_outcome_of_its_own(workspace: Workspace) -> None:
    report = label(workspace, [REFUSAL, Reply(finish="content_filter", usage=USAGE), HAM])
    assert ledger(workspace) == [("i0", "refusal", None), ("i1", "refusal", None), ("i2", "label", "ham")]
    assert (report.refused, report.labelled, report.calls) == (2, 1, 3)


@pytest.mark.parametrize(
    "answer",
    [
        PROSE,
        says({"label": "maybe"}),
        says({"label": "Spam"}),
        says({"label": ["spam"]}),
        says({"label": "spam", "reason": CANARY}),
        says({}),
        says("[" * 9_000),
        Reply(text="", usage=USAGE),
    ],
)
def test_an_answer_outside_the_schema_is_asked_for_once_more_and_never_guessed(
    workspace: Workspace, answer: Reply
) -> None:
    said = {"0": [answer, HAM], "1": [answer, answer], "2": [SPAMMY]}
    report = label(workspace, lambda request: said[number(request)].pop(0))
    assert sorted(ledger(workspace)) == [("i0", "label", "ham"), ("i1", "failed", None), ("i2", "label", "spam")]
    assert (report.labelled, report.failed, report.calls, report.maybe_billed_twice) == (2, 1, 5, 0)
    assert report.cost_usd == pytest.approx(5 * 0.0003)  # all five were paid for
    assert label(workspace, []).added == 0


def test_the_budget_is_never_exceeded_and_a_larger_one_goes_on(workspace: Workspace) -> None:
    most = most_usd(workspace)
    report = label(workspace, [SPAMMY] * 3, budget_usd=2 * 0.0003 + most - 1e-9)
    assert (report.labelled, report.left, report.stopped, report.calls) == (2, 1, "budget", 2)
    assert report.cost_usd == pytest.approx(0.0006)
    assert report.left_usd == pytest.approx(0.0003)
    assert "--budget" in report.hint
    assert label(workspace, [], budget_usd=0.0006).stopped == "budget"
    done = label(workspace, [HAM], budget_usd=2 * 0.0003 + most)
    assert (done.labelled, done.left, done.stopped, done.added) == (3, 0, None, 1)


def most_usd(workspace: Workspace) -> float:
    """What one call may cost at most: a token for each byte of the prompt, and all that may be written."""
    model = ScriptedModel([SPAMMY])
    label(workspace, [], items=["i0"], run="probe", model=model)
    (request,) = model.requests
    assert request.response is not None
    size = sum(len(message.content.encode()) + 16 for message in request.messages)
    size += len(json.dumps(request.response.schema))
    return (size * PRICES.input_usd_per_million + 100 * PRICES.output_usd_per_million) / 1e6


def test_many_at_once_keep_to_the_budget(workspace: Workspace) -> None:
    most = most_usd(workspace)
    items = [f"i{i}" for i in range(5)]
    report = label(workspace, lambda _: SPAMMY, items=items, budget_usd=most + 3 * 0.0003, concurrency=4)
    assert report.stopped == "budget"
    assert report.cost_usd is not None
    assert report.cost_usd + (report.held_usd or 0) <= most + 3 * 0.0003
    assert report.labelled == 4
    assert report.left == 1


def test_a_cap_needs_prices(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput) as raised:
        label(workspace, [SPAMMY] * 3, budget_usd=1.0, prices=None)
    assert raised.value.code == "unknown_price"
    report = label(workspace, [SPAMMY] * 3, prices=None)
    assert (report.labelled, report.cost_usd, report.left_usd) == (3, None, None)


def failure(kind: ModelErrorKind, *, sent: bool, retry_after: float | None = None) -> ModelError:
    return ModelError("No.", kind=kind, sent=sent, retry_after_seconds=retry_after)


def test_an_endpoint_that_says_429_is_waited_for(workspace: Workspace) -> None:
    clock = Clock()
    busy = failure("rate_limited", sent=False, retry_after=9.0)
    report = label(workspace, [busy, busy, SPAMMY, HAM, HAM], clock=clock)
    assert (report.labelled, report.calls, report.maybe_billed_twice) == (3, 3, 0)
    assert clock.waited == [9.0, 9.0]  # nothing else is sent meanwhile
    outcomes = query(workspace, "select outcome, count(*) from attempts where key like 'label:%' group by 1 order by 1")
    assert outcomes == [("not_sent", 2), ("sent", 3)]


def test_an_endpoint_that_hangs_ends_the_sitting_and_nothing_is_lost(workspace: Workspace) -> None:
    silent = failure("timeout", sent=True)
    items = [f"i{i}" for i in range(5)]
    report = label(workspace, [SPAMMY, *[silent] * 99], items=items)
    assert (report.labelled, report.left, report.stopped) == (1, 4, None)
    assert report.errors == {"model_timeout": 4}
    assert (report.calls, report.maybe_billed_twice) == (1 + 8, 4)  # each was made again once
    later = label(workspace, [HAM] * 4, items=items)
    assert (later.labelled, later.added, later.maybe_billed_twice) == (5, 4, 8)


def test_where_no_item_gets_an_answer_the_sitting_ends(tmp_path: Path) -> None:
    workspace = build_place(tmp_path, items=20)
    items = [f"i{i}" for i in range(20)]
    down = failure("unreachable", sent=False)
    report = label(workspace, [down] * 999, items=items, retries=Retries(attempts=2))
    assert (report.stopped, report.left) == ("endpoint", 20)
    assert 5 <= report.errors["model_unreachable"] <= 6  # the one that was on its way when the fifth failed
    assert (report.calls, report.cost_usd) == (0, 0.0)
    assert label(workspace, [HAM] * 20, items=items).labelled == 20


def test_a_key_that_is_not_accepted_ends_the_sitting_at_once(workspace: Workspace) -> None:
    report = label(workspace, [failure("not_permitted", sent=False)])
    assert (report.stopped, report.left, report.message) == ("endpoint", 3, "No.")


def test_no_repeat_where_none_is_wanted(workspace: Workspace) -> None:
    never = Retries(repeats=0)
    silent = failure("timeout", sent=True)
    report = label(workspace, [silent, SPAMMY, HAM], retries=never)
    assert (report.labelled, report.left) == (2, 1)
    report = label(workspace, [HAM], retries=never)
    assert (report.left, report.errors, report.calls) == (1, {"outcome_unknown": 1}, 3)
    assert report.maybe_billed_twice == 0
    assert label(workspace, [HAM]).labelled == 3


def test_a_fault_of_ours_is_raised_after_what_was_paid_for_is_recorded(workspace: Workspace) -> None:
    def broken(_: Request) -> Reply:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        label(workspace, [SPAMMY, broken, HAM])
    assert ledger(workspace) == [("i0", "label", "spam"), ("i2", "label", "ham")]
    assert label(workspace, [HAM]).labelled == 3


def test_ctrl_c_keeps_what_is_under_way(workspace: Workspace) -> None:
    interrupted = threading.Event()

    def progress(now: RunProgress) -> None:
        if now.done == 2 and not interrupted.is_set():
            interrupted.set()
            raise KeyboardInterrupt

    report = label(workspace, [SPAMMY, HAM, SPAMMY], progress=progress)
    assert report.stopped == "interrupted"
    assert report.labelled + report.left == 3
    assert report.labelled >= 2
    assert report.maybe_billed_twice == 0
    done = label(workspace, [SPAMMY] * report.left)
    assert (done.labelled, done.maybe_billed_twice) == (3, 0)


def test_progress_ends_at_the_end(workspace: Workspace) -> None:
    seen: list[RunProgress] = []
    label(workspace, [SPAMMY] * 2, items=["i0", "i1"])
    label(workspace, [HAM], progress=seen.append)
    assert seen == [RunProgress(2, 3), RunProgress(3, 3)]


def test_unknown_items_are_named_before_anything_is_asked(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput) as raised:
        label(workspace, [], items=["i0", "x9"])
    assert (raised.value.code, raised.value.value) == ("no_such_item", "x9")
    with pytest.raises(InvalidInput) as raised:
        label(workspace, [], items=[])
    assert raised.value.code == "no_items"


def test_a_sealed_policy_is_read_by_no_machine(tmp_path: Path) -> None:
    workspace = build_place(tmp_path, policy=SPAM.replace(HEADER, HEADER.replace("owner", "sealed: true\nowner")))
    with pytest.raises(Declined) as raised:
        label(workspace, [])
    assert raised.value.rule == "sealed_policy"


def test_a_policy_edited_since_the_draw_or_in_the_middle(workspace: Workspace) -> None:
    drawn = find_policy(workspace, "spam").hash
    assert label(workspace, [SPAMMY], items=["i0"], policy_hash=drawn[:8]).labelled == 1
    edit_policy(workspace, "Unasked for.", "Anything.")
    for policy_hash in (drawn, None):
        with pytest.raises(InvalidInput) as raised:
            label(workspace, [], policy_hash=policy_hash)
        assert raised.value.code == "policy_changed"
    edit_policy(workspace, "version: 1", "version: 2")
    with pytest.raises(InvalidInput) as raised:
        label(workspace, [])
    assert (raised.value.code, raised.value.allowed) == ("run_changed", ["1"])
    assert label(workspace, [HAM] * 3, run="r2").labelled == 3


def test_a_run_keeps_its_labeller(workspace: Workspace) -> None:
    label(workspace, [SPAMMY], items=["i0"])
    with pytest.raises(InvalidInput) as raised:
        label(workspace, [], model=ScriptedModel([], name="other"))
    assert raised.value.code == "run_changed"


@pytest.mark.parametrize("run", ["", "a b", "a:b", "../x", "x" * 101])
def test_a_run_has_a_plain_name(workspace: Workspace, run: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        label(workspace, [], run=run)
    assert raised.value.code == "usage"


def test_a_second_process_at_the_same_run_is_told_so(workspace: Workspace) -> None:
    inside: list[TransectError] = []

    def answer(_: Request) -> Reply:
        with pytest.raises(TransectError) as raised:
            label(workspace, [])
        inside.append(raised.value)
        return SPAMMY

    assert label(workspace, [answer, HAM, HAM]).labelled == 3
    assert [error.code for error in inside] == ["effect_busy"]


def test_the_text_is_in_the_prompt_between_fences_and_nowhere_else(workspace: Workspace) -> None:
    model = ScriptedModel([PROSE, PROSE, REFUSAL, SPAMMY])
    label(workspace, [], model=model)
    asked = model.requests[0].messages
    assert CANARY not in asked[0].content
    before, item, after = asked[1].content.split("=====item ")
    fence = item.splitlines()[0]
    assert before == ""
    assert item.splitlines()[1] == f"{CANARY} text 0"
    assert after.splitlines()[0] == fence
    kept = [path for path in workspace.root.rglob("*") if path.is_file() and path.name != "content.duckdb"]
    assert any(path.name == "state.db" for path in kept)
    assert [path.name for path in kept if CANARY.encode() in path.read_bytes()] == []


def test_every_look_is_in_the_audit_chain_before_the_call(workspace: Workspace) -> None:
    looks: list[int] = []

    def answer(_: Request) -> Reply:
        looks.append(len(query(workspace, "select 1 from audit where action = 'reveal'")))
        return SPAMMY

    label(workspace, answer)
    assert looks == [1, 2, 3]
    details = [json.loads(row[0]) for row in query(workspace, "select detail from audit order by seq")]
    assert [each["item"] for each in details] == ["i0", "i1", "i2"]
    assert details[0]["reason"] == "label run r1: spam version 1"
    assert verify_audit(open_state(workspace)).ok


def test_many_items_many_threads_each_once(tmp_path: Path) -> None:
    workspace = build_place(tmp_path, items=200)
    asked: Counter[str] = Counter()
    lock = threading.Lock()

    def answer(request: Request) -> Reply:
        with lock:
            asked[request.idempotency_key] += 1
        return SPAMMY if request.messages[1].content.count("3") % 2 else HAM

    items = [f"i{i}" for i in range(200)]
    report = label(workspace, answer, items=[*items, *items], concurrency=8)
    assert (report.items, report.labelled, report.calls) == (200, 200, 200)
    assert set(asked.values()) == {1}
    assert len(asked) == 200
    assert [item for item, _, _ in sorted(ledger(workspace))] == sorted(items)
