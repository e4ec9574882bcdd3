"""Sampled datasets: the same digits as R's survey package, and as the estimation core fed by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.metrics.place import CAREFUL, ask, build_place, by_hand
from tools.errors import Declined
from tools.estimation import Sample, estimate_difference, estimate_proportion, sum_rows
from tools.workspace import Workspace

SHARED = Path(__file__).parents[2] / ".." / "shared"
SURVEY = SHARED / "data" / "survey_api"
REFERENCE = SHARED / "reference" / "survey_r.json"

needs_survey = pytest.mark.skipif(
    not (SURVEY.is_dir() and REFERENCE.is_file()), reason="../shared/data/survey_api or ../shared/reference is absent"
)

DESIGNS = {
    "dstrat": ("apistrat", "{type: stratified, strata: stype, weight: pw, fpc: fpc}"),
    "dstrat_nofpc": ("apistrat", "{type: stratified, strata: stype, weight: pw}"),
    "dclus1": ("apiclus1", "{type: cluster, cluster: dnum, weight: pw, fpc: fpc}"),
    "dclus1_nofpc": ("apiclus1", "{type: cluster, cluster: dnum, weight: pw}"),
    "dsrs": ("apisrs", "{type: srs, fpc: fpc}"),
}
METRICS = """
datasets:
  - name: schools
    source: schools
    grain: [cds]
    dimensions: [{name: stype, column: stype}]
    design: DESIGN
metrics:
  - {name: frame_size, kind: count, of: schools}
  - {name: mean_api00, kind: average, of: schools, column: api00}
  - {name: total_enroll, kind: sum, of: schools, column: enroll}
  - name: ratio
    kind: ratio
    numerator: {agg: sum, of: schools, column: api_stu}
    denominator: {agg: sum, of: schools, column: enroll}
  - {name: awards, kind: proportion, of: schools, positive: {column: awards, equals: "Yes"}}
  - {name: no_ell, kind: prevalence, of: schools, positive: {column: ell, equals: 0}}
  - {name: median_api00, kind: percentile, of: schools, column: api00}
