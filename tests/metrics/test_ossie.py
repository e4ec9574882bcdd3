"""The export: valid by the published format, complete on the way back, right where it is run, silent on the hidden."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
import yaml
from pydantic import ValidationError

from tests.metrics.place import ANALYST
from tools.access import Asker
from tools.demo import build_demo
from tools.errors import InvalidInput
from tools.metrics import Catalog, MetricQuery, catalog_of, profile_of, run_query
from tools.metrics.definitions import MetricFile
from tools.metrics.ossie import Document, from_ossie, to_ossie, visible_part, yaml_text
from tools.workspace import Workspace, load_workspace
from tools.workspace.yaml12 import read_yaml

# The published JSON schema is not ours to keep here. Where a copy lies beside the shared data, it judges as well.
SCHEMA = Path(__file__).parents[2] / "../shared/reference/osi-schema.json"
EXTRA = Path(__file__).parent / "oracle" / "extra.yml"
# Keys by kind of object, as core-spec/spec.md lists them; those that must be there are in capitals.
KEYS = {
    "document": "VERSION SEMANTIC_MODEL",
    "model": "NAME description ai_context DATASETS relationships metrics custom_extensions",
    "dataset": "NAME SOURCE primary_key unique_keys description ai_context fields custom_extensions",
    "field": "NAME EXPRESSION dimension label description datatype ai_context custom_extensions",
    "relationship": "NAME FROM TO FROM_COLUMNS TO_COLUMNS ai_context custom_extensions",
    "metric": "NAME EXPRESSION description datatype ai_context custom_extensions",
    "expression": "DIALECTS",
    "dialect": "DIALECT EXPRESSION",
    "dimension": "is_time",
    "extension": "VENDOR_NAME DATA",
}
ODD = """
datasets:
  - name: order lines
    source: sales.lines
    grain: [order_id, line]
    time: sold
    text: note
    synonyms: ["NO", "on"]
    where: [{column: void, equals: false}]
    dimensions:
      - {name: size, column: size, values: {1: [small], 2: [], false: ["no"], "3": [three]}}
      - {name: land, column: country, values: [NO, "off"]}
      - {name: amount, column: band}
    measures: [{name: amount, column: amount, aggregations: [total, median], unit: usd}]
  - {name: labels, source: labels, design: {type: pps, probability: pi}}
relationships:
  - {name: again, from: order lines, to: labels, from_columns: [order_id, line], to_columns: [a, b]}
metrics:
  - {name: balance, kind: sum, of: order lines, column: amount, semi_additive: last}
  - {name: lines, kind: count, of: order lines, where: [{column: size, not_in: [1, "2"]}], requires: [land], min_n: 5,
     custom_extensions: {DBT: {tags: [a, 1]}, TRANSECT: {kept: true}}, caveats: ["a: b"], maturity: {lag_days: 0}}
  - {name: swing, kind: change, metric: lines, relative: true}
  - {name: agreed, kind: agreement, of: labels, item: a, rater: b, label: c, statistic: percent}
  - {name: bad, kind: prevalence, of: labels, positive: {column: c, in: [x]}, version: 3, description: "Über 'alles'",
     history: [{version: 2, from: 2026-01-05, note: "a: b"}, {version: 3, from: 2026-02-01, note: c, restated: true}]}
  - {name: both, kind: derived, op: product, metrics: [bad, lines], unit: points}
verified_queries:
  - {question: "How many?", query: {metrics: [lines], by: [land], period: {from: 2026-02-01, to: 2026-03-01}}, by: ada, on: 2026-03-01}
"""  # noqa: E501


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small demo with metrics of every kind."""
    place = tmp_path_factory.mktemp("ossie") / "demo"
    build_demo(place)
    shutil.copy(EXTRA, place / "metrics" / "extra.yml")
    return load_workspace(place)


def whole(catalog: Catalog) -> MetricFile:
    """What somebody wrote, all files together."""
    return MetricFile(
        datasets=tuple(catalog.datasets.values()),
        relationships=catalog.relationships,
        metrics=tuple(m for _, f in catalog.files for m in f.metrics),
        verified_queries=catalog.verified_queries,
    )


