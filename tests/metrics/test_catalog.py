"""Definitions become a catalog, or every fault is reported with its line."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tools.errors import InvalidInput, InvalidWorkspace
from tools.metrics import Catalog, load_catalog

SHOP = """
datasets:
  - name: messages
    source: messages
    grain: [message_id]
    time: created_at
    dimensions: [{name: surface, column: surface}, {name: country, column: country}]
    measures: [{name: handle_seconds, column: seconds, unit: seconds, synonyms: [handle time]}]
  - name: users
    source: users
    grain: [user_id]
    dimensions: [{name: country, column: country}, {name: plan, column: plan}]
  - name: orgs
    source: orgs
    grain: [org_id]
    dimensions: [{name: plan, column: plan}, {name: size, column: size}]
  - name: reports
    source: reports
    grain: [report_id]
    time: reported_at
    dimensions: [{name: surface, column: surface}]
relationships:
  - {name: author, from: messages, to: users, from_columns: [user_id], to_columns: [user_id]}
  - {name: member, from: users, to: orgs, from_columns: [org_id], to_columns: [org_id]}
  - {name: reported, from: reports, to: users, from_columns: [user_id], to_columns: [user_id]}
metrics:
  - {name: messages_sent, kind: count, of: messages, synonyms: [message volume]}
  - {name: users_total, kind: count, of: users}
  - name: report_rate
    kind: ratio
    numerator: {agg: count, of: reports}
    denominator: {agg: count, of: messages}