"""


@pytest.fixture(scope="module")
def schools(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workspace]:
    found = {}
    for name, (file, design) in DESIGNS.items():
        sql = f"""create table schools as
            select *, "api.stu" as api_stu from read_csv('{SURVEY / file}.csv', nullstr='NA')"""
        directory = Path(tmp_path_factory.mktemp(name)) / "w"
        found[name] = build_place(directory, sql=sql, metrics=METRICS.replace("DESIGN", design))
    return found


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    values: dict[str, Any] = json.loads(REFERENCE.read_text())["values"]
    return values


@needs_survey
@pytest.mark.parametrize("design", list(DESIGNS))
def test_mean_total_and_ratio_have_the_digits_of_r(
    schools: dict[str, Workspace], reference: dict[str, Any], design: str
) -> None:
    wanted = reference[design]
    names = {"mean_api00": "mean_api00", "total_enroll": "total_enroll", "ratio": "ratio_api.stu_enroll"}
    for metric, row in names.items():
        figure = ask(schools[design], metrics=[metric]).figures[0]
        assert figure.value == pytest.approx(wanted[row]["est"], rel=1e-8)
        assert [figure.low, figure.high] == pytest.approx(wanted[row]["ci95_t_degf"], rel=1e-8)
        assert (figure.basis, figure.level, figure.n) == ("sample", 0.95, wanted["n_rows"])
        deff = wanted[row].get("deff_replace")
        if deff:
            assert figure.n_eff == pytest.approx(wanted["n_rows"] / deff, rel=1e-3)


@needs_survey
@pytest.mark.parametrize("design", list(DESIGNS))
def test_a_share_has_the_korn_graubard_interval_of_r(
    schools: dict[str, Workspace], reference: dict[str, Any], design: str
) -> None:
    figure = ask(schools[design], metrics=["awards"]).figures[0]
    row = reference[design]["prop_awards_Yes"]["beta"]
    assert figure.value == pytest.approx(row["est"], rel=1e-8)
    assert figure.unit == "share"
    if figure.method == "korn-graubard":
        assert [figure.low, figure.high] == pytest.approx(row["ci95"], rel=1e-8)
    else:
        assert figure.low is not None
        assert figure.low <= row["ci95"][0] * 1.01


@needs_survey
@pytest.mark.parametrize("design", list(DESIGNS))
def test_domains_keep_the_whole_design(schools: dict[str, Workspace], reference: dict[str, Any], design: str) -> None:
    wanted = reference[design]
    metrics = {
        "mean_api00": "domain_mean_api00_by_stype",
        "total_enroll": "domain_total_enroll_by_stype",
        "ratio": "domain_ratio_by_stype",
    }
    for metric, row in metrics.items():
        for figure in ask(schools[design], metrics=[metric], by=["stype"]).figures:
            expected = wanted[row][figure.slice["stype"]]
            assert figure.value == pytest.approx(expected["est"], rel=1e-8)
            assert figure.low is not None
            assert figure.high is not None
            assert figure.low < expected["est"] - expected["se"] < expected["est"] + expected["se"] < figure.high


@needs_survey
@pytest.mark.parametrize("design", list(DESIGNS))
def test_counts_are_scaled_to_the_frame(schools: dict[str, Workspace], reference: dict[str, Any], design: str) -> None:
    figure = ask(schools[design], metrics=["frame_size"]).figures[0]
    assert figure.value == pytest.approx(reference[design]["sum_weights"], rel=1e-8)


@needs_survey
@pytest.mark.parametrize("design", list(DESIGNS))
def test_shares_of_the_frame_are_the_means_of_indicators(
    schools: dict[str, Workspace], reference: dict[str, Any], design: str
) -> None:
    for figure in ask(schools[design], metrics=["frame_size"], by=["stype"], share_over=["stype"]).figures:
        row = reference[design]["mean_stype"][f"stype{figure.slice['stype']}"]
        assert figure.value == pytest.approx(row["est"], rel=1e-8)
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low <= row["est"] <= figure.high


@needs_survey
def test_a_quantile_is_the_one_of_r(schools: dict[str, Workspace], reference: dict[str, Any]) -> None:
    for design in DESIGNS:
        figure = ask(schools[design], metrics=["median_api00"]).figures[0]
        assert figure.value == pytest.approx(reference[design]["quantile_api00"]["q50"][0], abs=2)
        assert figure.method == "woodruff"


SAMPLE = """
create table items as
  select i as item_id, timestamp '2026-01-01' + to_hours((i * 3)::integer) as at,
    ['a', 'b', 'c'][i % 3 + 1] as stratum, i % 40 as author, (1 + i % 3 * 2.5)::double as w,
    case when i % 17 = 0 then null when i % 7 = 0 then 'bad' else 'good' end as label,
    case when i % 2 = 0 then 'dm' else 'feed' end as surface, i % 5 + 0.5 as score
  from range(600) r(i);
create table rare as select *, (item_id = 3)::integer as hit, 0 as never from items;
create table unweighted as select item_id, label from items;
create table broken as select *, case when item_id = 5 then null else w end as w2 from items;
"""
SAMPLE_METRICS = """
datasets:
  - name: items
    source: items
    time: at
    actor: author
    dimensions: [{name: surface, column: surface}]
    measures: [{name: score, column: score, unit: points}]
    design: {type: stratified, strata: stratum, weight: w, cluster: author}
  - name: rows_only
    source: items
    time: at
    dimensions: [{name: surface, column: surface}]
    design: {type: stratified, strata: stratum, weight: w}
  - {name: rare, source: rare, design: {type: srs, weight: w}}
  - {name: unweighted, source: unweighted, design: {type: srs}}
  - {name: broken, source: broken, design: {type: srs, weight: w2}}
