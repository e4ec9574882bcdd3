"""`transect sample`: a draw by hash, with probabilities and a manifest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from agent.cli.options import JsonOption, PersonOption, RoleOption, WorkspaceOption, command_app
from agent.cli.sample_design import design_of
from agent.cli.steer_options import steered
from tools.errors import InvalidInput

if TYPE_CHECKING:
    from tools.sampling import Manifest, Source

app = command_app()

CERTAIN_SHOWN = 10


@app.command()
def sample(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A CSV or Parquet file, or a table of the workspace.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A .csv, .tsv or .parquet file.")],
    design: Annotated[
        Literal["srs", "stratified", "pps", "poisson", "cluster", "panel", "daily"] | None,
        typer.Option(
            "--design",
            help="pps: a fixed n by size (Pareto); poisson: n expected; panel: one wave of a rotating panel; "
            "daily: the union of one Poisson sample a day.",
        ),
    ] = None,
    n: Annotated[
        int | None,
        typer.Option(
            "--n", metavar="N", min=1, help="Units to draw; clusters with --design cluster; a day with daily."
        ),
    ] = None,
    id_: Annotated[str | None, typer.Option("--id", metavar="COL", help="The column that is one unit's own.")] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="S", help="0 or more; the same seed draws the same units.")
    ] = None,
    size_column: Annotated[
        str | None,
        typer.Option("--size-column", metavar="C", help="Probabilities follow it; its spread steers neyman and cost."),
    ] = None,
    size_floor: Annotated[
        float | None, typer.Option("--size-floor", metavar="X", help="Smaller sizes, 0 among them, are raised to it.")
    ] = None,
    pilot: Annotated[
        Path | None,
        typer.Option("--pilot", metavar="FILE", help="Labelled rows that say what the size column, a score, means."),
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", metavar="COL[=VALUE]", help="The label in the pilot; VALUE is positive.")
    ] = None,
    calibrated: Annotated[
        bool, typer.Option("--calibrated", help="The size column is the chance that a unit is positive.")
    ] = False,
    defensive: Annotated[
        float | None,
        typer.Option("--defensive", metavar="D", help="Share of the draw that ignores the score; default: 0.2."),
    ] = None,
    strata: Annotated[str | None, typer.Option("--strata", metavar="C", help="The column of the stratum.")] = None,
    cluster: Annotated[str | None, typer.Option("--cluster", metavar="C", help="The column of the cluster.")] = None,
    allocation: Annotated[
        Literal["proportional", "equal", "neyman", "cost"] | None,
        typer.Option("--allocation", help="How strata share n; default: proportional."),
    ] = None,
    minimum: Annotated[
        int | None,
        typer.Option("--min-per-stratum", metavar="M", min=1, help="Fewest units of a stratum; default: 2."),
    ] = None,
    cost_column: Annotated[
        str | None, typer.Option("--cost-column", metavar="C", help="What a unit costs, for --allocation cost.")
    ] = None,
    per_cluster: Annotated[
        int | None,
        typer.Option("--per-cluster", metavar="M", min=1, help="Units of each drawn cluster; default: all of them."),
    ] = None,
    wave: Annotated[int | None, typer.Option("--wave", metavar="W", min=0, help="Of the panel: 0, 1, 2 ...")] = None,
    stay: Annotated[
        int | None, typer.Option("--stay", metavar="K", min=1, help="Waves that a unit of the panel stays for.")
    ] = None,
    groups: Annotated[
        int | None,
        typer.Option("--groups", metavar="G", min=1, help="Rotation groups: K/G of the frame is drawn; never changed."),
    ] = None,
    day_column: Annotated[
        str | None, typer.Option("--day-column", metavar="C", help="The day of a row, for --design daily.")
    ] = None,
    union: Annotated[
        Literal["probability", "multiplicity"] | None,
        typer.Option("--union", help="daily: a row a unit (default), or a row a unit and day with weights for that."),
    ] = None,
    stage: Annotated[
        str | None,
        typer.Option("--stage", metavar="S", help="Unique in the study; default: phase1, phase2, or psu for clusters."),
    ] = None,
    second_stage: Annotated[
        str, typer.Option("--second-stage", metavar="S", help="The stage of units within clusters.")
    ] = "ssu",
    first_phase: Annotated[
        Path | None,
        typer.Option("--first-phase", metavar="MANIFEST", help="Of the draw that SOURCE is; _pi becomes the product."),
    ] = None,
    joint: Annotated[
        Path | None,
        typer.Option("--joint", metavar="FILE", help="Joint probabilities as a square .csv, for estimate --joint."),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option("--replay", metavar="MANIFEST", help="Draw the same again, from SOURCE if it is unchanged."),
    ] = None,
    json_: JsonOption = False,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Draw a sample by hash, with inclusion probabilities.

    Adds _pi, _weight, _stratum, _cluster and _certainty to the drawn rows, and writes FILE.manifest.json, from which
    anyone can draw the same units again. The order of the rows does not matter. Rows without a size are drawn as if
    they had the mean of the others, and counted in the manifest.

    \b
    Example:
      transect sample messages.csv --design srs --n 400 --id message_id --seed 7 --out sample.csv
      transect sample messages --design stratified --strata surface --n 800 --id message_id --seed 7 --out sample.csv
      transect sample scored.csv --design pps --size-column p --n 99 --id id --first-phase a.json --seed 7 --out b.csv
      transect sample accounts.csv --design panel --wave 5 --stay 4 --groups 200 --id user_id --seed 7 --out wave5.csv
      transect sample a.csv --design pps --size-column p --pilot p.csv --label l=bad --n 99 --id id --seed 7 --out b.csv
      transect sample messages.csv --replay sample.csv.manifest.json --out again.csv
    """
    from agent.cli.output import print_json, print_progress  # start-up
    from tools.sampling import draw, read_manifest, replay_draw

    given = {
        "--n": n,
        "--size-column": size_column,
        "--size-floor": size_floor,
        "--strata": strata,
        "--cluster": cluster,
        "--allocation": allocation,
        "--min-per-stratum": minimum,
        "--cost-column": cost_column,
        "--per-cluster": per_cluster,
        "--wave": wave,
        "--stay": stay,
        "--groups": groups,
        "--day-column": day_column,
        "--union": union,
    }
    options = {name: value for name, value in given.items() if value is not None}
    wanted = None
    if replay is None:
        wanted = design_of(_need(design, "--design", "srs"), options)
    elif design or id_ or seed is not None or stage or first_phase or joint or pilot or calibrated or options:
        raise InvalidInput(
            "--replay takes all but SOURCE and --out from the manifest.", code="usage", value=str(replay)
        )
    with _opened(source, out=out, workspace=workspace, role=role, person=person) as frame:
        if wanted is None:
            assert replay is not None
            manifest = replay_draw(frame, read_manifest(replay), out=out, progress=print_progress)
        else:
            first = read_manifest(first_phase).as_first_phase() if first_phase else None
            manifest = draw(
                frame,
                steered(wanted, frame, pilot=pilot, label=label, calibrated=calibrated, defensive=defensive),
                id=_need(id_, "--id", "COLUMN"),
                seed=_need(seed, "--seed", "7"),
                out=out,
                stage=stage or ("psu" if design == "cluster" else "phase2" if first else "phase1"),
                second_stage=second_stage,
                first_phase=first,
                joint=joint,
                progress=print_progress,
            )
    if json_:
        print_json({"manifest": manifest})
    else:
        _show(manifest, out)


