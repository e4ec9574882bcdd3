"""How the rows of a sampled dataset were drawn, read from its design columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.errors import Declined
from tools.metrics.definitions import Dataset, Metric
from tools.metrics.definitions import Design as DesignColumns
from tools.metrics.selection import select_sql
from tools.metrics.sql import Values, quote, quote_table

if TYPE_CHECKING:
    from tools.estimation import Design
    from tools.metrics.session import Session


@dataclass(frozen=True)
class SampleDesign:
    """The whole sample, whatever domain is asked for.

    Attributes:
        design: for the estimators.
        codes: stratum value -> code. clusters: (stratum code, cluster value) -> key, filled as cells are read.
        weights: per stratum code, where weights follow from the population counts; else None.
        stated_weights: weights are on the frame's scale, so that totals make sense.
    """

    design: Design
    codes: dict[Any, int]
    clusters: dict[tuple[int, Any], int]
    weights: tuple[float, ...] | None
    stated_weights: bool

    def cluster_codes(self, stratum: Sequence[int], values: Sequence[Any]) -> list[int]:
        """One key per cluster, the same in every statement of the query."""
        pairs = zip(stratum, values, strict=True)
        return [self.clusters.setdefault((int(h), value), len(self.clusters)) for h, value in pairs]


def design_of(dataset: Dataset, session: Session) -> SampleDesign:
    """The design of a dataset's sample, read once a query.

    Raises:
        Declined: `uncorrectable`, rows without a weight or cluster, or a population count that differs in a stratum.
    """
    if dataset.name not in session.designs:
        session.designs[dataset.name] = _read(dataset, session)
    return session.designs[dataset.name]


def weight_sql(design: DesignColumns, column: str) -> str:
    """A row's weight; `column` is the quoted weight or probability."""
    return f"{column}::double" if design.weight is not None else f"1e0 / {column}"


def weight_column(design: DesignColumns) -> str | None:
    """The column that weights come from."""
    return design.weight if design.weight is not None else design.probability


def _read(dataset: Dataset, session: Session) -> SampleDesign:
    import numpy as np  # start-up: a full count needs none of this

    from tools.estimation import Design

    columns = dataset.design
    assert columns is not None, "only sampled datasets have a design"
    values = Values()
    rows = session.run(_statement(dataset, columns), values).rows
    for _, _, n, _, _, unweighted, unclustered in rows:
        for count, what in ((unweighted, "weight above 0"), (unclustered, "cluster")):
            if count:
                message = f"{count:,} of {n:,} sampled rows of {dataset.name} have no {what}: nothing can be estimated."
                raise Declined(message, reason="uncorrectable", rule="design", hint="Mend the sample's design columns.")
    for stratum, _, _, low, high, _, _ in rows:
        if low != high or (columns.fpc is not None and not (low or 0) > 0):
            message = f"The population count of stratum {stratum!r} of {dataset.name} is missing or not constant."
            raise Declined(message, reason="uncorrectable", rule="design", value=columns.fpc)
    rows = sorted(rows, key=lambda r: (r[0] is None, str(r[0])))
    clusters = [int(r[1]) for r in rows]
    population = [float("nan") if r[3] is None else float(r[3]) for r in rows]
    known = columns.fpc is not None
    weights = None
    if weight_column(columns) is None and known:
        weights = tuple(1 / p if p <= 1 else p / m for p, m in zip(population, clusters, strict=True))
    return SampleDesign(
        design=Design(
            stratum=np.arange(len(rows)),
            clusters=np.array(clusters, dtype=np.int64),
            population=np.array(population) if known else None,
            rows=sum(int(r[2]) for r in rows),
        ),
        codes={r[0]: i for i, r in enumerate(rows)},
        clusters={},
        weights=weights,
        stated_weights=weights is not None or weight_column(columns) is not None,
    )


def _statement(dataset: Dataset, design: DesignColumns) -> str:
    weight = weight_column(design)
    cluster, fpc = design.cluster, design.fpc
    stratum = quote(design.strata) if design.strata is not None else "1"
    return select_sql(
        [
            (stratum, "stratum"),
            (f"count(distinct {quote(cluster)})" if cluster is not None else "count(*)", "drawn"),
            ("count(*)", "sample_rows"),
            (f"min({quote(fpc)})" if fpc is not None else "null", "population"),
            (f"max({quote(fpc)})" if fpc is not None else "null", "population_again"),
            (f"count(*) filter (not coalesce({quote(weight)} > 0, false))" if weight else "0", "unweighted"),
            (f"count(*) filter ({quote(cluster)} is null)" if cluster is not None else "0", "unclustered"),
        ],
        source=f"from {quote_table(dataset.source)}",
        groups=1,
    )


def is_sampled(metric: Metric, session: Session) -> bool:
    """Whether a metric reads a dataset that was sampled."""
    return any(d.design is not None for d in session.catalog.datasets_of(metric.name))
