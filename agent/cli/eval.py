"""`transect eval`: the question suite, and the gate that every change passes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.options import JsonOption, RoleOption, WorkspaceOption, command_app

if TYPE_CHECKING:
    from agent.cli.ended import Ended

app = command_app()

PathsArgument = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FILE]...", help="Case files or folders of them; default: the cases in the source."),
]
CacheOption = Annotated[
    Path | None,
    typer.Option("--cache", metavar="DIR", help="Keep built workspaces here between runs; default: build them anew."),
]


@app.callback()
def evals(workspace: WorkspaceOption = None) -> None:
    """Ask the questions of case files and compare with what is expected.

    \b
    Example:
      transect eval run
    """


@app.command()
def run(
    paths: PathsArgument = None,
    cache: CacheOption = None,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Run eval cases and report what was not as expected.

    Exit code 0: at least 95 % as expected, nothing silently wrong, no secret out, nothing done; 1: not so; 2: no cases,
    or a case with an error.

    \b
    Example:
      transect eval run evals/cases/demo.yml
    """
    from agent.cli.main import eval_command  # start-up
    from agent.cli.output import print_progress

    ended = eval_command("run", paths or [], workspace=workspace, cache=cache, progress=print_progress)
    _end(ended, json_=json_)


@app.command()
def gate(
    paths: PathsArgument = None,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="Compare with this file; default: the source's.")
    ] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Write the baseline anew from this run instead of judging by it.")
    ] = False,
    results: Annotated[
        Path | None,
        typer.Option("--results", metavar="FILE", help="Judge what `eval run --json` printed instead of a new run."),
    ] = None,
    cache: CacheOption = None,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Block what worked before and fails now.

    Exit code 0: pass, or inconclusive (too few cases to show a drop of 5 points; said on stderr); 1: block; 2: no
    cases, a case file with an error, or a baseline of another suite.

    \b
    Example:
      transect eval gate --json
      transect -w . eval gate evals/ --baseline evals/baseline.json
    """
    from agent.cli.main import eval_command  # start-up
    from agent.cli.output import print_progress

    ended = eval_command(
        "gate",
        paths or [],
        workspace=workspace,
        baseline=baseline,
        update=update_baseline,
        results=results,
        cache=cache,
        progress=print_progress,
    )
    _end(ended, json_=json_)


@app.command()
def report(
    paths: PathsArgument = None,
    results: Annotated[
        Path | None,
        typer.Option("--results", metavar="FILE", help="Report what `eval run --json` printed instead of a new run."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write here instead of stdout.")] = None,
    cache: CacheOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Summarise a run as a Markdown page; what failed does not change the exit code.

    \b
    Example:
      transect eval report --out report.md
    """
    from agent.cli.main import eval_command  # start-up
    from agent.cli.output import print_progress

    ended = eval_command(
        "report", paths or [], workspace=workspace, results=results, cache=cache, progress=print_progress
    )
    if out is None:
        typer.echo(ended.page, nl=False)
    else:
        out.write_text(ended.page, encoding="utf-8")
    raise typer.Exit(ended.exit_code)


@app.command()
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The case file; made when it does not exist.")],
    workspace: Annotated[str, typer.Option("--workspace", metavar="NAME", help="A recipe of evals/recipes.")],
    question: Annotated[str, typer.Option("--question", metavar="TEXT", help="The question, as a person asks it.")],
    expect_kind: Annotated[
        list[str], typer.Option("--expect-kind", metavar="KIND", help="answer, clarification or declined; may repeat.")
    ],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why this is the right answer.")],
    sql: Annotated[str | None, typer.Option("--sql", metavar="SELECT", help="The number by hand: one row.")] = None,
    value: Annotated[float | None, typer.Option("--value", metavar="X", help="The number that SQL must give.")] = None,
    figures: Annotated[
        str | None, typer.Option("--figures", metavar="SELECT", help="A breakdown by hand: labels, then the value.")
    ] = None,
    reason: Annotated[
        list[str] | None, typer.Option("--reason", metavar="REASON", help="For declined; may repeat.")
    ] = None,
    mentions: Annotated[
        list[str] | None, typer.Option("--mentions", metavar="WORDS", help="Words the answer must hold; may repeat.")
    ] = None,
    paraphrase: Annotated[
        list[str] | None, typer.Option("--paraphrase", metavar="TEXT", help="Another wording; at most three.")
    ] = None,
    role: Annotated[str | None, typer.Option("--role", metavar="ROLE", help="Ask in this role.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="May repeat.")] = None,
    id_: Annotated[str | None, typer.Option("--id", metavar="ID", help="Default: made of the question.")] = None,
    cache: CacheOption = None,
    json_: JsonOption = False,
) -> None:
    """Append a case to a file, after its SQL by hand has run and the file still reads.

    \b
    Example:
      transect eval add mine.yml --workspace shop --question "orders in 2031?" --expect-kind declined --why "no data"
    """
    from agent.cli.main import eval_command  # start-up

    expect = {
        "kind": tuple(expect_kind),
        "reason": tuple(reason or ()),
        "value": value,
        "sql": sql,
        "figures": figures,
        "mentions": tuple(mentions or ()),
    }
    given = {
        "id": id_,
        "workspace": workspace,
        "question": question,
        "paraphrases": tuple(paraphrase or ()),
        "role": role,
        "expect": expect,
        "why": why,
        "tags": tuple(tag or ()),
    }
    _end(eval_command("add", file, given, cache=cache), json_=json_)


@app.command()
def compare(
    old: Annotated[Path, typer.Argument(metavar="A", help="Result file of before: `eval run --json`, or a baseline.")],
    new: Annotated[Path, typer.Argument(metavar="B", help="Result file of now.")],
    json_: JsonOption = False,
) -> None:
    """Set two result files side by side: broken, mended, and the difference with its interval.

    \b
    Example:
      transect eval compare before.json after.json
    """
    from agent.cli.main import eval_command  # start-up

    _end(eval_command("compare", old, new), json_=json_)


@app.command()
def verified(
    role: RoleOption = None,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Ask every verified query of a workspace again, and compare with what was signed.

    Exit code 0: each that the role may see is answered as signed; 1: not so; 2: there is none.

    \b
    Example:
      transect -w demo eval verified
    """
    from agent.cli.main import eval_command  # start-up

    _end(eval_command("verified", workspace=workspace, role=role), json_=json_)


def _end(ended: Ended, *, json_: bool) -> None:
    from agent.cli.output import print_json  # start-up

    if json_:
        print_json(ended.document)
    else:
        typer.echo(ended.page, nl=False)
    for warning in ended.warnings:
        typer.echo(warning, err=True)
    raise typer.Exit(ended.exit_code)
