"""A model labels item after item: several calls under way, each reserved before it is sent and recorded once back.

One thread keeps the books, the others only wait for the endpoint. What comes back together is recorded together, in the
transaction that reserves what is sent next: few commits, and an answer waits for its own at most `GATHER_SECONDS`.
"""

from __future__ import annotations

import heapq
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from tools.errors import TransectError
from tools.labeling.item_texts import ItemTexts
from tools.labeling.label_books import Books, Claimed, Sitting
from tools.labeling.label_request import Judgement, kept_judgement
from tools.labeling.model_workers import Back, Task, Workers
from tools.labeling.run_report import Ended, Stopped
from tools.model import Budget, ModelError, Reply, Spent
from tools.model.budget import ROUNDING_USD
from tools.model.call import idempotency_key
from tools.model.prices import cost_usd
from tools.model.retries import is_unanswered
from tools.model.stored_reply import reply_from_json
from tools.state import OutcomeUnknown, Recorded
from tools.state.claims import Claim

GATHER_SECONDS = 0.02
MOST_FAILURES = 5  # items in a row without an answer: the endpoint is not there for us


def label_with_model(
    items: Sequence[str],
    *,
    sitting: Sitting,
    texts: ItemTexts,
    budget: Budget,
    spent: Spent,
    progress: Callable[[int], None],
) -> Ended:
    """Label items that the run has no entry of. Everything that came back is in the ledger when this returns.

    Args:
        items: each once, in the order to ask.
        sitting: who labels, under what, for which run.
        texts: where the items' texts are.
        budget, spent: the run's cap in USD, and what it has spent so far.
        progress: told how many of `items` have an entry, each time that grows.

    Raises:
        InvalidInput: `policy_changed`.
        KeyboardInterrupt: Ctrl-C a second time; what is under way then counts as of unknown outcome.
    """
    return _Line(sitting, texts, budget, spent, progress).label(items)


