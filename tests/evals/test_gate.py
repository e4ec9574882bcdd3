"""The gate, on an answer function that says what the test tells it to: what blocks, what does not, what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent.state import Answer
from evals.baseline import read_baseline
from evals.gate import Gate, run_gate
from evals.gate_report import gate_to_json, gate_to_markdown, warnings_of
from tests.evals.scripted import answered, declined, figure, scripted
from tools.errors import InvalidInput, InvalidWorkspace

HEAD = "workspace: shop\ncases:\n"
COUNT = """
  - id: count
    question: orders?
    paraphrases: [how many orders]
    expect: {kind: answer, value: 1500, sql: select count(*) from orders}
    why: the plainest count
"""
FORECAST = """
  - id: forecast
    question: orders next year?
    expect: {kind: declined, reason: unsupported_cut}
    why: a forecast
"""
RIGHT = answered(figure(1500), said="1,500 orders.")
WRONG = answered(figure(1499), said="1,499 orders.")
GOOD = {"orders?": RIGHT, "how many orders": RIGHT, "orders next year?": declined("unsupported_cut")}


class Bench:
    """A folder with one case file and its baseline."""

    def __init__(self, folder: Path, kept: Path) -> None:
        self.cases, self.baseline, self.kept = folder / "cases.yml", folder / "baseline.json", kept

    def gate(
        self, answers: Mapping[str, Answer | Exception], text: str = COUNT + FORECAST, *, update: bool = False
    ) -> Gate:
        self.cases.write_text(HEAD + text, encoding="utf-8")
        ask = scripted(answers)
        return run_gate([self.cases], baseline=self.baseline, update=update, ask=ask, cache=self.kept)


@pytest.fixture
def bench(tmp_path: Path, kept: Path) -> Bench:
    made = Bench(tmp_path, kept)
    made.gate(GOOD, update=True)
    return made


def many(n: int) -> str:
    return "".join(
        COUNT.replace("count\n", f"count-{i}\n", 1).replace("orders?", f"orders {i}?") for i in range(n)
    ).replace("    paraphrases: [how many orders]\n", "")


def answers_to(n: int, *, wrong: int = 0) -> dict[str, Answer]:
    return {f"orders {i}?": WRONG if i < wrong else RIGHT for i in range(n)}


@pytest.mark.parametrize("planted", [WRONG, declined("no_data"), KeyError("orders")])
def test_a_planted_regression_blocks(bench: Bench, planted: Answer | Exception) -> None:
    gate = bench.gate({**GOOD, "how many orders": planted})
    assert (gate.verdict, gate.exit_code) == ("block", 1)
    assert [(flip.case, flip.wording) for flip in gate.blocked] == [("count", "how many orders")]
    assert "how many orders" in gate_to_markdown(gate)


def test_one_regression_among_many_cases_blocks_though_others_were_mended(bench: Bench) -> None:
    bench.gate(answers_to(200, wrong=5), many(200), update=True)
    answers = {**answers_to(200), "orders 77?": WRONG}
    gate = bench.gate(answers, many(200))
    assert (gate.verdict, len(gate.blocked), len(gate.fixed)) == ("block", 1, 5)


def test_nothing_worse_passes_with_enough_cases_and_is_inconclusive_with_few(bench: Bench) -> None:
    few = bench.gate(GOOD)
    assert (few.verdict, few.exit_code, few.mdd) == ("inconclusive", 0, None)
    assert warnings_of(few)[0].startswith("inconclusive")
    bench.gate(answers_to(200), many(200), update=True)
    enough = bench.gate(answers_to(200), many(200))
    assert (enough.verdict, warnings_of(enough)) == ("pass", [])
    assert enough.mdd is not None
    assert enough.mdd < 0.05


def test_new_wordings_that_fail_are_named_and_do_not_block(bench: Bench) -> None:
    more = COUNT.replace("[how many orders]", "[how many orders, order tally]") + FORECAST
    more += FORECAST.replace("forecast", "sequel").replace("next year", "in 2099")
    gate = bench.gate({**GOOD, "orders in 2099?": WRONG}, more)
    assert gate.exit_code == 0
    assert [(flip.case, flip.silent_wrong) for flip in gate.new_failing] == [("count", False), ("sequel", True)]
    assert any("2 new wordings fail, 1 of them silently wrong" in line for line in warnings_of(gate))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (COUNT, "forecast: removed"),
        (COUNT.replace("[how many orders]", "[number of orders]") + FORECAST, "count: 1 wording removed or changed"),
        (COUNT.replace("sql: select", "tolerance: 0.05, sql: select") + FORECAST, "count: expects something else now"),
        (COUNT + FORECAST.replace("unsupported_cut", "no_data"), "forecast: expects something else now"),
        (COUNT + FORECAST + "    role: viewer\n", "forecast: expects something else now"),
    ],
)
def test_a_baseline_of_another_suite_is_refused_with_the_difference(bench: Bench, text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        bench.gate(GOOD, text)
    assert (caught.value.exit_code, caught.value.code) == (2, "another_suite")
    assert bench.gate(GOOD, text, update=True).updated
    assert bench.gate(GOOD, text).exit_code == 0


def test_words_for_people_are_no_other_suite(bench: Bench) -> None:
    assert bench.gate(GOOD, COUNT.replace("the plainest count", "as plain as can be") + FORECAST).blocked == ()


def test_no_cases_is_an_error(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput) as caught:
        run_gate([tmp_path / "empty"], baseline=bench.baseline)
    assert (caught.value.exit_code, caught.value.code) == (2, "no_cases")


def test_a_case_with_an_error_is_named_with_its_line(bench: Bench) -> None:
    with pytest.raises(InvalidWorkspace, match=r"cases\.yml:\d+: .*reason"):
        bench.gate(GOOD, COUNT + FORECAST.replace("reason", "raeson"))
    with pytest.raises(InvalidInput, match=r"cases\.yml:4: count: the SQL by hand gives 1500") as caught:
        bench.gate(GOOD, COUNT.replace("1500", "1600") + FORECAST, update=True)
    assert caught.value.exit_code == 2


def test_a_baseline_that_is_absent_edited_or_no_baseline_is_refused(bench: Bench) -> None:
    text = bench.baseline.read_text(encoding="utf-8")
    for broken in (text.replace('"forecast"', '"sequel"'), "{}", "<<<<<<< ours\n" + text):
        bench.baseline.write_text(broken, encoding="utf-8")
        with pytest.raises(InvalidInput) as caught:
            bench.gate(GOOD)
        assert caught.value.code == "invalid_baseline"
    bench.baseline.unlink()
    with pytest.raises(InvalidInput, match="There is no baseline"):
        bench.gate(GOOD)


def test_the_baseline_is_the_same_in_every_run_and_holds_no_path_or_time(bench: Bench, tmp_path: Path) -> None:
    first = bench.baseline.read_bytes()
    bench.gate(GOOD, update=True)
    assert bench.baseline.read_bytes() == first
    assert str(tmp_path).encode() not in first
    assert b"seconds" not in first
    assert {len(case.wordings) for case in read_baseline(bench.baseline).cases.values()} == {1, 2}


def test_a_case_that_cannot_be_asked_keeps_its_result_and_does_not_block(bench: Bench, tmp_path: Path) -> None:
    absent = "  - {id: spam, workspace: sms_spam, question: q, expect: {kind: declined}, why: without data}\n"
    bench.cases.write_text(HEAD + COUNT + absent, encoding="utf-8")
    nowhere = tmp_path / "nowhere"
    with pytest.raises(InvalidInput, match="spam could not be asked"):
        run_gate(
            [bench.cases], baseline=bench.baseline, update=True, ask=scripted(GOOD), cache=bench.kept, data=nowhere
        )
    gate = run_gate([bench.cases], baseline=_with_spam(bench), ask=scripted(GOOD), cache=bench.kept, data=nowhere)
    assert gate.blocked == ()
    assert [left["case"] for left in gate_to_json(gate)["skipped"]] == ["spam"]


def _with_spam(bench: Bench) -> Path:
    from evals.baseline import make_baseline, write_baseline
    from evals.case import load_cases
    from evals.outcome import Outcome, Report
    from evals.recipes import read_recipes

    cases = load_cases([bench.cases])
    passed = [
        Outcome(c.id, c.workspace or "", w, c.tags, "as expected", (), False, "answer", "", 0.0)
        for c in cases
        for w in c.wordings
    ]
    write_baseline(make_baseline(Report(tuple(passed)), cases, read_recipes()), bench.baseline)
    return bench.baseline


def test_held_out_cases_block_without_being_told(bench: Bench) -> None:
    hidden = COUNT + "    tags: [heldout]\n"
    bench.gate(GOOD, hidden, update=True)
    gate = bench.gate({**GOOD, "orders?": WRONG}, hidden)
    assert gate.verdict == "block"
    for text in (gate_to_markdown(gate), json.dumps(gate_to_json(gate), default=str), bench.baseline.read_text()):
        assert "orders?" not in text
        assert '"count"' not in text


def test_the_document_has_the_keys_of_the_contract(bench: Bench) -> None:
    document = gate_to_json(bench.gate({**GOOD, "orders?": WRONG}))
    assert {"verdict", "blocked", "mdd", "suites"} <= set(document)
    assert document["suites"] == [{"name": "shop", "n": 3, "passed": 2, "failed": 1}]
