"""`transect sql`: one SELECT, as untrusted text."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.options import JsonOption, PersonOption, RoleOption, WorkspaceOption, command_app
from tools.errors import Declined, InvalidInput, TransectError

if TYPE_CHECKING:
    from agent.cli.lines import Line
    from tools.warehouse import Rows

app = command_app()


@app.command()
def sql(
    statement: Annotated[
        str | None,
        typer.Argument(metavar='"SELECT ..."', help="The statement; - reads it from stdin.", show_default=False),
    ] = None,
    json_: JsonOption = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Read {"id", "sql"} lines from stdin; print one result a line.')
    ] = False,
    csv_: Annotated[
        bool,
        typer.Option("--csv", help="Rows as CSV, an apostrophe before text that a spreadsheet would compute."),
    ] = False,
    exact: Annotated[bool, typer.Option("--exact", help="With --csv: every text as it is, without that mark.")] = False,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Run one SELECT on what a role may see.

    Read-only, one statement, within the workspace's limits, in a process of its own that has nothing but what the role
    may see: no files, no network. Exit code 3: declined, with the rule.

    \b
    Example:
      transect sql "select surface, count(*) from messages group by surface"
      transect sql --csv "from messages limit 100" > messages.csv
    """
    from agent.cli.output import print_json  # start-up

    if jsonl and statement is not None:
        raise InvalidInput("With --jsonl the statements are read from stdin.", code="usage", value=statement)
    if csv_ and (json_ or jsonl):
        raise InvalidInput("Rows are written in one format.", code="usage", allowed=["--csv", "--json", "--jsonl"])
    if exact and not csv_:
        raise InvalidInput("--exact is of --csv.", code="usage", hint="--json gives every value as it is.")
    text = "" if jsonl else _read_statement(statement)
    run = _runner(workspace=workspace, role=role, person=person)
    if jsonl:
        _run_lines(run)
        return
    if csv_:
        _write_csv(run(text), exact=exact)
        return
    if not json_:
        _show_rows(run(text))
        return
    try:
        print_json(_result(None, run(text)))
    except TransectError as error:
        print_json(_failed_result(None, error))
        raise typer.Exit(error.exit_code) from None


def _read_statement(statement: str | None) -> str:
    from agent.cli.lines import check_text, read_stdin  # start-up

    if statement is None:
        raise InvalidInput("There is no statement.", code="usage", hint='transect sql "select 1"')
    return check_text(read_stdin() if statement == "-" else statement, name="statement")


def _runner(*, workspace: Any, role: str | None, person: str | None) -> Callable[[str], Rows]:
    from tools.warehouse import open_warehouse  # start-up
    from tools.workspace import default_asker, load_workspace

    place = load_workspace(workspace)
    warehouse, asker = open_warehouse(place), default_asker(place, role=role, person=person, surface="cli")
    return lambda text: warehouse.run_untrusted(text, asker=asker)


def _run_lines(run: Callable[[str], Rows]) -> None:
    from agent.cli.lines import answer_each, check_text, failure_of  # start-up

    def run_line(line: Line) -> dict[str, Any]:
        try:
            return _result(line.id, run(check_text(line.text, name="statement")))
        except Exception as error:  # one bad statement must not end the batch
            return _failed_result(line.id, failure_of(error))

    answer_each("sql", run_line, invalid=lambda error: _failed_result(None, error))


def _result(id_: Any, found: Rows) -> dict[str, Any]:
    return {
        "id": id_,
        "status": "ok",
        "columns": list(found.columns),
        "rows": [list(row) for row in found.rows],
        "truncated": found.truncated,
        "notes": list(found.notes),
        "rule": None,
        "reason": None,
    }


def _failed_result(id_: Any, error: TransectError) -> dict[str, Any]:
    return {
        "id": id_,
        "status": "declined" if isinstance(error, Declined) else "error",
        "columns": [],
        "rows": [],
        "truncated": False,
        "notes": [],
        "rule": error.rule if isinstance(error, Declined) else None,
        "reason": error.message,
        "error": error.to_dict(),
    }


def _write_csv(found: Rows, *, exact: bool) -> None:
    import csv  # start-up

    from tools.reporting.csv_cell import csv_cell, exact_cell

    cell, writer = exact_cell if exact else csv_cell, csv.writer(sys.stdout, lineterminator="\n")
    writer.writerows([cell(value) for value in row] for row in (found.columns, *found.rows))
    _say_notes(found)


def _show_rows(found: Rows) -> None:
    from agent.cli.output import print_table  # start-up

    print_table(found.columns, found.rows, exact=True)
    _say_notes(found)


def _say_notes(found: Rows) -> None:
    """What a reader must know of the rows, on stderr."""
    if found.truncated:
        print(f"(cut at {len(found.rows):,} rows by limits.result_rows or limits.result_bytes)", file=sys.stderr)
    for note in found.notes:
        print(f"({note})", file=sys.stderr)
