"""`transect sample`: a draw by hash, with probabilities and a manifest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.cli.options import JsonOption, PersonOption, RoleOption, WorkspaceOption, command_app
from tools.errors import InvalidInput

if TYPE_CHECKING:
    from tools.sampling import Design, Manifest, Source

app = command_app()

CERTAIN_SHOWN = 10


@app.command()
def sample(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A CSV or Parquet file, or a table of the workspace.")
    ],
    design: Annotated[
        Literal["srs", "stratified", "pps", "poisson", "cluster"],
        typer.Option("--design", help="pps: a fixed n by size (Pareto); poisson: n expected."),
    ],
    n: Annotated[int, typer.Option("--n", metavar="N", help="Units to draw; clusters with --design cluster.")],
    id_: Annotated[str, typer.Option("--id", metavar="COL", help="The column that is one unit's own.")],
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="0 or more; the same seed draws the same units.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A .csv, .tsv or .parquet file.")],
    size_column: Annotated[
        str | None,
        typer.Option("--size-column", metavar="C", help="Probabilities follow it; its spread steers neyman and cost."),
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
    stage: Annotated[
        str | None,
        typer.Option("--stage", metavar="S", help="Unique in the study; default: phase1, psu with --design cluster."),
    ] = None,
    second_stage: Annotated[
        str, typer.Option("--second-stage", metavar="S", help="The stage of units within clusters.")
    ] = "ssu",
    json_: JsonOption = False,
    role: RoleOption = None,
    person: PersonOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Draw a sample by hash, with inclusion probabilities.

    Adds _pi, _weight, _stratum, _cluster and _certainty to the drawn rows, and writes FILE.manifest.json, from which
    anyone can draw the same units again. The order of the rows does not matter.

    \b
    Example:
      transect sample messages.csv --design srs --n 400 --id message_id --seed 7 --out sample.csv
      transect sample messages --design stratified --strata surface --n 800 --id message_id --seed 7 --out sample.csv
    """
    from agent.cli.output import print_json, print_progress  # start-up
    from tools.sampling import draw

    given = {
        "--size-column": size_column,
        "--strata": strata,
        "--cluster": cluster,
        "--allocation": allocation,
        "--min-per-stratum": minimum,
        "--cost-column": cost_column,
        "--per-cluster": per_cluster,
    }
    wanted = _design(design, n, {name: value for name, value in given.items() if value is not None})
    with _opened(source, out=out, workspace=workspace, role=role, person=person) as frame:
        manifest = draw(
            frame,
            wanted,
            id=id_,
            seed=seed,
            out=out,
            stage=stage or ("psu" if design == "cluster" else "phase1"),
            second_stage=second_stage,
            progress=print_progress,
        )
    if json_:
        print_json({"manifest": manifest})
    else:
        _show(manifest, out)


def _design(kind: str, n: int, given: dict[str, str | int]) -> Design:
    """The design that these options name; options of another design are errors."""
    from tools.sampling import Clusters, ParetoPps, Poisson, SimpleRandom, Stratified  # start-up

    steered = given.get("--allocation") in ("neyman", "cost")
    needs: dict[str, dict[str, str]] = {
        "srs": {},
        "stratified": {
            "--strata": "strata",
            **({"--size-column": "spread"} if steered else {}),
            **({"--cost-column": "cost"} if given.get("--allocation") == "cost" else {}),
        },
        "pps": {"--size-column": "size"},
        "poisson": {},
        "cluster": {"--cluster": "cluster"},
    }
    may: dict[str, dict[str, str]] = {
        "stratified": {"--allocation": "allocation", "--min-per-stratum": "minimum"},
        "poisson": {"--size-column": "size"},
        "cluster": {"--size-column": "size", "--per-cluster": "per_cluster"},
    }
    models: dict[str, type[SimpleRandom | Stratified | ParetoPps | Poisson | Clusters]] = {
        "srs": SimpleRandom,
        "stratified": Stratified,
        "pps": ParetoPps,
        "poisson": Poisson,
        "cluster": Clusters,
    }
    fields = {**needs[kind], **may.get(kind, {})}
    what = f"--design {kind}" + (f" --allocation {given['--allocation']}" if steered and kind == "stratified" else "")
    if n < 1:
        raise InvalidInput(f"n is {n}; draw at least 1.", code="usage", value=n, hint="--n 400")
    for option in needs[kind]:
        if option not in given:
            raise InvalidInput(f"{what} needs {option}.", code="usage", hint=f"{option} COLUMN")
    for option, value in given.items():
        if option not in fields:
            allowed = list(fields)
            raise InvalidInput(f"{option} has no meaning with {what}.", code="usage", value=value, allowed=allowed)
    return models[kind].model_validate({"n": n, **{fields[name]: value for name, value in given.items()}})


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
    from tools.sampling import manifest_path

    drawn = f"Drew {manifest.n:,} of {manifest.units:,} units"
    if manifest.clusters:
        drawn += f" in {manifest.clusters.n:,} of {manifest.clusters.units:,} clusters"
    print(embolden(f"{drawn} into {near_path(out)}"))
    if manifest.strata:
        print_table(("stratum", "N", "n"), [(s.stratum, s.units, s.n) for s in manifest.strata])
    if manifest.certainty_units:
        shown = ", ".join(manifest.certainty_units[:CERTAIN_SHOWN])
        more = len(manifest.certainty_units) - CERTAIN_SHOWN
        print(wrap(shown + (f" and {more:,} more" if more > 0 else ""), label="Certain"))
    if manifest.left_out:
        print(wrap(f"{', '.join(manifest.left_out)} (item text stays in its own store)", label="Left out"))
    print(wrap(f"{manifest.stage} with seed {manifest.seed}, frame {manifest.frame.fingerprint}", label="Stage"))
    print(wrap(near_path(manifest_path(out)), label="Manifest"))
