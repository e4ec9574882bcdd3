"""A sample drawn from a frame, written with its probabilities, and the manifest that replays it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tools.errors import InvalidInput, TransectError
from tools.metrics.sql import quote
from tools.sampling.check_frame import check_frame
from tools.sampling.columns import find_columns, text_type
from tools.sampling.designs import Clusters, Design, Poisson
from tools.sampling.draw_sql import draw_sql
from tools.sampling.file_source import file_fingerprint
from tools.sampling.manifest import ClusterDraw, FrameMark, Manifest, StratumDraw
from tools.sampling.plan import Plan, is_pareto
from tools.sampling.plan_frame import certainty_units, plan_frame
from tools.sampling.source import Source
from tools.sampling.uniform import check_seed, check_stage
from tools.sampling.write_file import check_out, count_rows, whole_file
from tools.version import VERSION

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
        progress: told what is being done, and the share done.

    Returns:
        the manifest. Each row of `out` is a row of the frame with `_pi` (its inclusion probability), `_weight` (1/pi),
        `_stratum`, `_cluster` and `_certainty` (drawn with probability 1).

    Raises:
        InvalidInput: a frame, column, stage or n that cannot be; row and column are named.
    """
    stages = _check_stages(design, stage, second_stage)
    check_seed(seed)
    check_out(out)
    columns = find_columns(source, design, id=id)
    progress("Checking the frame", 0.0)
    fingerprint = source.fingerprint()
    units = check_frame(source, columns, design)
    progress("Resolving the design", 0.4)
    plan = plan_frame(source, columns, design, units=units, stages=stages, seed=seed)
    sql = draw_sql(plan, columns, source=source, shown=_shown(source, out), stages=stages, seed=seed)
    progress("Drawing", 0.6)
    with whole_file(out) as written:
        source.write(sql, written)
        if source.fingerprint() != fingerprint:
            raise TransectError(
                f"{source.name} changed while it was drawn from; nothing was written.",
                code="frame_changed",
                hint="Draw again when it is at rest.",
                where=source.name,
            )
        manifest = Manifest(
            stage=stage,
            second_stage=second_stage if _is_two_stage(design) else None,
            seed=seed,
            design=design,
            id=columns.id.column,
            n=_count(plan, written),
            units=units,
            size_sum=plan.rule.total if plan.rule else None,
            certainty_units=certainty_units(source, columns, plan),
            first_order="computed" if plan.true else "target" if is_pareto(design) and _any_rest(plan) else "exact",
            strata=tuple(StratumDraw(stratum=s, units=of, n=take) for s, (of, take) in plan.strata.items()),
            clusters=ClusterDraw(units=plan.first_units, n=design.n) if isinstance(design, Clusters) else None,
            left_out=tuple(getattr(source, "left_out", ())),
            frame=FrameMark(name=source.name, fingerprint=fingerprint),
            output_fingerprint=file_fingerprint(written),
            sql=sql,
            engine_version=_engine_version(),
            version=VERSION,
        )
        with whole_file(manifest_path(out)) as beside:
            beside.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    progress("Done", 1.0)
    return manifest


def manifest_path(out: Path) -> Path:
    """Where the manifest of a sample lies."""
    return out.with_name(f"{out.name}.manifest.json")


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


def _any_rest(plan: Plan) -> bool:
    return plan.rule is not None and plan.rule.n_rest > 0


def _shown(source: Source, out: Path) -> dict[str, str]:
    """The frame's columns in the output; in Parquet, text of a CSV file gets the type that all its values have."""
    typed = source.is_text and out.suffix.lower() == ".parquet"
    return {
        column: f"f.{quote(column)}" + (f"::{text_type(source, column)}" if typed else "") for column in source.columns
    }


def _count(plan: Plan, written: Path) -> int:
    """Rows written, held against the design."""
    rows = count_rows(written)
    fixed = not isinstance(plan.design, Clusters | Poisson)
    if fixed and rows != plan.design.n:
        raise TransectError(f"The draw gave {rows:,} rows in place of {plan.design.n:,}; nothing was written.")
    return rows


def _engine_version() -> str:
    from importlib.metadata import version

    return version("duckdb")
