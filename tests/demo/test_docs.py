"""docs/demo.md names every table, metric and part of the truth, and the numbers it states are those of `small`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from agent.cli.main import run
from tools.demo import DemoReport
from tools.metrics.definitions import MetricFile
from tools.workspace.yaml12 import check_yaml


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/demo.md").read_text(encoding="utf-8")


def test_every_table_is_described(page: str, demo: DemoReport) -> None:
    assert [table for table in demo.rows if f"`{table}`" not in page] == []


def test_every_metric_is_described_and_no_other(page: str, demo: DemoReport) -> None:
    names = set()
    for path in (demo.directory / "metrics").glob("*.yml"):
        read, _ = check_yaml(path, MetricFile)
        assert read is not None
        names |= {metric.name for metric in read.metrics}
    listed = set(re.findall(r"`([a-z_0-9]+)`", page.partition("## Metrics")[2].rpartition("|---|---|")[2]))
    assert listed == names


def test_every_part_of_the_truth_is_described(page: str, truth: dict[str, Any]) -> None:
    part = page.split("## The truth")[1].split("## Metrics", maxsplit=1)[0]
    assert [key for key in truth if key != "note" and f"`{key}`" not in part] == []
    for key in ("zero_retention", "returns", "networks", "indicators", "links", "violent_threats", "judgements"):
        assert [name for name in truth[key] if f"`{name}`" not in part] == [], key


def test_every_dated_effect_is_in_the_truth(truth: dict[str, Any]) -> None:
    assert [effect["on"] for effect in truth["effects"] if effect["metric"] == "rating_bias"] == ["2026-03-02"]
    assert len(truth["effects"]) == 10
    assert all(effect["metric"] for effect in truth["effects"])


def test_the_stated_factor_of_the_late_sample_is_that_of_small(page: str, truth: dict[str, Any]) -> None:
    every, live = truth["links"]["prevalence"]["share"], truth["links"]["live_today"]["share"]
    assert f"{100 * every:.1f} % of all and {100 * live:.1f} % of those still up (`small`)" in page
    assert f"low by a factor of {every / live:.1f}" in page


@pytest.mark.parametrize("role", [None, "ops", "viewer"])
@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from read_json('data/truth.json')",
        "select count(*) from 'data/truth.json'",
        "select count(*) from true_accounts",
        "select count(*) from read_text('data/truth.json')",
    ],
)
def test_no_role_reaches_the_truth_by_sql(
    sql: str, role: str | None, demo: DemoReport, capsys: pytest.CaptureFixture[str]
) -> None:
    as_role = [] if role is None else ["--role", role]
    code = run(["-w", str(demo.directory), "sql", sql, *as_role])
    said = capsys.readouterr()
    assert code == 3
    assert "harmful_accounts" not in said.out + said.err
