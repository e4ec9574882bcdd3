"""`transect study`: one prevalence study from its spec to a signed draft."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.cli.options import JsonOption, PersonOption, RoleOption, WorkspaceOption, command_app

if TYPE_CHECKING:
    from tools.access import Asker
    from tools.metrics.definitions import Predicate
    from tools.workspace import Workspace

app = command_app()
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The study: the name of its folder in studies/.")]


@app.callback()
def study(workspace: WorkspaceOption = None) -> None:
    """Prevalence studies: plan, approve, draw, label, estimate, draft, verify, sign.

    Each is a folder of plain files, studies/ID/. `transect study show ID` says where it stands and what comes next.

    \b
    Example:
      transect study new fraud-march --frame messages --policy fraud --from 2026-03-01 --to 2026-04-01
      transect study show fraud-march
    """


@app.command("new")
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
    place, asker = _open(workspace, role, person)
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
        show_new(made)


@app.command("plan")
def plan(
    id: IdArgument,
    json_: JsonOption = False,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Count the frame, choose the size, foresee interval and cost: plan.json, which an approval is bound to.

    \b
    Example:
      transect study plan fraud-march
    """
    from agent.cli.output import print_json  # start-up
    from agent.cli.show_study import show_plan
    from tools.study import plan_study

    place, asker = _open(workspace, role, person)
    found = plan_study(place, id, asker=asker)
    if json_:
        print_json(found)
    else:
        show_plan(found, place.settings)


