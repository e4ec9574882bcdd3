"""`transect study`: one prevalence study from its spec to a signed draft."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.options import JsonOption, PersonOption, RoleOption, WorkspaceOption, command_app
from agent.cli.study_new import new, open_place

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


app.command("new")(new)


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

    place, asker = open_place(workspace, role, person)
    found = plan_study(place, id, asker=asker)
    if json_:
        print_json(found)
    else:
        show_plan(found, place)


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
        show_approval(approval, may_approve(by, place.settings), place)


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

    place, asker = open_place(workspace, role, person)
    manifest = draw_study(place, id, asker=asker, progress=print_progress)
    if json_:
        print_json({"manifest": manifest})
    else:
        show_draw(id, manifest, place)


@app.command("label")
def label(
    id: IdArgument,
    import_: Annotated[
        Path | None,
        typer.Option("--import", metavar="FILE", help="Labels as CSV, TSV, Parquet, or Label Studio's JSON."),
    ] = None,
    drawn_only: Annotated[
        bool, typer.Option("--drawn-only", help="Leave out FILE's rows about items that were not drawn.")
    ] = False,
    queue: Annotated[bool, typer.Option("--queue", help="Label in the terminal, one item at a time.")] = False,
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="LABELLER", help="Let a machine label: embedded, model, or a model's name."),
    ] = None,
    run_name: Annotated[
        str | None,
        typer.Option("--run-name", metavar="NAME", help="Begin a run anew; default: one of the study's own."),
    ] = None,
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
    listed with their lines. A machine's run goes on where it stopped, and a model's ends at the approved budget.

    \b
    Example:
      transect study label fraud-march --import labels.csv
      transect study label fraud-march --queue
      transect study label fraud-march --run embedded
    """
    from agent.cli.label_run import EXIT_CODES, print_report  # start-up
    from agent.cli.label_run import show_progress as show_run_progress
    from agent.cli.output import print_json
    from agent.cli.show_study import show_import, show_progress, show_queue
    from tools.errors import InvalidInput
    from tools.study import import_study_labels, label_progress, queue_study, run_study, study_status

    if (import_ is not None) + queue + (run is not None) > 1:
        raise InvalidInput("--import, --queue and --run are ways to label.", code="usage", hint="Use one of them.")
    place, asker = open_place(workspace, None, person)
    imported = queued = ran = None
    if import_ is not None:
        imported = import_study_labels(
            place,
            id,
            import_,
            asker=asker,
            item=item,
            label=label_,
            labeller=labeller,
            by=by,
            drawn_only=drawn_only,
        )
    elif queue:
        from agent.cli.label_prompt import LabelPrompt
        from agent.cli.read_key import open_keys
        from tools.state import open_state

        with open_keys() as keys:
            queued = queue_study(
                place,
                id,
                asker=asker,
                ask=lambda found: (
                    LabelPrompt(place, found.policy, asker=asker, state=open_state(place), quiet=json_, keys=keys).ask
                ),
            )
    elif run is not None:
        ran = run_study(place, id, asker=asker, labeller=run, run=run_name, progress=show_run_progress)
    progress = label_progress(place, id)
    if json_:
        print_json({"import": imported, "queue": queued, "run": ran, "progress": progress})
    else:
        if imported is not None:
            show_import(imported)
        if queued is not None:
            show_queue(queued)
        if ran is not None:
            print_report(ran)
        show_progress(progress, study_status(place, id).next, place)
    if ran is not None and EXIT_CODES[ran.stopped]:
        raise typer.Exit(EXIT_CODES[ran.stopped])


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

    place, asker = open_place(workspace, role, person)
    found = estimate_study(place, id, asker=asker)
    if json_:
        print_json(found)
    else:
        show_estimate(found, place)


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

    place, asker = open_place(workspace, role, person)
    made = draft_study(place, id, asker=asker)
    folder = load_study(place, id).folder
    if json_:
        print_json({"draft": made.hash, "markdown": folder.draft, "html": folder.page, "chart": folder.chart})
    else:
        show_draft(made, folder, place)


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

    place = load_workspace(workspace)
    found = study_status(place, id)
    if json_:
        print_json(found)
    else:
        show_status(found, place)


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

    place, asker = open_place(workspace, role, person)
    found = verify_study(place, id, asker=asker, trust_snapshot=trust_snapshot)
    if json_:
        print_json(found)
    else:
        show_verification(found, place)
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

    place, asker = open_place(workspace, role, person)
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
