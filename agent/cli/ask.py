"""`transect ask`: one question, one answer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.options import JsonOption, ModelOption, PersonOption, RoleOption, WorkspaceOption, command_app
from tools.errors import InvalidInput

if TYPE_CHECKING:
    from agent.cli.lines import Line
    from agent.state import Answer

app = command_app()

EXIT_CODES = {"answer": 0, "study": 0, "declined": 3, "clarification": 4}


@app.command()
def ask(
    question: Annotated[
        str | None, typer.Argument(metavar='"Q"', help="The question; - reads it from stdin.", show_default=False)
    ] = None,
    json_: JsonOption = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Read {"id", "question"} lines from stdin; print one answer a line.')
    ] = False,
    thread: Annotated[
        str | None,
        typer.Option(
            "--thread",
            metavar="ID",
            help="Go on with this conversation: a fragment is read onto the question before, the number of a choice "
            "answers a question back. Every answer gives its id.",
        ),
    ] = None,
    choose: Annotated[
        int | None,
        typer.Option(
            "--choose", metavar="N", min=1, max=4, help="Take the N-th reading when the question has several."
        ),
    ] = None,
    model: ModelOption = None,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Answer one question from the workspace's definitions.

    Every number comes with how it is known: its interval unless it was counted in full, n, period, definition and SQL.
    Exit code 0: answered; 3: declined, with the reason; 4: the question has several readings, listed.

    \b
    Example:
      transect ask "how many messages last week by surface?"
      transect ask --thread 24ad8222bd22 "and by country?"
      transect ask --choose 1 --json "bad message rate in March"
    """
    from agent.cli.output import print_json  # start-up

    if jsonl and question is not None:
        raise InvalidInput("With --jsonl the questions are read from stdin.", code="usage", value=question)
    text = "" if jsonl else _read_question(question)
    answer = _answerer(workspace=workspace, role=role, person=person, model=model, thread=thread, choose=choose)
    if jsonl:
        _answer_lines(answer)
        return
    found = answer(text)
    if choose is not None and choose > len(found.choices) > 0:
        number = len(found.choices)
        there = "There is 1 reading" if number == 1 else f"There are {number} readings"
        print(f"{there}; --choose {choose} names none of them.", file=sys.stderr)
    if json_:
        print_json(found)
    else:
        from agent.cli.show_answer import show_answer

        show_answer(found)
    raise typer.Exit(EXIT_CODES[found.kind])


def _answerer(
    *, workspace: Any, role: str | None, person: str | None, model: str | None, thread: str | None, choose: int | None
) -> Callable[[str], Answer]:
    """`agent.answer` with everything but the question filled in."""
    from agent import answer  # start-up
    from agent.cli.choose_model import choose_model
    from agent.state import Question
    from tools.workspace import default_asker, load_workspace

    place = choose_model(load_workspace(workspace), model)
    asker = default_asker(place, role=role, person=person, surface="cli")
    return lambda text: answer(Question(text=text, choose=choose), workspace=place, asker=asker, thread=thread)


def _answer_lines(answer: Callable[[str], Answer]) -> None:
    from agent.cli.lines import answer_each, check_text, failure_of  # start-up

    def answer_line(line: Line) -> dict[str, Any]:
        try:
            found = answer(check_text(line.text, name="question"))
        except Exception as error:  # one bad question must not end the batch
            return {"id": line.id, "error": failure_of(error).to_dict()}
        return {"id": line.id, **found.model_dump(mode="json", by_alias=True)}

    answer_each("question", answer_line, invalid=lambda error: {"id": None, "error": error.to_dict()})


def _read_question(question: str | None) -> str:
    from agent.cli.lines import check_text, read_stdin  # start-up

    if question is None:
        raise InvalidInput("There is no question.", code="usage", hint='transect ask "how many messages last week?"')
    if question == "-":
        question = read_stdin()
    return check_text(question, name="question")
