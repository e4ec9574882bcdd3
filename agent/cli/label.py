"""`transect label`: the ledger of labels."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from agent.cli.options import JsonOption, PersonOption, WorkspaceOption, command_app

app = command_app()
PolicyOption = Annotated[str, typer.Option("--policy", metavar="ID", help="The policy the labels are given under.")]
ItemsOption = Annotated[
    Path | None,
    typer.Option("--items", metavar="FILE", help="The drawn items, a CSV, TSV or Parquet file with --item as column."),
]
ItemOption = Annotated[str, typer.Option("--item", metavar="C", help="Column of the item's id.")]


@app.callback()
def label(workspace: WorkspaceOption = None) -> None:
    """Labels in and out of the ledger: run, queue, import, export, status, reveal.

    \b
    Example:
      transect label import labels.csv --policy fraud
      transect label status
    """


@app.command("run")
def label_run(
    policy: PolicyOption,
    items: Annotated[
        Path, typer.Option("--items", metavar="FILE", help="The drawn items, a CSV, TSV or Parquet file.")
    ],
    item: ItemOption = "item",
    labeler: Annotated[
        str | None,
        typer.Option("--labeler", metavar="NAME", help="embedded, or a model; default: model.labeler of the settings."),
    ] = None,
    budget: Annotated[
        float | None, typer.Option("--budget", metavar="USD", min=0, help="The most that the whole run may cost.")
    ] = None,
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="NAME", help="The run to begin or go on with; default: by policy and labeller."),
    ] = None,
    train: Annotated[
        Path | None,
        typer.Option(
            "--train", metavar="FILE", help="Learn from these items alone; default: all that people labelled."
        ),
    ] = None,
    confidence: Annotated[
        float, typer.Option("--confidence", metavar="P", min=0, max=1, help="The embedded labeller abstains below it.")
    ] = 0.6,
    concurrency: Annotated[
        int, typer.Option("--concurrency", metavar="N", min=1, max=256, help="Calls of a model under way at once.")
    ] = 8,
    seconds: Annotated[
        float, typer.Option("--seconds", metavar="S", min=0.1, help="How long to wait for one answer of a model.")
    ] = 60,
    no_repeat: Annotated[
        bool, typer.Option("--no-repeat", help="Never make a call again that may have been carried out already.")
    ] = False,
    policy_hash: Annotated[
        str | None, typer.Option("--policy-hash", metavar="H", help="The policy's hash at the draw, or 8 digits of it.")
    ] = None,
    json_: JsonOption = False,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Let a model or the embedded labeller label items, each once; run it again to go on.

    Each answer of a model is in the ledger as soon as it comes, and is never asked for again, whatever dies. The
    embedded labeller learns from people's labels, costs nothing, and needs ten items of each of two labels. Ctrl-C
    waits for calls under way; a second one leaves them. Exit code 3 when the budget is used up, 1 when the endpoint
    gives no answers; what was labelled is kept.

    \b
    Example:
      transect label run --policy fraud --items sample.csv --labeler embedded
      transect label run --policy fraud --items sample.csv --labeler gpt-small --budget 2.50
    """
    from agent.cli.label_run import end_run, show_progress  # start-up
    from tools.labeling import find_policy, open_labeller, read_columns, run_labels
    from tools.labeling.labellers import default_run
    from tools.state import open_state
    from tools.workspace import default_asker, load_workspace

    place = load_workspace(workspace)
    found = find_policy(place, policy)
    only = None if train is None else frozenset(each[0] for each in read_columns(train, (item,)).columns if each[0])
    labeller = open_labeller(
        place,
        labeler,
        train=only,
        confidence=confidence,
        concurrency=concurrency,
        seconds=seconds,
        repeats=0 if no_repeat else 1,
    )
    report = run_labels(
        [each[0] for each in read_columns(items, (item,)).columns if each[0] is not None],
        policy=found,
        workspace=place,
        state=open_state(place),
        labeller=labeller,
        run=run or default_run(found, labeller),
        budget_usd=budget,
        progress=show_progress,
        asker=default_asker(place, person=person, surface="cli"),
        policy_hash=policy_hash,
    )
    end_run(report, json_=json_)


