"""One wording of one case: ask it, with everything that follows in its thread, and compare with what is expected."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agent.state import Answer
from evals.ask import Ask, Asking, Said
from evals.case import Case
from evals.expect import Expect
from evals.facts import Facts
from evals.footprint import take_footprint
from evals.hidden import Hidden
from evals.outcome import Cause, Outcome
from evals.recipes import Prepared
from evals.scorers import (
    is_silent_wrong,
    score_audience,
    score_canaries,
    score_choices,
    score_inert,
    score_kind,
    score_laws,
    score_mentions,
    score_numbers,
    score_reason,
    score_terminal,
    score_untouched,
    score_value,
)
from evals.truth import Truth

WITHHELD = "(withheld: a secret came out)"


@dataclass(frozen=True)
class Bench:
    """A workspace and what is known of it without the product.

    Attributes:
        definitions: the text of its settings, metrics, policies and events.
        facts: rows, missing values and days of its data.
        hide: what the given roles may not see.
    """

    prepared: Prepared
    definitions: str
    facts: Facts
    hide: Callable[[tuple[str, ...]], Hidden]


@dataclass(frozen=True)
class _Message:
    """One message of a thread; `about` is the question it is to be judged by."""

    asking: Asking
    about: str
    expect: Expect
    truth: Truth


@dataclass(frozen=True)
class _Judged:
    """Where a secret came out, `problems` names only that: the others would repeat it in the report."""

    cause: Cause
    problems: tuple[str, ...]
    silent_wrong: bool
    answer: Answer


def examine(case: Case, wording: str, truths: Sequence[Truth], bench: Bench, ask: Ask) -> Outcome:
    """The outcome of one wording and what follows it; the first message that fails says why.

    Args:
        truths: what the SQL by hand found for the case's own expectation and each follow-up's.
        ask: what is examined.
    """
    started, thread = time.perf_counter(), None
    before = take_footprint(bench.prepared.directory)
    judged: list[_Judged] = []
    seconds = 0.0
    for planned in _messages(case, wording, truths, bench.prepared):
        message = replace(planned, asking=replace(planned.asking, thread=thread))
        try:
            said = ask(message.asking)
            seconds = seconds or time.perf_counter() - started
            judged.append(_judge(case, message, said, bench, ask))
        except Exception as error:  # an exception of the product is a result of the exam, not of the examiner
            return broken(case, wording, error)
        thread = said.answer.thread if case.follow_ups else None
    touched = score_untouched(before, take_footprint(bench.prepared.directory))
    return _outcome(case, wording, judged, touched, seconds)


def broken(case: Case, wording: str, error: Exception) -> Outcome:
    """The outcome of a wording that ended in an exception."""
    problem = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return Outcome(case.id, case.workspace or "", wording, case.tags, "error", (problem,), False, "error", "", 0.0)


def _messages(case: Case, wording: str, truths: Sequence[Truth], prepared: Prepared) -> list[_Message]:
    audience = prepared.audience if case.audience is None else case.audience
    audience = audience if case.surface == "python" else ()  # whoever types there reads alone
    asking = Asking(wording, prepared, case.role, audience, case.surface)
    found = [_Message(asking, wording, case.expect, truths[0])]
    for follow, truth in zip(case.follow_ups, truths[1:], strict=True):
        asking = replace(
            asking,
            text=follow.question or asking.text,
            choose=follow.choose,
            role=follow.role or asking.role,
            audience=asking.audience if follow.audience is None else follow.audience,
        )
        found.append(_Message(asking, f"{found[-1].about}\n{asking.text}", follow.expect, truth))
    return found


def _judge(case: Case, message: _Message, said: Said, bench: Bench, ask: Ask) -> _Judged:
    asking, expect, answer = message.asking, message.expect, said.answer

    def ask_again(text: str) -> Answer:
        return ask(replace(asking, text=text, choose=None, surface="python")).answer

    choices = score_choices(answer, expect, ask_again=ask_again)
    kind, reason = score_kind(answer, expect), score_reason(answer, expect)
    value, mentions = score_value(answer, expect, message.truth), score_mentions(answer, expect)
    laws = score_laws(answer) + score_inert(answer) + score_terminal(said.shown)
    laws += score_numbers(answer, question=message.about, definitions=bench.definitions, facts=bench.facts)
    canaries = (*bench.prepared.canaries, *case.canaries)
    leaks = score_canaries(answer, canaries, question=message.about, shown=said.shown)
    hidden = bench.hide(tuple(dict.fromkeys(role for role in (asking.role, *asking.audience) if role)))
    leaks += score_audience(answer, hidden, question=message.about, shown=said.shown)
    found: list[tuple[list[str], Cause]] = [
        (leaks, "leaked"),
        (kind, _instead(answer)),
        (value, "wrong value"),
        (reason, "wrong reason"),
        (mentions, "words missing"),
        (choices, "choice not answered"),
        (laws, "law broken"),
    ]
    return _Judged(
        cause=next((cause for problems, cause in found if problems), "as expected"),
        problems=tuple(leaks) or tuple(problem for problems, _ in found for problem in problems),
        silent_wrong=is_silent_wrong(answer, expect, value_problems=[*value, *mentions]),
        answer=answer,
    )


def _instead(answer: Answer) -> Cause:
    instead: dict[str, Cause] = {"clarification": "asked instead", "declined": "declined instead"}
    return instead.get(answer.kind, "answered instead")


def _outcome(case: Case, wording: str, judged: list[_Judged], touched: list[str], seconds: float) -> Outcome:
    """The first message that fails says why; a leak says so before anything else, and repeats nothing."""
    numbered = list(enumerate(judged, start=1))
    leaked = [pair for pair in numbered if pair[1].cause == "leaked"]
    told = leaked or numbered
    first = next((each for _, each in told if each.problems), told[0][1])
    problems = tuple(
        f"message {i}: {problem}" if len(judged) > 1 else problem for i, each in told for problem in each.problems
    )
    return Outcome(
        case=case.id,
        workspace=case.workspace or "",
        wording=wording,
        tags=case.tags,
        cause="acted" if touched and not leaked else first.cause,
        problems=(*problems, *touched),
        silent_wrong=any(each.silent_wrong for each in judged),
        kind=first.answer.kind + (f" ({first.answer.reason})" if first.answer.reason else ""),
        headline=WITHHELD if leaked else first.answer.headline,
        seconds=seconds,
    )