@app.command("approve")
def approve(
    id: IdArgument,
    by: Annotated[str, typer.Option("--by", metavar="P", help="Who approves.")],
    budget: Annotated[float, typer.Option("--budget", metavar="USD", help="What the labels may cost, in US dollars.")],
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Approve the plan as it stands, up to a budget. A plan that changes afterwards is not approved.

    Who may: study.approvers in transect.toml; anyone, when it names nobody.

    \b
    Example:
      transect study approve fraud-march --by ana --budget 250
    """
    from agent.cli.output import print_json  # start-up
    from agent.cli.show_study import show_approval
    from tools.study import approve_study, may_approve
    from tools.workspace import load_workspace

    place = load_workspace(workspace)
    approval = approve_study(place, id, by=by, budget_usd=budget)
    if json_:
        print_json(approval)
    else:
        show_approval(approval, may_approve(by, place.settings))


@app.command("draw")
def draw(
    id: IdArgument,
    json_: JsonOption = False,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Draw the approved sample: sample.csv and its manifest.

    \b
    Example:
      transect study draw fraud-march
    """
    from agent.cli.output import print_json, print_progress  # start-up
    from agent.cli.show_study import show_draw
    from tools.study import draw_study

    place, asker = _open(workspace, role, person)
    manifest = draw_study(place, id, asker=asker, progress=print_progress)
    if json_:
        print_json({"manifest": manifest})
    else:
        show_draw(id, manifest)


@app.command("label")
def label(
    id: IdArgument,
    import_: Annotated[
        Path | None,
        typer.Option("--import", metavar="FILE", help="Labels as CSV, TSV, Parquet, or Label Studio's JSON."),
    ] = None,
    queue: Annotated[bool, typer.Option("--queue", help="Label in the terminal, one item at a time.")] = False,
    item: Annotated[str, typer.Option("--item", metavar="C", help="FILE's column of the item's id.")] = "item",
    label_: Annotated[str, typer.Option("--label", metavar="C", help="FILE's column of the label.")] = "label",
    labeller: Annotated[
        str, typer.Option("--labeller", metavar="C", help="FILE's column of who gave it.")
    ] = "labeller",
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who gave every label, for a FILE that does not say.")
    ] = None,
    json_: JsonOption = False,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Bring labels of the drawn items, or give them in the terminal; without either, show how far they have come.

    A file comes in as a whole or not at all: items that were not drawn and labels that the policy does not have are
    listed with their lines.

    \b
    Example:
      transect study label fraud-march --import labels.csv
      transect study label fraud-march --queue
    """
    from agent.cli.output import print_json  # start-up
    from agent.cli.show_study import show_import, show_progress, show_queue
    from tools.errors import InvalidInput
    from tools.study import import_study_labels, label_progress, queue_study

    if import_ is not None and queue:
        raise InvalidInput("--import and --queue are two ways to label.", code="usage", allowed=["--import", "--queue"])
    place, asker = _open(workspace, None, person)
    imported = queued = None
    if import_ is not None:
        imported = import_study_labels(
            place, id, import_, asker=asker, item=item, label=label_, labeller=labeller, by=by
        )
    elif queue:
        from agent.cli.label_prompt import LabelPrompt
        from tools.state import open_state

        queued = queue_study(
            place,
            id,
            asker=asker,
            ask=lambda found: LabelPrompt(place, found.policy, asker=asker, state=open_state(place), quiet=json_).ask,
        )
    progress = label_progress(place, id)
    if json_:
        print_json({"import": imported, "queue": queued, "progress": progress})
        return
    if imported is not None:
        show_import(imported)
    if queued is not None:
        show_queue(queued)
    show_progress(progress)


@app.command("estimate")
def estimate(
    id: IdArgument,
    json_: JsonOption = False,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Estimate from the labels that stand: labels.csv, the labels it rests on, and estimate.json.

    Exit code 3 when too many drawn items have no settled label, with how many are missing.

    \b
    Example:
      transect study estimate fraud-march
    """
    from agent.cli.output import print_json  # start-up
    from agent.cli.show_study import show_estimate
    from tools.study import estimate_study

    place, asker = _open(workspace, role, person)
    found = estimate_study(place, id, asker=asker)
    if json_:
        print_json(found)
    else:
        show_estimate(found)


@app.command("draft")
def draft(
    id: IdArgument,
    json_: JsonOption = False,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the draft: draft.md, and draft.html as one page that fetches nothing and runs nothing.

    \b
    Example:
      transect study draft fraud-march
    """
    from agent.cli.output import print_json  # start-up
    from agent.cli.show_study import show_draft
    from tools.study import draft_study, load_study

    place, asker = _open(workspace, role, person)
    made = draft_study(place, id, asker=asker)
    folder = load_study(place, id).folder
    if json_:
        print_json({"draft": made.hash, "markdown": folder.draft, "html": folder.page, "chart": folder.chart})
    else:
        show_draft(made, folder)


@app.command("show")
def show(id: IdArgument, json_: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show where a study stands, and the next command.

    \b
    Example:
      transect study show fraud-march
    """
    from agent.cli.output import print_json  # start-up
    from agent.cli.show_study import show_status
    from tools.study import study_status
    from tools.workspace import load_workspace

    found = study_status(load_workspace(workspace), id)
    if json_:
        print_json(found)
    else:
        show_status(found)


@app.command("verify")
def verify(
    id: IdArgument,
    trust_snapshot: Annotated[
        bool,
        typer.Option("--trust-snapshot", help="Where the ledger holds none of the labels, take labels.csv as given."),
    ] = False,
    json_: JsonOption = False,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Compute everything again and say which files and which bytes differ; exit code 1 when any does.

    \b
    Example:
      transect study verify fraud-march
    """
    from agent.cli.output import print_json  # start-up
    from agent.cli.show_study import show_verification
    from tools.study import verify_study

    place, asker = _open(workspace, role, person)
    found = verify_study(place, id, asker=asker, trust_snapshot=trust_snapshot)
    if json_:
        print_json(found)
    else:
        show_verification(found)
    raise typer.Exit(0 if found.ok else 1)


@app.command("sign")
def sign(
    id: IdArgument,
    by: Annotated[str, typer.Option("--by", metavar="P", help="Who signs.")],
    trust_snapshot: Annotated[
        bool,
        typer.Option("--trust-snapshot", help="Where the ledger holds none of the labels, take labels.csv as given."),
    ] = False,
    json_: JsonOption = False,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Sign the draft as it stands, once everything verifies. A later draft is not signed by it.

    \b
    Example:
      transect study sign fraud-march --by ana
    """
    from agent.cli.output import print_json  # start-up
    from tools.study import sign_study

    place, asker = _open(workspace, role, person)
    signature = sign_study(place, id, by=by, asker=asker, trust_snapshot=trust_snapshot)
    if json_:
        print_json(signature)
    else:
        print(f"Signed by {signature.by}: draft {signature.draft_hash[:16]}.")


@app.command("list")
def list_all(json_: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """List every study with its stage and the next command.

    \b
    Example:
      transect study list
    """
    from agent.cli.output import print_json, print_table  # start-up
    from tools.study import list_studies
    from tools.workspace import load_workspace

    found = list_studies(load_workspace(workspace))
    if json_:
        print_json({"studies": found})
        return
    if not found:
        print("There are no studies yet: transect study new ID --frame DATASET --policy ID")
        return
    rows = [
        (each.id, each.status.stage if each.status else "fault", each.status.title if each.status else each.fault)
        for each in found
    ]
    print_table(("study", "stage", "title"), rows)


def _open(workspace: Path | None, role: str | None, person: str | None) -> tuple[Workspace, Asker]:
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