"""


def load(tmp_path: Path, *texts: str) -> Catalog:
    folder = tmp_path / "metrics"
    folder.mkdir(exist_ok=True)
    for i, text in enumerate(texts):
        (folder / f"f{i}.yml").write_text(dedent(text), encoding="utf-8")
    return load_catalog(folder)


def faults_of(tmp_path: Path, *texts: str) -> list[str]:
    with pytest.raises(InvalidWorkspace) as caught:
        load(tmp_path, *texts)
    return [f"{Path(f.where).name} {f.message} ({f.hint})" for f in caught.value.faults]


def test_every_aggregation_of_a_measure_is_a_metric(tmp_path: Path) -> None:
    catalog = load(tmp_path, SHOP)
    names = {"average_handle_seconds", "median_handle_seconds", "min_handle_seconds", "max_handle_seconds"}
    assert names | {"total_handle_seconds"} <= set(catalog.metrics)
    assert "mean handle time" in catalog.metrics["average_handle_seconds"].synonyms
    assert "handle seconds on average" in catalog.metrics["average_handle_seconds"].synonyms
    assert {(m.aggregation, m.metric) for m in catalog.measures} == {
        (a, f"{a}_handle_seconds") for a in ("average", "median", "min", "max", "total")
    }


def test_dimensions_come_from_many_to_one_relationships_nearest_first(tmp_path: Path) -> None:
    found = load(tmp_path, SHOP).dimensions_for("messages_sent")
    assert {k for k, r in found.items() if not r.measured} == {
        "surface", "country", "users.country", "plan", "orgs.plan", "size",
    }  # fmt: skip
    assert [k for k, r in found.items() if r.measured] == ["handle_seconds"]
    assert found["country"].dataset == "messages"
    assert [r.name for r in found["size"].path] == ["author", "member"]
    assert set(load(tmp_path, SHOP).dimensions_for("users_total")) == {"country", "plan", "orgs.plan", "size"}


def test_a_ratio_of_two_datasets_has_the_dimensions_they_share(tmp_path: Path) -> None:
    catalog = load(tmp_path, SHOP)
    assert catalog.base_dataset("report_rate").name == "messages"
    shared = catalog.shared_dimensions_for("report_rate")
    assert set(shared) == {"surface", "users.country", "plan", "orgs.plan", "size"}
    assert shared["users.country"][1].name == "country"


def test_two_roles_of_one_dataset_are_named_by_their_relationship(tmp_path: Path) -> None:
    text = """
    datasets:
      - {name: dms, source: dms}
      - {name: users, source: users, dimensions: [{name: country, column: country}]}
    relationships:
      - {name: sender, from: dms, to: users, from_columns: [a], to_columns: [id]}
      - {name: recipient, from: dms, to: users, from_columns: [b], to_columns: [id]}
    metrics: [{name: dms_sent, kind: count, of: dms}]
    """
    assert set(load(tmp_path, text).dimensions_for("dms_sent")) == {"sender.country", "recipient.country"}


@pytest.mark.parametrize(
    ("definition", "fault"),
    [
        ("- {name: a, kind: count, of: mesages}", "there is no dataset 'mesages' (did you mean 'messages'?)"),
        ("- {name: messages_sent, kind: count, of: users}", "metric 'messages_sent' is defined twice"),
        ("- {name: a, kind: count, of: users, synonyms: [message volume]}", "already names 'messages_sent'"),
        ("- {name: a, kind: count, of: users, synonyms: [users total]}", "already names 'users_total'"),
        ("- {name: a, kind: derived, op: sum, metrics: [messages_snt, users_total]}", "no metric 'messages_snt'"),
        ("- {name: a, kind: derived, op: sum, metrics: [a, users_total]}", "is defined by itself"),
        ("- {name: a, kind: change, metric: users_total}", "a change needs a time column"),
        ("- {name: a, kind: count, of: messages, requires: [surfce]}", "did you mean 'surface'?"),
        ("- {name: a, kind: count, of: users, maturity: {lag_days: 2}}", "needs a time column"),
        ("- {name: a, kind: proportion, of: users, positive: {column: x, is_null: true}}", "not NULL"),
    ],
)
def test_faults_of_meaning(tmp_path: Path, definition: str, fault: str) -> None:
    found = faults_of(tmp_path, SHOP, "metrics:\n  " + definition)
    assert len(found) == 1
    assert fault in found[0]
    assert found[0].startswith("f1.yml:2 ")


def test_two_metrics_defined_by_each_other(tmp_path: Path) -> None:
    text = """
    metrics:
      - {name: a, kind: derived, op: sum, metrics: [b, users_total]}
      - {name: b, kind: derived, op: sum, metrics: [a, users_total]}
    """
    assert len(faults_of(tmp_path, SHOP, text)) == 2


def test_item_text_cannot_be_used(tmp_path: Path) -> None:
    text = """
    datasets: [{name: d, source: d, text: body, measures: [{name: m, column: body}]}]
    metrics: [{name: a, kind: distinct, of: d, column: id}]
    """
    assert "item text" in faults_of(tmp_path, text)[0]
    text = """
    datasets: [{name: d, source: d, text: body}]
    metrics: [{name: a, kind: distinct, of: d, column: Body}]
    """
    assert "item text" in faults_of(tmp_path, text)[0]


def test_a_relationship_must_lead_to_one_row(tmp_path: Path) -> None:
    text = """
    datasets: [{name: d, source: d}, {name: tags, source: tags, grain: [d_id, tag]}]
    relationships: [{name: tagged, from: d, to: tags, from_columns: [id], to_columns: [d_id]}]
    """
    assert "a row of 'tags' is one d_id + tag" in faults_of(tmp_path, text)[0]


def test_a_verified_query_must_be_answerable(tmp_path: Path) -> None:
    text = """
    verified_queries:
      - {question: q, query: {metrics: [messages_sent], by: [surfaces]}, by: a, on: 2026-03-01}
      - {question: q, query: {metrics: [messages_sent], bye: [surface]}, by: a, on: 2026-03-01}
    """
    found = faults_of(tmp_path, SHOP, text)
    assert "no dimension 'surfaces' (did you mean 'surface'?)" in found[0]
    assert "not a query" in found[1]


def test_a_sample_has_no_extremes(tmp_path: Path) -> None:
    text = """
    datasets:
      - {name: s, source: s, design: {type: srs, weight: w}, measures: [{name: m, column: m}]}
    """
    assert "max_m" not in load(tmp_path, text).metrics
    found = faults_of(tmp_path, text, "metrics: [{name: a, kind: extreme, of: s, column: m, which: max}]")
    assert "a sample cannot tell the frame's extreme" in found[0]


def test_an_unknown_metric_is_answered_with_near_names(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        load(tmp_path, SHOP).metric("message_sent")
    assert caught.value.allowed[0] == "messages_sent"
