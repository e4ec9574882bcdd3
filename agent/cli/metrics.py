"""`transect metrics`: the semantic layer without a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from agent.cli.options import JsonOption, PersonOption, RoleOption, WorkspaceOption, command_app

app = command_app()


@app.callback()
def metrics(workspace: WorkspaceOption = None) -> None:
    """The semantic layer without a model: list, show, check, query, export.

    \b
    Example:
      transect metrics list
      transect metrics query report_rate --by surface --grain week
    """


@app.command("list")
def list_metrics(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORD]...", help="Only metrics that are said to be all of this.")
    ] = None,
    json_: JsonOption = False,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """List every metric that a role may ask for: kind, dataset, owner, what it is.

    \b
    Example:
      transect metrics list
      transect metrics list refusal rate
    """
    from agent.cli.metric_list import describe_metric_briefly, list_visible, pick_named, show_metrics
    from agent.cli.output import print_json  # start-up
    from tools.metrics import catalog_of
    from tools.workspace import default_asker, load_workspace

    place = load_workspace(workspace)
    catalog = catalog_of(place)
    asker = default_asker(place, role=role, person=person)
    visible = list_visible(catalog, asker=asker, policy=place.settings.access)
    names = pick_named(visible, words or [], catalog)
    if json_:
        print_json({"metrics": [describe_metric_briefly(catalog, name) for name in names]})
    else:
        show_metrics(catalog, names, hidden=len(catalog.metrics) - len(visible))


@app.command("show")
def show_metric(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The metric.")],
    json_: JsonOption = False,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Show one metric: definition, owner, what it can be cut by, SQL. Declined (3) when the role may not see its data.

    \b
    Example:
      transect metrics show report_rate
    """
    from agent.cli.output import print_json  # start-up
    from agent.cli.show_metrics import describe_metric, show_description
    from tools.workspace import default_asker, load_workspace

    place = load_workspace(workspace)
    described = describe_metric(name, workspace=place, asker=default_asker(place, role=role, person=person))
    if json_:
        print_json(described)
    else:
        show_description(described)


@app.command("check")
def check_metrics(json_: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Check every definition, also against the data; list every fault with file and line.

    Exit code 2 when there is a fault.

    \b
    Example:
      transect metrics check
    """
    from agent.cli.output import print_json  # start-up
    from agent.cli.show_metrics import check_everything
    from tools.workspace import load_workspace

    summary = check_everything(load_workspace(workspace))
    if json_:
        print_json({"faults": [], "checked": summary})
    else:
        typer.echo(", ".join(f"{count} {noun}" for noun, count in summary.items()) + ": no faults")


@app.command("query")
def query_metric(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The metric; several are separated by commas.")],
    by: Annotated[
        list[str] | None, typer.Option("--by", metavar="D", help="Group by this dimension; may be repeated.")
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar='"D=V"',
            help="Keep rows where dimension D is V (also !=, >, >=, <, <=; D= for rows without a value). "
            "Repeated for one dimension: any of the values; for several: all must hold.",
        ),
    ] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day, as 2026-03-01.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="DATE", help="The day after the last one.")] = None,
    grain: Annotated[
        Literal["day", "week", "month"] | None, typer.Option("--grain", help="One row per period.")
    ] = None,
    compare: Annotated[
        Literal["previous"] | None,
        typer.Option(
            "--compare",
            help="Difference to the month, quarter or year before a whole one, else to as many days before.",
        ),
    ] = None,
    json_: JsonOption = False,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Compute a metric: figures, table and SQL.

    \b
    Example:
      transect metrics query report_rate --by surface --where "country=US" --from 2026-03-01 --to 2026-04-01
    """
    from agent.cli.output import print_json  # start-up
    from agent.cli.read_query import read_query
    from agent.cli.show_metrics import show_result
    from tools.metrics import run_query
    from tools.workspace import default_asker, load_workspace

    place = load_workspace(workspace)
    asker = default_asker(place, role=role, person=person)
    query = read_query(
        name, by=by or [], where=where or [], from_=from_, to=to, grain=grain, compare=compare, workspace=place,
        asker=asker,
    )  # fmt: skip
    result = run_query(query, workspace=place, asker=asker)
    if json_:
        print_json(result)
    else:
        show_result(result)


@app.command("export")
def export_metrics(
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write here instead of stdout.")] = None,
    json_: JsonOption = False,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print every definition that a role may see as Apache Ossie (Open Semantic Interchange) YAML, or as JSON.

    \b
    Example:
      transect metrics export --out semantic_model.yaml
    """
    from agent.cli.export_metrics import export_definitions, write_export
    from agent.cli.output import print_json  # start-up
    from tools.metrics.ossie import yaml_text
    from tools.workspace import default_asker, load_workspace

    place = load_workspace(workspace)
    document = export_definitions(place, default_asker(place, role=role, person=person))
    if out is not None:
        written = write_export(document, out)
        if json_:
            print_json(written)
        else:
            typer.echo(
                "Wrote " + ", ".join(f"{count} {noun}" for noun, count in written["holds"].items()) + f" to {out}"
            )
    elif json_:
        print_json(document.model_dump(mode="json", by_alias=True, exclude_none=True))
    else:
        typer.echo(yaml_text(document), nl=False)