metrics:
  - {name: prevalence, kind: prevalence, of: items, positive: {column: label, equals: bad}, min_n: 20, version: 3,
     maturity: {lag_days: 3}}
  - {name: row_prevalence, kind: prevalence, of: rows_only, positive: {column: label, equals: bad}}
  - {name: hits, kind: prevalence, of: rare, positive: {column: hit, equals: 1}}
  - {name: nevers, kind: prevalence, of: rare, positive: {column: never, equals: 1}}
  - {name: unweighted_rows, kind: count, of: unweighted}
  - {name: unweighted_share, kind: proportion, of: unweighted, positive: {column: label, equals: bad}}
  - {name: broken_share, kind: proportion, of: broken, positive: {column: label, equals: bad}}
  - {name: prevalence_change, kind: change, metric: prevalence}
  - {name: prevalence_growth, kind: change, metric: prevalence, relative: true}
  - {name: gap, kind: derived, op: difference, metrics: [row_prevalence, prevalence]}
"""


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_place(Path(tmp_path_factory.mktemp("sampled")) / "w", sql=SAMPLE, metrics=SAMPLE_METRICS)


def rows_by_hand(workspace: Workspace, where: str, *, clustered: bool) -> Sample:
    """The core fed row by row, the domain chosen by SQL."""
    rows = by_hand(
        workspace,
        f"select case when label = 'bad' then 1.0 when label is null then 'nan'::double else 0.0 end, w, stratum, "
        f"author, coalesce({where}, false) from items order by item_id",
    )
    y, w, stratum, author, inside = (list(column) for column in zip(*rows, strict=True))
    return sum_rows(
        np.array(y),
        weights=np.array(w),
        strata=np.array(stratum),
        clusters=np.array(author) if clustered else None,
        domain=np.array(inside) & np.isfinite(np.array(y)),
    )


@pytest.mark.parametrize("clustered", [True, False])
@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({}, "true"),
        ({"where": [{"dimension": "surface", "in": ["dm"]}]}, "surface = 'dm'"),
        ({"period": {"from": "2026-01-05", "to": "2026-02-01"}}, "\"at\" >= '2026-01-05' and \"at\" < '2026-02-01'"),
        ({"level": 0.9}, "true"),
    ],
)
def test_prevalence_is_what_the_core_finds_row_by_row(
    sampled: Workspace, query: dict[str, Any], where: str, clustered: bool
) -> None:
    figure = ask(sampled, metrics=["prevalence" if clustered else "row_prevalence"], **query).figures[0]
    sample = rows_by_hand(sampled, where, clustered=clustered)
    expected = estimate_proportion(sample.totals, design=sample.design, level=query.get("level", 0.95))
    assert expected.value is not None
    assert (figure.value, figure.low, figure.high) == pytest.approx((expected.value, expected.low, expected.high))
    assert (figure.n, figure.positives, figure.method) == (expected.n, expected.positives, expected.method)
    assert figure.n_eff == pytest.approx(expected.n_eff)


@pytest.mark.parametrize("clustered", [True, False])
def test_a_comparison_keeps_the_covariance_of_clusters_in_both_periods(sampled: Workspace, clustered: bool) -> None:
    figures = ask(
        sampled,
        metrics=["prevalence" if clustered else "row_prevalence"],
        period={"from": "2026-02-01", "to": "2026-03-01"},
        compare={"from": "2026-01-01", "to": "2026-02-01"},
    ).figures
    new = rows_by_hand(sampled, "\"at\" >= '2026-02-01' and \"at\" < '2026-03-01'", clustered=clustered)
    old = rows_by_hand(sampled, "\"at\" >= '2026-01-01' and \"at\" < '2026-02-01'", clustered=clustered)
    expected = estimate_difference(new.totals, old.totals, of="proportion", design=new.design)
    assert expected.value is not None
    assert (figures[0].value, figures[0].low, figures[0].high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )
    assert figures[0].value == pytest.approx(float(figures[1].value or 0) - float(figures[2].value or 0))
    assert [f.period.start.month for f in figures if f.period] == [2, 2, 1]


def test_a_change_metric_is_the_comparison(sampled: Workspace) -> None:
    period = {"from": "2026-02-01", "to": "2026-03-01"}
    change = ask(sampled, metrics=["prevalence_change"], period=period).figures[0]
    compared = ask(sampled, metrics=["prevalence"], period=period, compare="previous").figures
    assert (change.value, change.low, change.high) == (compared[0].value, compared[0].low, compared[0].high)
    growth = ask(sampled, metrics=["prevalence_growth"], period=period).figures[0]
    new, old = float(compared[1].value or 0), float(compared[2].value or 0)
    assert growth.value == pytest.approx(new / old - 1)
    assert growth.low is not None
    assert growth.high is not None
    assert growth.low < new / old - 1 < growth.high


def test_zero_positives_give_a_bound(sampled: Workspace) -> None:
    figure = ask(sampled, metrics=["nevers"]).figures[0]
    assert (figure.value, figure.low, figure.one_sided) == (0, 0, True)
    assert figure.high is not None
    assert 0 < figure.high < 0.05


def test_a_total_needs_weights(sampled: Workspace) -> None:
    with pytest.raises(Declined) as caught:
        ask(sampled, metrics=["unweighted_rows"])
    assert caught.value.reason == "uncorrectable"
    share = ask(sampled, metrics=["unweighted_share"]).figures[0]
    assert share.value == pytest.approx(by_hand(sampled, "select avg((label = 'bad')::integer) from items")[0][0])


def test_rows_without_a_weight_cannot_be_estimated_from(sampled: Workspace) -> None:
    with pytest.raises(Declined, match="1 of 600 sampled rows of broken have no weight") as caught:
        ask(sampled, metrics=["broken_share"])
    assert caught.value.reason == "uncorrectable"


def test_min_n_leaves_small_cells_undefined_and_declines_when_all_are(sampled: Workspace) -> None:
    days = ask(sampled, metrics=["prevalence"], grain="week").figures
    assert {f.undefined for f in days if (f.n or 0) < 20} == {"fewer than 20 rows"}
    assert any(f.value is not None for f in days)
    with pytest.raises(Declined, match="needs at least 20 rows; there are 7") as caught:
        ask(sampled, metrics=["prevalence"], period={"from": "2026-01-05", "to": "2026-01-06"})
    assert caught.value.reason == "underpowered"
    assert caught.value.message == "The prevalence needs at least 20 rows; there are 7."
    assert caught.value.hint == "Ask for a longer period or a wider group: 13 more labels are needed."


def test_young_periods_are_provisional(sampled: Workspace) -> None:
    figures = ask(sampled, metrics=["prevalence"], grain="month").figures
    assert [f.status for f in figures] == ["final", "final", "provisional"]
    result = ask(sampled, metrics=["prevalence"])
    assert result.figures[0].status == "provisional"
    assert any("Provisional" in c for c in result.caveats)
    old = ask(sampled, metrics=["prevalence"], period={"from": "2026-01-01", "to": "2026-02-01"})
    assert old.figures[0].status == "final"


def test_arithmetic_on_one_sample_is_never_too_narrow(sampled: Workspace) -> None:
    first, second, gap = (ask(sampled, metrics=[m]).figures[0] for m in ("row_prevalence", "prevalence", "gap"))
    assert gap.value == pytest.approx(float(first.value or 0) - float(second.value or 0), abs=1e-12)
    assert gap.high is not None
    assert first.high is not None
    assert gap.high >= first.high - float(first.value or 0)


def test_small_cells_of_a_sample_are_hidden(sampled: Workspace) -> None:
    with pytest.raises(Declined) as caught:
        ask(sampled, CAREFUL, metrics=["nevers"])
    assert caught.value.reason == "small_cell"
    assert ask(sampled, CAREFUL, metrics=["prevalence"]).figures[0].value is not None
