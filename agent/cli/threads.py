"""`transect threads`: the conversations that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.options import JsonOption, PersonOption, RoleOption, WorkspaceOption, command_app

if TYPE_CHECKING:
    from agent.threads import PastTurn

app = command_app()


@app.callback()
def threads(workspace: WorkspaceOption = None) -> None:
    """The conversations that are kept: list, show.

    What is kept is words: questions, queries and headlines. `.transect/threads.db` may be deleted at any time.

    \b
    Example:
      transect threads list
      transect threads show 24ad8222bd22
    """


@app.command("list")
def list_threads(
    json_: JsonOption = False, role: RoleOption = None, person: PersonOption = None, workspace: WorkspaceOption = None
) -> None:
    """List the conversations with their turns, last question first. What this role may not see is left out.

    \b
    Example:
      transect threads list
    """
    from agent.cli.output import print_json, print_table, terminal_width  # start-up
    from agent.threads.list_threads import list_threads as find

    place, asker = _who(workspace, role, person)
    found = find(place, asker=asker)
    if json_:
        print_json([{"id": t.id, "turns": t.turns, "last": t.last, "at": t.at} for t in found])
    elif not found:
        typer.echo("No conversation is kept that this role may see.")
    else:
        rows = [(t.id, t.turns, t.at[:16].replace("T", " "), t.last) for t in found]
        print_table(("thread", "turns", "last used (UTC)", "last question"), rows, width=terminal_width())


@app.command("show")
def show_thread(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Of the conversation.")],
    json_: JsonOption = False,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Show the turns of a conversation, each decided anew for who reads it.

    \b
    Example:
      transect threads show 24ad8222bd22
    """
    from agent.cli.output import print_json  # start-up
    from agent.threads.list_threads import show_thread as find

    place, asker = _who(workspace, role, person)
    turns = find(place, id_, asker=asker)
    if json_:
        print_json({"id": id_, "turns": [_as_json(t) for t in turns]})
        return
    for turn in turns:
        _show_turn(turn)


def _who(workspace: Any, role: str | None, person: str | None) -> tuple[Any, Any]:
    from tools.workspace import default_asker, load_workspace  # start-up

    place = load_workspace(workspace)
    return place, default_asker(place, role=role, person=person, surface="cli")


def _as_json(turn: PastTurn | None) -> dict[str, Any]:
    if turn is None:
        return {"hidden": True}
    kept = ("id", "question", "at", "person", "surface", "kind", "reason", "headline", "query", "figures", "choices")
    return turn.model_dump(mode="json", include=set(kept))


def _show_turn(turn: PastTurn | None) -> None:
    from agent.cli.output import embolden, wrap  # start-up
    from tools.reporting.format import clean_text

    if turn is None:
        print("(a turn that this role may not see)\n")
        return
    print(embolden(wrap(f"> {clean_text(turn.question)}")))
    print(wrap(clean_text(turn.headline)))
    for number, choice in enumerate(turn.choices, start=1):
        print(f"  {number}. {clean_text(choice.label)}")
    if turn.query:
        print(wrap(turn.query, label="query"))
    print()