class _Line:
    """Where each item of a sitting is: waiting, paused until later, or sent."""

    def __init__(
        self, sitting: Sitting, texts: ItemTexts, budget: Budget, spent: Spent, progress: Callable[[int], None]
    ) -> None:
        self._sitting, self._labeller, self._prompt = sitting, sitting.labeller, sitting.prompt
        self._texts, self._budget, self._progress = texts, budget, progress
        self._books = Books(sitting)
        self._workers = Workers(self._labeller.model, self._labeller.concurrency)
        self._committed_usd = (spent.cost_usd or 0.0) + (spent.held_usd or 0.0)
        self._waiting: deque[Task] = deque()
        self._later: list[tuple[float, int, Task]] = []
        self._sent: dict[str, Task] = {}
        self._not_before = 0.0  # an endpoint that is busy or away is left alone by the whole line
        self._done, self._failures_in_a_row = 0, 0
        self._errors: Counter[str] = Counter()
        self._stopped: Stopped | None = None
        self._why: TransectError | None = None
        self._bug: BaseException | None = None

    def label(self, items: Sequence[str]) -> Ended:
        self._waiting.extend(self._task(item) for item in items)
        try:
            while self._sent or (self._stopped is None and (self._waiting or self._later)):
                self._turn()
                self._gather()
        except KeyboardInterrupt:
            self._stopped = "interrupted"
            self._bring_home()
        finally:
            self._workers.close()
        if self._bug is not None:
            raise self._bug
        message, hint = ("", "") if self._why is None else (self._why.message, self._why.hint)
        return Ended(self._stopped, message, hint, dict(self._errors))

    def _bring_home(self) -> None:
        """After Ctrl-C: calls under way are paid for, so their answers are waited for; a second Ctrl-C leaves them."""
        self._books.forget_unsent(list(self._sent))
        while self._sent:
            self._gather()
            self._turn()

    def _turn(self) -> None:
        """Write down what is back, reserve what is next, send it."""
        back = tuple(self._workers.back)
        self._brake(back)
        tasks = self._affordable(self._next(len(back)), back)
        if not back and not tasks:
            return
        claimed = self._books.turn(back, tasks)
        for each in back:
            self._settle(each)
            self._workers.back.popleft()
        self._send(claimed)
        if back:
            self._progress(self._done)

    def _brake(self, back: Sequence[Back]) -> None:
        """Before more is sent: leave an endpoint alone that is busy or away, and one that does not want us for good."""
        for each in back:
            error = each.outcome
            if isinstance(error, ModelError) and not error.sent:
                pause = self._pause_after(each.task, error, made=each.task.made + 1, key=each.attempt.key)
                self._not_before = max(self._not_before, self._labeller.clock() + (pause or 0.0))
                if error.kind == "not_permitted" and self._stopped is None:
                    self._stopped, self._why = "endpoint", error

    def _next(self, back: int) -> list[Task]:
        """Tasks for the workers that have none."""
        if self._stopped is not None:
            return []
        now = self._labeller.clock()
        if now < self._not_before:
            return []
        while self._later and self._later[0][0] <= now:
            self._waiting.appendleft(heapq.heappop(self._later)[2])
        room = self._labeller.concurrency - len(self._sent) + back
        return [self._waiting.popleft() for _ in range(min(room, len(self._waiting)))]

    def _affordable(self, tasks: list[Task], back: Sequence[Back]) -> list[Task]:
        """Those whose cost the budget can hold; the rest waits. With nothing under way either, it is used up."""
        cap = self._budget.cost_usd
        if cap is None:
            return tasks
        committed = self._committed_usd + sum(self._change_usd(each) for each in back)
        chosen: list[Task] = []
        for task in tasks:
            if committed + (task.most_usd or 0.0) > cap + ROUNDING_USD:
                break
            committed += task.most_usd or 0.0
            chosen.append(task)
        self._waiting.extendleft(reversed(tasks[len(chosen) :]))
        if tasks and not chosen and len(self._sent) == len(back):
            self._stopped = "budget"
            self._why = TransectError(
                f"The next call may cost up to ${tasks[0].most_usd or 0.0:.4f}; ${committed:.4f} of the budget of "
                f"${cap:.2f} are spent or held.",
                hint="Run it again with a larger --budget: it goes on where it stopped.",
            )
        return chosen

    def _send(self, claimed: Sequence[Claimed]) -> None:
        found = self._texts.read([task.item for task, claim in claimed if isinstance(claim, Claim)])
        for task, claim in claimed:
            if isinstance(claim, Claim):
                attempt = claim.attempt
                task.begun = self._labeller.clock() if task.begun is None else task.begun
                self._committed_usd += task.most_usd or 0.0
                request = self._prompt.request(task.item, found[task.item])
                self._sent[attempt.key] = task
                self._workers.ask(task, attempt, replace(request, idempotency_key=idempotency_key(attempt.key)))
            elif isinstance(claim, Recorded):  # an earlier sitting had the answer
                self._judged(task, kept_judgement(reply_from_json(claim.result)))
            else:
                self._give_up("outcome_unknown", task.last)

    def _settle(self, back: Back) -> None:
        """After the commit: what the task's next step is."""
        task = self._sent.pop(back.attempt.key)
        self._committed_usd += self._change_usd(back)
        if isinstance(back.outcome, Reply):
            self._judged(task, self._prompt.judge(back.outcome))
        elif isinstance(back.outcome, ModelError):
            self._failed(task, back.outcome, back.attempt.key)
        else:  # a fault of ours: what is under way comes home, then it is raised
            self._bug = self._bug or back.outcome
            self._stopped = "endpoint"

    def _judged(self, task: Task, judgement: Judgement) -> None:
        self._failures_in_a_row = 0
        if judgement.outcome == "outside" and task.asking == 1:
            self._waiting.appendleft(self._task(task.item, asking=2))
        else:
            self._done += 1

    def _failed(self, task: Task, error: ModelError, key: str) -> None:
        """Try again after a pause, or leave the item for another sitting."""
        task.last = error
        task.made += 1
        pause = self._pause_after(task, error, made=task.made, key=key)
        if pause is None or (is_unanswered(error) and task.repeats_left <= 0):
            self._give_up(error.code, error)
        else:
            heapq.heappush(self._later, (self._labeller.clock() + pause, id(task), task))

    def _pause_after(self, task: Task, error: ModelError, *, made: int, key: str) -> float | None:
        now = self._labeller.clock()
        elapsed_seconds = now - (now if task.begun is None else task.begun)
        return self._labeller.retries.pause(error, made=made, elapsed_seconds=elapsed_seconds, key=key)

    def _give_up(self, code: str, error: ModelError | None) -> None:
        """Leave the item for another sitting; where no item gets an answer, this one ends."""
        self._errors[code] += 1
        self._failures_in_a_row += 1
        if self._stopped is None and self._failures_in_a_row >= MOST_FAILURES:
            self._stopped = "endpoint"
            self._why = error or OutcomeUnknown("It cannot be told what became of earlier calls, and none is repeated.")

    def _gather(self) -> None:
        """Wait until something is back, then a moment for what comes with it; or until a pause is over."""
        pause = self._pause()
        if not self._sent:
            if pause:
                self._labeller.wait(pause)
            return
        patience = pause if pause and len(self._sent) < self._labeller.concurrency else None
        back = self._workers.back
        while not back:
            if not self._workers.wait(patience):
                return
        until = time.monotonic() + GATHER_SECONDS
        while len(back) < len(self._sent) and (left := until - time.monotonic()) > 0:
            self._workers.wait(left)

    def _pause(self) -> float:
        """Seconds until the next task may be sent; 0 when one may be now, or none is to be."""
        if self._stopped is not None or not (self._waiting or self._later):
            return 0.0
        due = self._not_before if self._waiting else max(self._later[0][0], self._not_before)
        return max(due - self._labeller.clock(), 0.0)

    def _task(self, item: str, *, asking: int = 1) -> Task:
        prices = self._labeller.prices
        most = None if prices is None else cost_usd(self._prompt.most(self._texts.bytes[item]), prices)
        return Task(item, most, self._labeller.retries.repeats, asking)

    def _change_usd(self, back: Back) -> float:
        """What the end of an attempt changes in what is spent or held."""
        held = back.task.most_usd or 0.0
        if not isinstance(back.outcome, Reply):
            return 0.0 if back.may_be_billed else -held
        usage, prices = back.outcome.usage, self._labeller.prices
        counted = prices is not None and (usage.input_tokens or usage.output_tokens)
        return cost_usd(usage, prices) - held if prices is not None and counted else 0.0