@app.command("queue")
def label_queue(
    policy: PolicyOption,
    items: Annotated[
        Path, typer.Option("--items", metavar="FILE", help="The drawn items, a CSV, TSV or Parquet file.")
    ],
    item: ItemOption = "item",
    json_: JsonOption = False,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Label items one at a time in the terminal; stop and go on whenever you like.

    Each answer is recorded before the next item shows. Who looked at which item is in the audit chain. On a terminal a
    single key answers: a label's number, a abstain, s skip, u undo the last answer, g guidelines, r give a reason
    first, q quit. Over a pipe a line answers: a label's number or name, or a key; words after a, s or a label are kept
    as the reason.

    \b
    Example:
      transect label queue --policy fraud --items sample.csv --item message_id
    """
    from agent.cli.label_prompt import LabelPrompt  # start-up
    from agent.cli.output import print_json
    from agent.cli.read_key import open_keys
    from tools.errors import InvalidInput
    from tools.labeling import find_policy, find_unknown_items, read_columns, run_queue
    from tools.state import open_state
    from tools.workspace import default_asker, load_workspace

    place = load_workspace(workspace)
    found, state = find_policy(place, policy), open_state(place)
    asker = default_asker(place, person=person, surface="cli")
    ids = [each[0] for each in read_columns(items, (item,)).columns if each[0] is not None]
    if not ids:
        raise InvalidInput(f"{items.name} names no item.", code="no_items", value=items.name, where=items.name)
    _refuse_unknown(items.name, find_unknown_items(place, ids))
    with open_keys() as keys:
        prompt = LabelPrompt(place, found, asker=asker, state=state, quiet=json_, keys=keys)
        report = run_queue(ids, policy=found, labeller=asker.person, state=state, ask=prompt.ask)
    if json_:
        print_json(report)
    else:
        print(
            f"\n{report.labelled:,} labelled, {report.abstained:,} abstained, {report.skipped:,} skipped, "
            f"{report.undone:,} undone; {report.left:,} left."
        )


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TSV, Parquet, or Label Studio's JSON.")],
    policy: PolicyOption,
    items: ItemsOption = None,
    item: ItemOption = "item",
    label_: Annotated[str, typer.Option("--label", metavar="C", help="Column of the label.")] = "label",
    labeller: Annotated[str, typer.Option("--labeller", metavar="C", help="Column of who gave it.")] = "labeller",
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who gave every label, for a file that does not say.")
    ] = None,
    policy_version: Annotated[
        int | None, typer.Option("--policy-version", metavar="N", help="The version the labels were given under.")
    ] = None,
    policy_hash: Annotated[
        str | None, typer.Option("--policy-hash", metavar="H", help="The policy's hash at the draw, or 8 digits of it.")
    ] = None,
    json_: JsonOption = False,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Import labels: all of a file or nothing, and each label once.

    Unknown labels and items, labels that contradict each other and a policy edited since end the import with every
    fault; exit code 2. Items are looked up in --items, else in warehouse.content. A column time, when there is one,
    says when each label was given.

    \b
    Example:
      transect label import labels.csv --policy fraud --items sample.csv
    """
    from agent.cli.output import print_json  # start-up
    from tools.labeling import find_policy, find_unknown_items, import_labels, read_columns, read_label_file
    from tools.state import open_state
    from tools.workspace import default_asker, load_workspace

    place = load_workspace(workspace)
    found = find_policy(place, policy)
    given = read_label_file(file, zone=place.zone, item=item, label=label_, labeller=labeller, by=by)
    drawn = None if items is None else {each[0] for each in read_columns(items, (item,)).columns}
    report = import_labels(
        given,
        policy=found,
        find_unknown=lambda ids: (
            find_unknown_items(place, ids) if drawn is None else {i for i in ids if i not in drawn}
        ),
        state=open_state(place),
        asker=default_asker(place, person=person, surface="cli"),
        version=policy_version,
        policy_hash=policy_hash,
    )
    if json_:
        print_json(report)
        return
    print(f"{report.added:,} labels added under {report.policy} version {report.version} ({report.run}).")
    for count, what in (
        (report.present, "were in the ledger already"),
        (report.duplicates, "repeat an earlier row of the file"),
        (report.without_label, "rows have no label and are left out"),
        (report.machine, "are labels of machines and are left out"),
    ):
        if count:
            print(f"{count:,} {what}.")


@app.command("export")
def export_ledger(
    policy: Annotated[str | None, typer.Option("--policy", metavar="ID", help="Only this policy.")] = None,
    format_: Annotated[Literal["csv", "label-studio"], typer.Option("--format", help="What to write.")] = "csv",
    exact: Annotated[
        bool, typer.Option("--exact", help="CSV without an apostrophe before what a spreadsheet would compute.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the labels that stand to stdout: ids and labels, never an item's text.

    \b
    Example:
      transect label export --policy fraud > labels.csv
    """
    from tools.labeling import current_entries, export_labels, find_policy, read_entries  # start-up
    from tools.state import open_state
    from tools.workspace import load_workspace

    place = load_workspace(workspace)
    entries = read_entries(open_state(place), policy=policy)
    if policy is not None and not entries:
        find_policy(place, policy)
    sys.stdout.write(export_labels(current_entries(entries), format=format_, exact=exact))


@app.command("status")
def label_status(json_: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show how many items have labels, per policy and version.

    \b
    Example:
      transect label status
    """
    from agent.cli.label_run import format_labels, format_without_label  # start-up
    from agent.cli.output import print_json, print_table
    from tools.labeling import load_policies, read_entries, summarise_labels
    from tools.state import open_state
    from tools.workspace import load_workspace

    place = load_workspace(workspace)
    found = summarise_labels(read_entries(open_state(place)), load_policies(place))
    if json_:
        print_json({"policies": found})
        return
    rows = [
        (
            s.policy,
            s.version,
            s.state,
            s.items,
            s.twice,
            s.labellers,
            format_without_label(s),
            format_labels(s),
        )
        for s in found
    ]
    columns = ("policy", "version", "text", "items", "by two or more", "labellers", "without a label", "labels")
    print_table(columns, rows)


@app.command("reveal")
def reveal(
    id: Annotated[str, typer.Argument(metavar="ID", help="The item.")],
    reason: Annotated[str, typer.Option("--reason", metavar="R", help="Why; it is kept in the audit chain.")],
    json_: JsonOption = False,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Show one item's text; who looked, and why, is kept in the audit chain.

    \b
    Example:
      transect label reveal msg_0123456789abcdef --reason "appeal 4711"
    """
    from agent.cli.label_prompt import clean_lines  # start-up
    from agent.cli.output import print_json
    from tools.labeling import reveal_item
    from tools.state import open_state
    from tools.workspace import default_asker, load_workspace

    place = load_workspace(workspace)
    asker = default_asker(place, person=person, surface="cli")
    text = reveal_item(place, id, reason=reason, asker=asker, state=open_state(place))
    if json_:
        print_json({"item": id, "text": text})
    else:
        print(clean_lines(text))


def _refuse_unknown(name: str, unknown: set[str]) -> None:
    from tools.errors import InvalidInput  # start-up

    if unknown:
        raise InvalidInput(
            f"{name} names {len(unknown):,} items that the store of item texts does not hold.",
            code="no_such_item",
            value=sorted(unknown)[0],
            where=name,
        )
