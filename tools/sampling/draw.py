"""A sample drawn from a frame, written with its probabilities, and the manifest that replays it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from tools.errors import InvalidInput, TransectError
from tools.metrics.sql import quote
from tools.sampling.check_first_phase import check_first_phase
from tools.sampling.check_frame import check_frame
from tools.sampling.columns import ADDED, find_columns, text_type
from tools.sampling.describe_draw import describe_draw
from tools.sampling.designs import Clusters, Daily, Design, Panel, Poisson
from tools.sampling.draw_sql import draw_sql
from tools.sampling.drawn_mark import mark_file
from tools.sampling.file_source import file_fingerprint
from tools.sampling.impute_sizes import impute_sizes
from tools.sampling.joint_file import check_joint, write_joint
from tools.sampling.manifest import FirstPhase, Manifest
from tools.sampling.plan_frame import plan_frame
from tools.sampling.prediction_totals import totals_path, totals_text
from tools.sampling.source import Source
from tools.sampling.uniform import check_seed, check_stage
from tools.sampling.write_file import check_out, whole_file

Progress = Callable[[str, float | None], None]


def draw(
    source: Source,
    design: Design,
    *,
    id: str,
    seed: int,
    out: Path,
    stage: str = "phase1",
    second_stage: str = "ssu",
    first_phase: FirstPhase | None = None,
    joint: Path | None = None,
    progress: Progress = lambda step, share: None,
) -> Manifest:
    """Draw a sample; its rows go to `out`, its manifest to `out` with `.manifest.json` added.

    The same seed and stage draw the same units from the same frame, in whatever order its rows lie.

    Args:
        source: the frame, from `open_file` or `open_table`.
        design: how to draw.
        id: the column whose value is one unit's own: integers of at least 0, or text in NFC.
        seed: an integer of at least 0.
        out: a .csv, .tsv or .parquet file; replaced as a whole or left as it is.
        stage: a name unique in the study; the same name with the same seed gives the same random numbers.
        second_stage: that of units within clusters.
        first_phase: what drew the frame, when it is itself a sample (`Manifest.as_first_phase`): `_pi` is then that
            phase's times this one's, and what that phase added keeps its place as `_phase1_pi` and so on.
        joint: a .csv file for the joint probabilities of the drawn rows, for variances that need them; Pareto's own
            first-order probabilities are then computed in designs of any size.
        progress: told what is being done, and the share done.

    Returns:
        the manifest. Each row of `out` is a row of the frame with `_pi` (its inclusion probability), `_weight` (1/pi),
        `_stratum`, `_cluster` and `_certainty` (drawn with probability 1). Where a score's steps predict the share of
        positives, rows have `_predicted`, and its total over the frame goes to `out` with `.totals.csv` added.

    Raises:
        InvalidInput: a frame, column, stage or n that cannot be; row and column are named.
        Declined: joint probabilities of more than 2,000 rows, or that would take too long.
    """
    stages = _check_stages(design, stage, second_stage)
    check_seed(seed)
    check_out(out)
    if joint is not None:
        check_joint(joint, out=out)
    columns = find_columns(source, design, id=id, second_phase=first_phase is not None)
    shown = _shown(source, out, first_phase=first_phase)
    progress("Checking the frame", 0.0)
    fingerprint = source.fingerprint()
    facts = check_frame(source, columns, design)
    if first_phase is not None:
        used = stages if _is_two_stage(design) else stages[:1]
        check_first_phase(source, columns, first_phase, stages=used)
    progress("Resolving the design", 0.4)
    columns = impute_sizes(source, columns, design, facts=facts)
    plan = plan_frame(source, columns, design, facts=facts, stages=stages, seed=seed, exact=joint is not None)
    sql = draw_sql(plan, columns, source=source, shown=shown, stages=stages, seed=seed)
    progress("Drawing", 0.6)
    with whole_file(out) as written, _beside(joint) as pairs:
        if pairs is not None:
            write_joint(source, columns, plan, pairs, stages=stages, seed=seed, first_phase=first_phase)
        source.write(sql, written)
        if source.fingerprint() != fingerprint:
            raise TransectError(
                f"{source.name} changed while it was drawn from; nothing was written.",
                code="frame_changed",
                hint="Draw again when it is at rest.",
                where=source.name,
            )
        rows, mark = mark_file(written, id=columns.id.column)
        _check_count(design, rows)
        manifest = describe_draw(
            source,
            columns,
            plan,
            facts=facts,
            stage=stage,
            second_stage=second_stage if _is_two_stage(design) else None,
            seed=seed,
            first_phase=first_phase,
            fingerprint=fingerprint,
            rows=rows,
            mark=mark,
            output_fingerprint=file_fingerprint(written),
            joint_fingerprint=None if pairs is None else file_fingerprint(pairs),
            sql=sql,
        )
        if manifest.predicted_total is not None and first_phase is None:
            with whole_file(totals_path(out)) as totals:
                totals.write_text(totals_text(rows=facts.rows, predicted=manifest.predicted_total), encoding="utf-8")
        with whole_file(manifest_path(out)) as beside:
            beside.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    progress("Done", 1.0)
    return manifest


def manifest_path(out: Path) -> Path:
    """Where the manifest of a sample lies."""
    return out.with_name(f"{out.name}.manifest.json")


def _beside(path: Path | None) -> AbstractContextManager[Path | None]:
    """A file that is either whole or not there; nothing where none is wanted."""
    return nullcontext() if path is None else whole_file(path)


def _check_stages(design: Design, stage: str, second_stage: str) -> tuple[str, str]:
    if _is_two_stage(design) and stage == second_stage:
        raise InvalidInput(
            f"Both stages are named {stage!r}, so that units would be drawn by their clusters' numbers.",
            code="usage",
            value=stage,
            hint="--stage psu",
        )
    return check_stage(stage), check_stage(second_stage)


def _is_two_stage(design: Design) -> bool:
    return isinstance(design, Clusters) and design.per_cluster is not None


def _shown(source: Source, out: Path, *, first_phase: FirstPhase | None) -> dict[str, str]:
    """The frame's columns in the output, those that a first phase added under its name.

    In Parquet, text of a CSV file gets the type that all its values have.
    """
    typed = source.is_text and out.suffix.lower() == ".parquet"
    shown = {}
    for column in source.columns:
        added = first_phase is not None and column.lower() in ADDED
        name = f"_{first_phase.stage}{column.lower()}" if first_phase is not None and added else column
        if name in shown or (added and name in source.columns):
            raise InvalidInput(f"{source.name} already has the column {name!r}.", code="column_taken", value=name)
        shown[name] = f"f.{quote(column)}" + (f"::{text_type(source, column)}" if typed else "")
    return shown


def _check_count(design: Design, rows: int) -> None:
    """Rows written, held against the design."""
    if not isinstance(design, Clusters | Poisson | Panel | Daily) and rows != design.n:
        raise TransectError(f"The draw gave {rows:,} rows in place of {design.n:,}; nothing was written.")