def export(workspace: Workspace, *roles: str) -> Document:
    """What `transect metrics export` writes."""
    asker = Asker(person="ada", roles=roles or ("analyst",))
    part = visible_part(catalog_of(workspace), asker=asker, policy=workspace.settings.access)
    types = {name: data.types for name, data in profile_of(workspace).datasets.items()}
    return to_ossie(part.file, name="demo", generated=part.generated, types=types)


def test_a_round_trip_over_a_file_keeps_every_definition(demo: Workspace, tmp_path: Path) -> None:
    (tmp_path / "out.yaml").write_text(yaml_text(export(demo)), encoding="utf-8")
    back = from_ossie(read_yaml(tmp_path / "out.yaml", Document))
    expected = whole(catalog_of(demo))
    assert len(expected.metrics) > 60
    assert back == expected


def test_a_round_trip_keeps_what_is_odd(tmp_path: Path) -> None:
    (tmp_path / "odd.yml").write_text(ODD, encoding="utf-8")
    odd = read_yaml(tmp_path / "odd.yml", MetricFile)
    (tmp_path / "out.yaml").write_text(yaml_text(to_ossie(odd, name="x")), encoding="utf-8")
    back = from_ossie(read_yaml(tmp_path / "out.yaml", Document))
    assert back == odd
    values = back.datasets[0].dimensions[0].values
    assert isinstance(values, dict)
    assert [(type(k), k) for k in values] == [(type(k), k) for k in odd.datasets[0].dimensions[0].values]


def test_readers_of_yaml_1_1_see_the_same(tmp_path: Path) -> None:
    (tmp_path / "odd.yml").write_text(ODD, encoding="utf-8")
    document = to_ossie(read_yaml(tmp_path / "odd.yml", MetricFile), name="x")
    assert Document.model_validate(yaml.safe_load(yaml_text(document))) == document


def test_every_object_has_the_keys_of_the_published_format_and_no_others(demo: Workspace) -> None:
    document = yaml.safe_load(yaml_text(export(demo)))
    assert document["version"] == "0.2.0.dev0"
    seen = {kind for kind, _ in _objects(document)}
    assert seen == set(KEYS)
    for kind, found in _objects(document):
        known = {k.lower() for k in KEYS[kind].split()}
        needed = {k.lower() for k in KEYS[kind].split() if k.isupper()}
        assert needed <= set(found) <= known, (kind, found)
        names = [f["name"] for f in found.get("fields", [])]
        assert len(names) == len(set(names))
        if kind == "extension":
            assert isinstance(found["data"], str)
            json.loads(found["data"])
        if kind == "dialect":
            assert found["dialect"] == "ANSI_SQL"
            sqlglot.parse_one(found["expression"])


def test_the_published_schema_accepts_it(demo: Workspace) -> None:
    if not SCHEMA.is_file():
        pytest.skip("the published schema is absent: ../shared/reference/osi-schema.json")
    import jsonschema  # type: ignore[import-untyped]

    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    assert [e.message for e in validator.iter_errors(yaml.safe_load(yaml_text(export(demo))))] == []


def test_what_the_format_lacks_goes_into_extensions_and_nowhere_else() -> None:
    model: dict[str, Any] = {"name": "x", "datasets": [{"name": "a", "source": "b"}]}
    Document.model_validate({"version": "0.2.0.dev0", "semantic_model": [model]})
    with pytest.raises(ValidationError):
        Document.model_validate({"version": "0.2.0.dev0", "semantic_model": [model | {"owner": "ada"}]})


