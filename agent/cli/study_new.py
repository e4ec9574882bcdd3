"""`transect study new`: a spec from options, with a default for everything that is not said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.cli.options import JsonOption, PersonOption, RoleOption, WorkspaceOption

if TYPE_CHECKING:
    from tools.access import Asker
    from tools.metrics.definitions import Predicate
    from tools.workspace import Workspace


def new(
    id: Annotated[str, typer.Argument(metavar="ID", help="A name for it: lower case letters, digits, - and _.")],
    frame: Annotated[str, typer.Option("--frame", metavar="NAME", help="The dataset, or a table, to draw from.")],
    policy: Annotated[str | None, typer.Option("--policy", metavar="ID", help="What counts as a violation.")] = None,
    title: Annotated[str | None, typer.Option("--title", metavar="T", help="The draft's title.")] = None,
    estimand: Annotated[
        str | None, typer.Option("--estimand", metavar="WORDS", help="What is measured, in a sentence.")
    ] = None,
    positive: Annotated[
        list[str] | None,
        typer.Option("--positive", metavar="LABEL", help="A label that counts; may be repeated. Default: the first."),
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="WORD", help="What one row is, in words.")] = None,
    id_column: Annotated[
        str | None, typer.Option("--id-column", metavar="C", help="The column that is one unit's own.")
    ] = None,
    time: Annotated[str | None, typer.Option("--time", metavar="C", help="The column of the period.")] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day of the frame.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="DAY", help="The day after its last.")] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="C=V", help="Keep rows whose column C is V (C!=V: is not); may be repeated."),
    ] = None,
    leaves_out: Annotated[
        list[str] | None,
        typer.Option("--leaves-out", metavar="WORDS", help="What the frame does not cover; may be repeated."),
    ] = None,
    strata: Annotated[str | None, typer.Option("--strata", metavar="C", help="Stratify by this column.")] = None,
    allocation: Annotated[
        Literal["proportional", "equal", "neyman"] | None,
        typer.Option("--allocation", help="How strata share n; default: proportional."),
    ] = None,
    spread: Annotated[
        str | None, typer.Option("--spread", metavar="C", help="The column whose spread steers neyman.")
    ] = None,
    n: Annotated[int | None, typer.Option("--n", metavar="N", help="Units to draw; default: 400.")] = None,
    width: Annotated[
        float | None,
        typer.Option("--width", metavar="W", help="In place of --n: the whole interval's width, such as 0.04."),
    ] = None,
    prevalence: Annotated[
        float | None, typer.Option("--prevalence", metavar="P", help="Assumed for the expected interval; default: 0.5.")
    ] = None,
    level: Annotated[float | None, typer.Option("--level", metavar="L", help="Of intervals; default: 0.95.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="S", help="Default: made from the id.")] = None,
    labels: Annotated[
        Literal["people", "model"] | None, typer.Option("--labels", help="Whose labels count; default: people.")
    ] = None,
    max_missing: Annotated[
        float | None,
        typer.Option("--max-missing", metavar="M", help="Share that may stay without a label; default: 0.05."),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", metavar="C", help="Break the result down by this column; may be repeated."),
    ] = None,
    audience: Annotated[
        list[str] | None,
        typer.Option("--audience", metavar="ROLE", help="A role that will read the draft; may be repeated."),
    ] = None,
    json_: JsonOption = False,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write studies/ID/study.yml, commented, with a default for everything that is not said.

    \b
    Example:
      transect study new fraud-march --frame messages --policy fraud --from 2026-03-01 --to 2026-04-01 --strata surface
    """
    from agent.cli.output import print_json  # start-up
    from agent.cli.show_study import show_new
    from tools.errors import InvalidInput
    from tools.study import new_study

    if (from_ is None) != (to is None):
        raise InvalidInput("A period needs --from and --to.", code="usage", hint="--from 2026-03-01 --to 2026-04-01")
    place, asker = open_place(workspace, role, person)
    made = new_study(
        place,
        id,
        asker=asker,
        frame=frame,
        policy=policy,
        title=title,
        words=estimand,
        positive=positive or (),
        unit=unit,
        id_column=id_column,
        time=time,
        period=(from_, to) if from_ is not None and to is not None else None,
        where=[_condition(text) for text in where or ()],
        leaves_out=leaves_out or (),
        strata=strata,
        allocation=allocation,
        spread=spread,
        n=n,
        width=width,
        prevalence=prevalence,
        level=level,
        seed=seed,
        labels=labels,
        max_missing=max_missing,
        breakdowns=by or (),
        audience=audience or (),
    )
    if json_:
        print_json(made)
    else:
        show_new(made, place)


def open_place(workspace: Path | None, role: str | None, person: str | None) -> tuple[Workspace, Asker]:
    """The workspace, and who asks from the terminal."""
    from tools.workspace import default_asker, load_workspace  # start-up

    place = load_workspace(workspace)
    return place, default_asker(place, role=role, person=person, surface="cli")


def _condition(text: str) -> Predicate:
    """`C=V` or `C!=V` as a typed condition; a number or true/false as YAML reads it."""
    from tools.errors import InvalidInput  # start-up
    from tools.metrics.definitions import Predicate
    from tools.workspace.core_schema import read_plain

    for sign, key in (("!=", "not_equals"), ("=", "equals")):
        column, found, value = text.partition(sign)
        if found and column.strip():
            if not value.strip():
                return Predicate(column=column.strip(), is_null=key == "equals")
            return Predicate.model_validate({"column": column.strip(), key: read_plain(value.strip())})
    raise InvalidInput(f"{text!r} is no condition.", code="usage", value=text, hint='--where "surface=chat"')
