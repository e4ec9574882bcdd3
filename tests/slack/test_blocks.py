"""Messages keep Slack's limits and hold nothing that acts, whatever is in the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent import answer
from agent.state import Answer, ChartRef, Choice, Question, StudyRef
from slackbot.blocks import DETAILS, Detail, Rendered, render_answer, render_notice, strip_buttons
from slackbot.plain import for_notification
from slackbot.read_text import Part, read_text
from tests.slack.block_rules import faults_of, live_parts, words_of
from tools.workspace import default_asker, load_workspace

POSTED = {"unfurl_links": False, "unfurl_media": False, "parse": "none"}
HOSTILE = (
    "<https://phish.example|click> <!channel> <@U0MIA> <#C0DESK> <!date^1^{date}|x> @here @channel "
    "https://phish.example www.phish.example mailto:a@b.example *bold* _it_ ~no~ `code` ``` :wave: &amp; | --- "
    "\u202egpj.exe \x1b[31m \x07 [a](https://b.example)"
)


def message(rendered: Rendered) -> dict[str, Any]:
    return {"text": rendered.text, "blocks": list(rendered.blocks), **POSTED}


def check(rendered: Rendered) -> dict[str, Any]:
    made = message(rendered)
    assert faults_of(made) == []
    assert live_parts(made) == []
    return made


def written(**changes: Any) -> Answer:
    text = "## Answer\n\n{body}\n\n## How this was found\n\n- {found}\n\n## Caveats\n\n- {caveat}"
    body = changes.pop("body", "Tickets: 3.")
    given: dict[str, Any] = {"kind": "answer", "headline": "Tickets: 3.", "sql": ("select 1",)}
    found, caveat = changes.pop("found", "Counted in full."), changes.pop("caveat", "None known.")
    return Answer(**{**given, "text": text.format(body=body, found=found, caveat=caveat), **changes})


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize(
    "question",
    [
        "how many messages last week?",
        "violating message prevalence by surface",
        "messages by surface last week compared to the week before",
        "daily messages",
        "messages by country per week",
        "which metrics are there?",
        "what does proactive rate mean?",
        "quality",
        "what is the weather?",
    ],
)
def test_answers_of_every_kind_keep_the_rules(question: str, detail: Detail, demo: Path) -> None:
    workspace = load_workspace(demo)
    found = answer(Question(text=question), workspace=workspace, asker=default_asker(workspace))
    made = check(render_answer(found, picture="F012345678", detail=detail))
    assert found.headline in words_of(made)
    if found.table is not None and found.figures and detail in ("full", "no picture"):
        assert any(block["type"] == "table" for block in made["blocks"]) is (len(found.figures) > 1)
    if detail == "full":
        assert any(block["type"] == "image" for block in made["blocks"]) is (found.chart is not None)
        for choice in found.choices:
            assert choice.query in words_of(made)


def test_the_number_comes_first_and_caveats_before_the_rest() -> None:
    rows = "| surface | value |\n| --- | --- |\n| api | 3 |\n| dm | 4 |"
    found = written(
        headline="Rate by surface: highest for api.",
        body=f"Rate by surface: highest for api.\n\n{rows}",
        caveat="Provisional.",
        chart=ChartRef(png="", svg="", vega_lite={}, alt="Bars. api 3; dm 4."),
    )
    kinds = [block["type"] for block in check(render_answer(found, picture="F012345678"))["blocks"]]
    assert kinds == ["rich_text", "rich_text", "image", "table", "section", "section", "actions"]
    blocks = render_answer(found, picture="F012345678").blocks
    assert "Rate by surface" in str(blocks[0])
    assert "Provisional." in str(blocks[1])
    assert blocks[2]["alt_text"] == "Bars. api 3; dm 4."
    assert blocks[4]["expand"] is blocks[5]["expand"] is False


def test_nothing_in_the_data_acts() -> None:
    rows = f"| name | value |\n| --- | --- |\n| {HOSTILE.replace('|', chr(92) + '|')} | 3 |"
    found = written(
        headline=HOSTILE,
        body=f"{HOSTILE}\n\n{rows}\n\n- {HOSTILE}",
        found=HOSTILE,
        caveat=HOSTILE,
        sql=(f"select '{HOSTILE}'", "select '```' -- ```"),
        next_steps=(HOSTILE,),
        chart=ChartRef(png="", svg="", vega_lite={}, alt=HOSTILE),
    )
    for detail in DETAILS:
        check(render_answer(found, picture="F012345678", notes=(HOSTILE,), detail=detail))
    asked = written(kind="clarification", choices=(Choice(label=HOSTILE, query=HOSTILE),), headline=HOSTILE)
    check(render_answer(asked))
    check(render_notice(HOSTILE, steps=(HOSTILE,)))
    blocks = strip_buttons(render_answer(asked).blocks, said=HOSTILE)
    assert live_parts({"text": "", "blocks": blocks, **POSTED}) == []


TEXTS = st.text(st.characters(codec="utf-8"), max_size=4000)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    headline=TEXTS,
    body=TEXTS,
    caveats=st.lists(TEXTS, max_size=5),
    sql=st.lists(TEXTS, max_size=3),
    choices=st.lists(TEXTS.filter(bool), max_size=4),
    rows=st.lists(st.lists(TEXTS, min_size=1, max_size=25), max_size=130),
    data=st.data(),
)
def test_any_text_keeps_the_rules(
    headline: str, body: str, caveats: list[str], sql: list[str], choices: list[str], rows: list[list[str]], data: Any
) -> None:
    table = "\n".join("| " + " | ".join(cell[:300].replace("|", "\\|") for cell in row) + " |" for row in rows)
    found = written(
        headline=headline,
        body=f"{body}\n\n{table}",
        caveat="\n- ".join(caveats),
        sql=tuple(sql),
        choices=tuple(Choice(label=text, query=text) for text in choices),
    )
    detail = data.draw(st.sampled_from(DETAILS))
    check(render_answer(found, detail=detail, judged=data.draw(st.booleans())))


def test_a_long_answer_is_cut_and_says_so() -> None:
    rows = "\n".join(f"| group {i} | {i} |" for i in range(400))
    sql = tuple(f"select {i}, '" + "x" * 2000 + "'" for i in range(9))
    found = written(
        headline="Rate: " + "9" * 5000,
        body="Rate\n\n| group | value |\n| --- | --- |\n"
        + rows
        + "\n\n"
        + "\n".join(f"- item {i}" for i in range(200)),
        caveat="\n- ".join(f"Caveat {i}" for i in range(200)),
        sql=sql,
    )
    made = check(render_answer(found))
    words = words_of(made)
    assert "301 more rows are not shown here." in words
    assert "… and 140 more" in words
    assert "`transect ask` shows all of it" in words


def test_a_choice_that_has_no_room_in_a_button_is_still_listed() -> None:
    long = "tickets where code = " + "x" * 2000
    body = f"Which one?\n\n1. All of them\n2. {long}"
    found = written(
        kind="clarification",
        headline="Which one?",
        body=body,
        choices=(Choice(label="All of them", query="tickets"), Choice(label=long, query=long)),
    )
    made = check(render_answer(found))
    (buttons,) = [block["elements"] for block in made["blocks"] if block["type"] == "actions"]
    assert [(b["action_id"], b["text"]["text"], b["value"]) for b in buttons] == [
        ("choose:1", "1. All of them", "tickets")
    ]
    assert "tickets where code" in words_of(made)


def test_a_study_that_waits_has_a_button_with_a_question_before_it() -> None:
    found = written(kind="study", study=StudyRef(id="fraud-march", stage="planned", path="studies/fraud-march"))
    made = check(render_answer(found, approval="Approve up to $120.00"))
    (button,) = next(block["elements"] for block in made["blocks"] if block.get("block_id") == "study")
    assert (button["action_id"], button["value"]) == ("study:approve", "fraud-march")
    assert "recorded under your name" in button["confirm"]["text"]["text"]
    assert "study:approve" not in str(render_answer(found).blocks)


def test_a_withheld_answer_is_not_judged() -> None:
    assert "feedback" not in str(render_answer(written(), judged=False).blocks)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("see https://phish.example", "see https: //phish.example"),
        ("@here now", "@ here now"),
        ("messages_sent", "messages sent"),
        (":wave:", ": wave:"),
        ("10:30:15", "10: 30:15"),
    ],
)
def test_the_text_for_notifications_is_inert(text: str, shown: str) -> None:
    assert for_notification(text) == shown


def test_markdown_is_taken_apart() -> None:
    text = (
        "before\n\n## Answer\n\nOne **bold** line\nand `another`.\n\n- a\n* b\n1. c\n\n"
        "| x | y |\n|---|---|\n| 1 | a \\| b |\n\n```sql\nselect *\n\nfrom t\n```\n## Caveats\n- None known."
    )
    assert read_text(text) == {
        "": [Part("paragraph", ("before",))],
        "Answer": [
            Part("paragraph", ("One bold line", "and another.")),
            Part("list", ("a", "b", "c")),
            Part("table", rows=(("x", "y"), ("1", "a | b"))),
            Part("code", ("select *", "", "from t")),
        ],
        "Caveats": [Part("list", ("None known.",))],
    }
    assert read_text("") == {}
