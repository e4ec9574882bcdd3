"""Definitions for loaded tables, and what was assumed in writing them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tools.ingest.propose_dataset import measure_words, propose_dataset
from tools.ingest.propose_metrics import propose_metrics
from tools.ingest.relate_tables import Link
from tools.ingest.say_assumptions import say_assumptions
from tools.ingest.settle_words import fold, settle_words
from tools.ingest.table_shape import TableShape
from tools.metrics.definitions import Dataset, Measure, MetricFile, Relationship
from tools.metrics.measures import expand_measures


@dataclass(frozen=True)
class Proposal:
    """One definition file a table, by table name, and the assumptions in plain sentences."""

    files: dict[str, MetricFile]
    assumptions: tuple[str, ...]


def propose(tables: Sequence[TableShape], links: Sequence[Link]) -> Proposal:
    """Datasets, relationships and metrics for `tables`; no word names two metrics."""
    names = _measure_names(tables)
    datasets = [propose_dataset(t, measure_names=names[t.name]) for t in tables]
    datasets = _without_shared_words(datasets)
    candidates = [c for t in tables for c in propose_metrics(t, measure_names=names[t.name])]
    written = {c.metric.name for c in candidates}
    generated = {
        word
        for dataset in datasets
        for _, metric in expand_measures(dataset)
        for word in (metric.name, *metric.synonyms)
        if metric.name not in written
    }
    metrics = settle_words(candidates, taken=generated)
    relationships = _relationships(links)
    files = {
        dataset.name: MetricFile(
            datasets=(dataset,),
            relationships=tuple(r for r in relationships if r.from_ == dataset.name),
            metrics=tuple(m for c, m in zip(candidates, metrics, strict=True) if c.table == dataset.name),
        )
        for dataset in datasets
    }
    return Proposal(files, tuple(s for t in tables for s in say_assumptions(t)) + tuple(_said(link) for link in links))


def _measure_names(tables: Sequence[TableShape]) -> dict[str, dict[str, str]]:
    """The column's name, with the table's before it where two tables have the same column."""
    often = Counter(fold(c.name) for t in tables for c in t.of_kind("number"))
    return {
        t.name: {
            c.name: (c.name if often[fold(c.name)] == 1 else f"{t.name}_{c.name}").lower() for c in t.of_kind("number")
        }
        for t in tables
    }


def _without_shared_words(datasets: list[Dataset]) -> list[Dataset]:
    """Measures keep only words that no other measure of the workspace has."""
    often = Counter(w for d in datasets for m in d.measures for w in {fold(m.name), *map(fold, m.synonyms)})
    return [d.model_copy(update={"measures": tuple(_own_words(m, often, d) for m in d.measures)}) for d in datasets]


def _own_words(measure: Measure, often: Counter[str], dataset: Dataset) -> Measure:
    spoken = dataset.name.replace("_", " ")
    kept = [w for w in measure.synonyms if often[fold(w)] == 1]
    if measure.name != measure.column.lower():
        base = [measure.column.replace("_", " "), *measure.synonyms]
        kept += [f"{w} in {spoken}" for w in dict.fromkeys(base)]
    return measure.model_copy(update={"synonyms": tuple(dict.fromkeys(kept))})


def _relationships(links: Sequence[Link]) -> list[Relationship]:
    found: list[Relationship] = []
    for link in links:
        if link.proposed:
            name = f"{link.source}_{link.target}"
            if any(r.name == name for r in found):
                name = f"{name}_by_{link.column}"
            found.append(
                Relationship(
                    name=name, from_=link.source, to=link.target, from_columns=(link.column,), to_columns=(link.key,)
                )
            )
    return found


def _said(link: Link) -> str:
    where = f"{link.source}.{link.column} and {link.target}.{link.key}"
    found = (
        f"{link.matched:,} of {link.present:,} rows ({link.rate:.0%}) find a match, "
        f"{link.keys_seen:,} of {link.keys:,} keys are used"
    )
    if link.proposed:
        return f"Many rows of {link.source} belong to one of {link.target} by {where}: {found}; rows without one stay."
    return f"{where} have a name in common but were not related: {found}."


__all__ = ["Proposal", "measure_words", "propose"]
