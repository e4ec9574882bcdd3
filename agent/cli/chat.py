"""`transect chat`: a conversation."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.options import ModelOption, PersonOption, RoleOption, WorkspaceOption, command_app

app = command_app()


@app.command()
def chat(
    thread: Annotated[
        str | None, typer.Option("--thread", metavar="ID", help="Go on with this conversation; default: a new one.")
    ] = None,
    model: ModelOption = None,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Ask one question after another; each may lean on the one before.

    "and by country?", "only voice", "same for March", "compared with February" are read onto the last query, and the
    reading is stated. A question back is answered with the number of a choice. Ctrl-C stops a question and keeps the
    conversation, Ctrl-D or /quit ends it, /help lists the rest. Over a pipe, one question a line.

    \b
    Example:
      transect -w demo chat
      printf 'messages last week\\nand by country?\\n' | transect -w demo chat
    """
    from agent.cli.chat_session import ChatSession  # start-up
    from agent.cli.choose_model import choose_model
    from tools.workspace import default_asker, load_workspace

    place = choose_model(load_workspace(workspace), model)
    asker = default_asker(place, role=role, person=person, surface="chat")
    ChatSession(place, asker, thread=thread).run()
