"""`transect slack`: the bot's processes, one answer posted by a job, and whether all is in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.options import JsonOption, PersonOption, RoleOption, WorkspaceOption, command_app
from tools.errors import InvalidInput

if TYPE_CHECKING:
    from agent.cli.ended import Ended

app = command_app()


@app.callback()
def slack(workspace: WorkspaceOption = None) -> None:
    """Answer questions in Slack: run, post, check.

    \b
    Example:
      transect slack check
    """


@app.command()
def run(
    listen: Annotated[
        bool, typer.Option("--listen", help="Only take in what people say, in this process.", show_default=False)
    ] = False,
    work: Annotated[bool, typer.Option("--work", help="Only answer, in this process.", show_default=False)] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Run the bot until Ctrl-C or SIGTERM.

    Without an option: one process that listens and slack.workers that answer, each started again when it dies.

    \b
    Example:
      transect -w demo slack run
    """
    from agent.cli.main import slack_command  # start-up

    if listen and work:
        raise InvalidInput(
            "--listen and --work are two processes; without either both are started.",
            code="usage",
            hint="transect slack run",
        )
    slack_command("run", workspace, only="listen" if listen else "work" if work else None)


@app.command()
def post(
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="Slack's id of the channel, or its name.")],
    question: Annotated[str, typer.Argument(metavar='"Q"', help="The question, in full.")],
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="NAME", help="A name for this post: under it only one is ever made."),
    ] = None,
    role: RoleOption = None,
    person: PersonOption = None,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Ask one question and post the answer in a channel, for instance from cron.

    Everybody who reads the channel must be allowed to see it. A question that is declined or has several readings is
    not posted (exit code 3 or 4).

    \b
    Example:
      transect slack post "#integrity" "violating message prevalence last week" --key prevalence-2026-W14
    """
    from agent.cli.lines import check_text  # start-up
    from agent.cli.main import slack_command

    asked = check_text(question, name="question")
    ended = slack_command("post", workspace, channel, asked, key=key, role=role, person=person)
    _end(ended, json_=json_)


@app.command()
def check(json_: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Check the token, its scopes, the secrets, the mapping of people and the way to Slack.

    Each line is ok, warn or fail. Exit code 1 when one fails.

    \b
    Example:
      transect -w demo slack check
    """
    from agent.cli.main import slack_command  # start-up
    from agent.cli.output import wrap

    ended = slack_command("check", workspace)
    if not json_:
        for each in ended.document["checks"]:
            typer.echo(wrap(f"{each.name}: {each.message}", label=each.status))
            if each.fix:
                typer.echo(wrap(each.fix, label="  fix"))
    _end(ended, json_=json_)


def _end(ended: Ended, *, json_: bool) -> None:
    from agent.cli.output import print_json  # start-up

    if json_:
        print_json(ended.document)
    else:
        typer.echo(ended.page, nl=False)
    raise typer.Exit(ended.exit_code)