T = TypeVar("T")


def _need(value: T | None, option: str, example: str) -> T:
    """The option's value; raises InvalidInput when it was not given."""
    if value is None:
        raise InvalidInput(f"{option} is missing.", code="usage", hint=f"{option} {example}, or --replay MANIFEST")
    return value


@contextmanager
def _opened(
    source: str, *, out: Path, workspace: Path | None, role: str | None, person: str | None
) -> Iterator[Source]:
    """A file where there is one, or where the name is a file's; else a table of the workspace."""
    from tools.sampling import open_file, open_table  # start-up
    from tools.sampling.file_source import is_file_name
    from tools.sampling.write_file import check_out

    path = Path(source)
    if path.is_file() or is_file_name(source):
        check_out(out, source=path)
        with open_file(path) as frame:
            yield frame
        return
    from tools.workspace import default_asker, load_workspace

    place = load_workspace(workspace)
    yield open_table(source, workspace=place, asker=default_asker(place, role=role, person=person, surface="cli"))


def _show(manifest: Manifest, out: Path) -> None:
    from agent.cli.output import embolden, near_path, print_table, wrap  # start-up
    from tools.sampling import manifest_path, totals_path

    rows = "rows" if manifest.weights == "multiplicity" else "units"
    drawn = f"Drew {manifest.n:,} of {manifest.units:,} units" if rows == "units" else f"Drew {manifest.n:,} rows"
    if manifest.clusters:
        drawn += f" in {manifest.clusters.n:,} of {manifest.clusters.units:,} clusters"
    print(embolden(f"{drawn} into {near_path(out)}"))
    if manifest.strata:
        print_table(("stratum", "N", "n"), [(s.stratum, s.units, s.n) for s in manifest.strata])
    if manifest.certainty_units:
        shown = ", ".join(manifest.certainty_units[:CERTAIN_SHOWN])
        more = len(manifest.certainty_units) - CERTAIN_SHOWN
        print(wrap(shown + (f" and {more:,} more" if more > 0 else ""), label="Certain"))
    for note in manifest.notes:
        print(wrap(note, label="Note"))
    if manifest.first_phase:
        before = manifest.first_phase
        print(wrap(f"{before.stage} drew {before.n:,} of {before.units:,} units; _pi holds both", label="Before"))
    if manifest.left_out:
        print(wrap(f"{', '.join(manifest.left_out)} (item text stays in its own store)", label="Left out"))
    print(wrap(f"{manifest.stage} with seed {manifest.seed}, frame {manifest.frame.fingerprint}", label="Stage"))
    print(wrap(near_path(manifest_path(out)), label="Manifest"))
    if manifest.predicted_total is not None and manifest.first_phase is None:
        print(wrap(f"--probability _pi --calibrate {near_path(totals_path(out))}", label="Estimate"))