def test_an_expression_run_on_the_data_gives_the_compiled_number(demo: Workspace) -> None:
    catalog = catalog_of(demo)
    expressions = {
        m["name"]: m["expression"]["dialects"][0]["expression"]
        for m in yaml.safe_load(yaml_text(export(demo)))["semantic_model"][0]["metrics"]
    }
    compared = set()
    with duckdb.connect(str(demo.root / "data" / "warehouse.duckdb"), read_only=True) as connection:
        for name, text in expressions.items():
            datasets = catalog.datasets_of(name)
            if len(datasets) > 1:
                continue  # how rows of two datasets are joined is the reader's to say
            value = connection.execute(f"select {text} from {datasets[0].source} as {datasets[0].name}").fetchone()
            figure = run_query(MetricQuery(metrics=(name,)), workspace=demo, asker=ANALYST).figures[0]
            assert value is not None
            assert float(value[0]) == pytest.approx(figure.value, rel=1e-9), name
            compared.add(catalog.metrics[name].kind)
    assert compared >= {
        "count", "sum", "average", "percentile", "extreme", "distinct", "ratio", "proportion", "prevalence",
    }  # fmt: skip


def test_metrics_that_no_expression_says_travel_whole(demo: Workspace) -> None:
    model = export(demo).semantic_model[0]
    native = {m.name for m in model.metrics or ()}
    catalog = catalog_of(demo)
    assert native.isdisjoint(n for n, m in catalog.metrics.items() if m.kind in ("change", "agreement"))
    assert native.isdisjoint({"open_review_cases", "queues_open"})
    assert "average_latency_seconds" in native  # a measure's metric, for readers that know no measures


@pytest.mark.parametrize("role", ["ops", "viewer"])
def test_what_a_role_may_not_see_is_not_exported(demo: Workspace, role: str) -> None:
    access = demo.settings.access.roles[role]
    every = demo.settings.access.roles["analyst"].tables
    part = yaml_text(export(demo, role))
    model = yaml.safe_load(part)["semantic_model"][0]
    hidden = {t for t in every if t not in access.tables}
    assert hidden.isdisjoint(d["source"] for d in model["datasets"])
    columns = {c.split(".")[1] for c in access.deny_columns} - {"name"}
    for word in columns | {f"{table}." for table in hidden}:
        assert word not in part, word
    kept = {d["name"] for d in model["datasets"]}
    assert all({r["from"], r["to"]} <= kept for r in model["relationships"])
    back = from_ossie(Document.model_validate(yaml.safe_load(part)))
    assert 0 < len(back.metrics) < len(whole(catalog_of(demo)).metrics)


def test_a_hidden_verified_query_is_not_exported(demo: Workspace) -> None:
    assert "How bad is voice?" in yaml_text(export(demo, "viewer"))
    assert "overturned more" in yaml_text(export(demo, "viewer"))
    assert "How bad is voice?" not in yaml_text(export(demo, "ops"))


def test_a_document_that_no_export_wrote_is_refused() -> None:
    metric: dict[str, Any] = {
        "name": "m",
        "expression": {"dialects": [{"dialect": "ANSI_SQL", "expression": "COUNT(*)"}]},
    }
    model: dict[str, Any] = {"name": "x", "datasets": [{"name": "a", "source": "b"}], "metrics": [metric]}
    foreign = Document.model_validate({"version": "0.2.0.dev0", "semantic_model": [model]})
    with pytest.raises(InvalidInput, match="does not say its kind"):
        from_ossie(foreign)
    metric["custom_extensions"] = [{"vendor_name": "TRANSECT", "data": "{"}]
    broken = Document.model_validate({"version": "0.2.0.dev0", "semantic_model": [model]})
    with pytest.raises(InvalidInput, match="not JSON"):
        from_ossie(broken)


def _objects(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every object of a document with its kind, by where it stands."""
    found: list[tuple[str, dict[str, Any]]] = [("document", document)]
    kinds = {
        "semantic_model": "model", "datasets": "dataset", "fields": "field", "relationships": "relationship",
        "metrics": "metric", "custom_extensions": "extension", "expression": "expression", "dialects": "dialect",
        "dimension": "dimension",
    }  # fmt: skip

    def walk(value: dict[str, Any]) -> None:
        for key, inner in value.items():
            each = inner if isinstance(inner, list) else [inner]
            for part in each:
                if key in kinds and isinstance(part, dict):
                    found.append((kinds[key], part))
                    walk(part)

    walk(document)
    return found
