"""The files a person would edit: readable, checked, and true of the tables they describe."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import duckdb
import pytest
from pydantic import BaseModel, ConfigDict, RootModel

from tools.demo import DemoReport
from tools.metrics.definitions import MetricFile
from tools.workspace.yaml12 import check_yaml

KINDS = {
    "count",
    "sum",
    "average",
    "percentile",
    "distinct",
    "ratio",
    "proportion",
    "prevalence",
    "agreement",
    "derived",
}
HUMAN_DATA = {"tasks", "trainers", "gold_answers", "annotations", "quality_reviews"} | {
    "ratings",
    "comparisons",
    "work_hours",
    "experiment_arms",
}


@pytest.fixture(scope="module")
def definitions(demo: DemoReport) -> MetricFile:
    """All metric files as one."""
    read: list[MetricFile] = []
    for path in sorted((demo.directory / "metrics").glob("*.yml")):
        model, faults = check_yaml(path, MetricFile)
        assert not faults
        assert model is not None
        read.append(model)
    return MetricFile(
        datasets=tuple(d for f in read for d in f.datasets),
        relationships=tuple(r for f in read for r in f.relationships),
        metrics=tuple(m for f in read for m in f.metrics),
        verified_queries=tuple(v for f in read for v in f.verified_queries),
    )


@pytest.fixture
def columns(warehouse: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Columns of each table."""
    found: dict[str, set[str]] = {}
    listed = "select table_name, column_name from duckdb_columns() where not internal"
    for table, column in warehouse.execute(listed).fetchall():
        found.setdefault(table, set()).add(column)
    return found


def test_metrics_of_many_kinds_over_both_halves(definitions: MetricFile) -> None:
    assert len(definitions.metrics) >= 40
    assert {m.kind for m in definitions.metrics} >= KINDS
    assert {getattr(m, "of", None) for m in definitions.metrics} >= {"messages", "responses", "annotations"}
    assert [m.name for m in definitions.metrics if not (m.owner and m.description and m.synonyms)] == []


def test_no_two_metrics_share_a_word(definitions: MetricFile) -> None:
    words = [w.casefold() for m in definitions.metrics for w in (m.name.replace("_", " "), *m.synonyms)]
    assert sorted({w for w in words if words.count(w) > 1}) == []


def test_every_column_named_in_a_definition_exists(definitions: MetricFile, columns: dict[str, set[str]]) -> None:
    sources = {d.name: columns[d.source] for d in definitions.datasets}
    for d in definitions.datasets:
        design = d.design.model_dump(exclude={"type", "frame"}) if d.design else {}
        used = {*d.grain, d.time, d.actor, *design.values()}
        used |= {x.column for x in d.dimensions} | {x.column for x in d.measures} | {x.column for x in d.where}
        assert used - {None} <= sources[d.name], d.name
    for r in definitions.relationships:
        assert set(r.from_columns) <= sources[r.from_], r.name
        assert set(r.to_columns) <= sources[r.to], r.name


def test_every_relationship_is_many_to_one(definitions: MetricFile, warehouse: duckdb.DuckDBPyConnection) -> None:
    sources = {d.name: d.source for d in definitions.datasets}
    for r in definitions.relationships:
        keys = ", ".join(r.to_columns)
        twice = warehouse.execute(f"select {keys} from {sources[r.to]} group by {keys} having count(*) > 1").fetchall()
        assert twice == [], r.name
        match = " and ".join(f"f.{a} = t.{b}" for a, b in zip(r.from_columns, r.to_columns, strict=True))
        filled = " and ".join(f"f.{a} is not null" for a in r.from_columns)
        orphans = warehouse.execute(
            f"select count(*) from {sources[r.from_]} f "
            f"where {filled} and not exists (from {sources[r.to]} t where {match})"
        ).fetchall()
        assert orphans == [(0,)], r.name


def test_every_grain_is_a_key(definitions: MetricFile, warehouse: duckdb.DuckDBPyConnection) -> None:
    for d in definitions.datasets:
        keys = ", ".join(d.grain)
        twice = warehouse.execute(f"select {keys} from {d.source} group by {keys} having count(*) > 1").fetchall()
        assert twice == [], d.name


def test_listed_values_are_those_in_the_data(definitions: MetricFile, warehouse: duckdb.DuckDBPyConnection) -> None:
    for d in definitions.datasets:
        for dimension in d.dimensions:
            if dimension.values == "auto":
                continue
            found = warehouse.execute(
                f"select distinct {dimension.column} from {d.source} where {dimension.column} is not null"
            ).fetchall()
            assert {v for (v,) in found} <= set(dimension.values), (d.name, dimension.name)


def test_norway_is_a_country(definitions: MetricFile, warehouse: duckdb.DuckDBPyConnection) -> None:
    accounts = next(d for d in definitions.datasets if d.name == "accounts")
    country = next(d for d in accounts.dimensions if d.name == "country")
    assert isinstance(country.values, dict)
    assert country.values["NO"] == ("Norway",)
    assert warehouse.execute("select count(*) > 100 from accounts where country = 'NO'").fetchall() == [(True,)]


def test_roles_name_tables_and_columns_that_exist(demo: DemoReport, columns: dict[str, set[str]]) -> None:
    settings = tomllib.loads((demo.directory / "transect.toml").read_text(encoding="utf-8"))
    roles = settings["access"]["roles"]
    assert settings["workspace"]["today"] == "2026-04-01"
    assert set(roles["analyst"]["tables"]) == set(columns)
    assert set(roles["ops"]["tables"]) == HUMAN_DATA
    assert roles["viewer"]["min_cell"] == 10
    for role in roles.values():
        assert set(role["tables"]) <= set(columns)
        for denied in role["deny_columns"]:
            table, column = denied.split(".")
            assert column in columns[table]


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid")
    date: date
    name: str
    kind: str
    scope: str


class _Events(RootModel[list[_Event]]):
    pass


def test_events_are_dated_inside_the_window(demo: DemoReport) -> None:
    events, faults = check_yaml(demo.directory / "events.yml", _Events)
    assert not faults
    assert events is not None
    dates = [e.date for e in events.root]
    assert dates == sorted(dates)
    assert date(2025, 10, 3) <= dates[0]
    assert dates[-1] <= date(2026, 3, 31)
    assert {e.kind for e in events.root} >= {"launch", "policy_change", "model_change", "incident"}


def test_policies_have_front_matter(demo: DemoReport) -> None:
    paths = sorted((demo.directory / "policies").glob("*.md"))
    assert [p.stem for p in paths] == ["coordinated_abuse", "fraud", "harassment", "violent_threat"]
    for path in paths:
        _, front, text = path.read_text(encoding="utf-8").split("---\n", 2)
        keys = [line.split(":")[0] for line in front.splitlines()]
        assert keys == ["id", "version", "answer_type", "labels", "owner", "severity", "sealed"]
        assert f"id: {path.stem}" in front
        assert "## Guidelines" in text


def test_shipped_files_are_the_ones_in_the_source(demo: DemoReport, root: Path) -> None:
    shipped = root / "tools/demo/workspace"
    for path in shipped.rglob("*.*"):
        assert (demo.directory / path.relative_to(shipped)).read_bytes() == path.read_bytes()
