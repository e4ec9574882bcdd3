"""Definitions for loaded tables, and what was assumed in writing them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tools.ingest.column_words import split_words
from tools.ingest.propose_dataset import measure_words, propose_dataset
from tools.ingest.propose_metrics import propose_metrics
from tools.ingest.relate_tables import Link
from tools.ingest.settle_words import fold, settle_words
from tools.ingest.table_shape import ColumnShape, TableShape
from tools.ingest.word_set import word_set
from tools.metrics.definitions import Dataset, Measure, MetricFile, Relationship
from tools.metrics.measures import expand_measures

_WEIGHTS = word_set("pw wt weight weights pweight fpc")


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
    return Proposal(files, tuple(s for t in tables for s in _assumed(t)) + tuple(_said(link) for link in links))


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


def _assumed(table: TableShape) -> list[str]:
    said = []
    if table.grain:
        one = f"one row is one {table.unit}" if table.unit != "row" else "what one row stands for is not known"
        said.append(f"{table.name}: {one}; rows are told apart by {' and '.join(table.grain)}.")
    else:
        repeat = "1 row repeats" if table.copies == 1 else f"{table.copies:,} rows repeat"
        copies = f" ({repeat} another in full)" if table.copies else ""
        said.append(f"{table.name}: one row is one {table.unit}; no small set of columns tells the rows apart{copies}.")
    times = [c.name for c in table.of_kind("time") if c.name != table.time]
    if table.time:
        others = f"; {_listed(times)} can only be filtered by" if times else ""
        low, high = _days(table.column(table.time))
        said.append(f"{table.name}: time is {table.time}, from {low} to {high}{others}.")
    else:
        said.append(f"{table.name}: no time column, so its figures have no period.")
    if table.text:
        rest = [c.name for c in table.of_kind("text") if c.name != table.text]
        more = f"; {_listed(rest)} also free text, left out of the definitions" if rest else ""
        said.append(f"{table.name}: {table.text} is item text: never shown, grouped or filtered by{more}.")
    if coded := table.of_kind("coded"):
        said.append(f"{table.name}: {_listed([c.name for c in coded])} read as codes, not as quantities.")
    if weights := [c.name for c in table.of_kind("number") if set(split_words(c.header)) & _WEIGHTS]:
        looks = "looks like a sampling weight" if len(weights) == 1 else "look like sampling weights"
        said.append(
            f"{table.name}: {_listed(weights)} {looks}; figures count the rows of the file, unweighted. "
            "Write a `design:` to estimate the population they were drawn from."
        )
    if nested := table.of_kind("nested"):
        said.append(f"{table.name}: {_listed([c.name for c in nested])} holds JSON and is left out of the definitions.")
    if empty := table.of_kind("empty"):
        said.append(f"{table.name}: no values in {_listed([c.name for c in empty])}, which is left out.")
    constant = [c.name for c in table.columns if c.distinct == 1 and c.present == c.rows and c.rows > 1]
    if constant:
        said.append(f"{table.name}: the same value in every row of {_listed(constant)}.")
    return said


def _said(link: Link) -> str:
    where = f"{link.source}.{link.column} and {link.target}.{link.key}"
    found = (
        f"{link.matched:,} of {link.present:,} rows ({link.rate:.0%}) find a match, "
        f"{link.keys_seen:,} of {link.keys:,} keys are used"
    )
    if link.proposed:
        return f"Many rows of {link.source} belong to one of {link.target} by {where}: {found}; rows without one stay."
    return f"{where} have a name in common but were not related: {found}."


def _days(column: ColumnShape) -> tuple[str, str]:
    return str(column.low)[:10], str(column.high)[:10]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


__all__ = ["Proposal", "measure_words", "propose"]
