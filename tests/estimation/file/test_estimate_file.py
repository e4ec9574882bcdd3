"""What a file of sampled rows gives: figures, design, notes."""

from __future__ import annotations

import gzip
import math
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from tests.estimation.brute_force import horvitz_thompson
from tests.estimation.file.place import ask, write
from tools.errors import Declined, InvalidInput
from tools.estimation.file import EstimateReport


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Two strata of five and four rows; one outcome is missing."""
    lines = [
        (1, "a", 2.0, 4.0, 0, "x", "fine"),
        (2, "a", 2.0, 6.0, 1, "x", "bad"),
        (3, "a", 2.0, 5.0, 0, "y", "fine"),
        (4, "a", 2.0, None, 0, "y", "NA"),
        (5, "a", 2.0, 9.0, 1, "x", "bad"),
        (6, "b", 3.0, 1.0, 0, "y", "fine"),
        (7, "b", 3.0, 2.0, 0, "", "fine"),
        (8, "b", 3.0, 4.0, 1, "x", "bad"),
        (9, "b", 3.0, 2.0, 0, "y", "fine"),
    ]
    return write(tmp_path, "id,h,w,y,flag,side,label", lines)


def numbers(report: EstimateReport) -> list[Any]:
    return [(f.value, f.low, f.high, f.n, f.method) for f in report.figures]


def test_a_mean_by_hand(rows: Path) -> None:
    found = ask(rows, statistic="mean", column="y", weights="w", strata="h")
    w = np.array([2, 2, 2, 0, 2, 3, 3, 3, 3.0])
    y = np.array([4, 6, 5, 0, 9, 1, 2, 4, 2.0])
    mean = (w * y).sum() / w.sum()
    z = w * (y - mean) / w.sum()
    v = 5 / 4 * ((z[:5] - z[:5].mean()) ** 2).sum() + 4 / 3 * ((z[5:] - z[5:].mean()) ** 2).sum()
    assert found.figures[0].value == pytest.approx(mean)
    assert found.design.se == pytest.approx(math.sqrt(v))
    assert (found.design.strata, found.design.clusters, found.design.df, found.design.n) == (2, 9, 7, 8)
    assert found.figures[0].metric == "mean(y)"
    assert found.notes == ("1 row has no outcome and leaves the estimate as a domain does.",)
    assert found.method == "linearised; first-stage units as if drawn with replacement; interval wald"


def test_a_share_of_a_label_and_of_a_flag(rows: Path) -> None:
    label = ask(rows, statistic="proportion", column="label=bad", weights="w", strata="h")
    flag = ask(rows, statistic="proportion", column="flag", weights="w", strata="h")
    assert label.figures[0].value == pytest.approx(7 / 20)  # of the rows with a label
    assert flag.figures[0].value == pytest.approx(7 / 22)
    assert (label.figures[0].positives, label.figures[0].n, label.figures[0].unit) == (3, 8, "share")


def test_values_of_a_split_come_in_sort_order(tmp_path: Path) -> None:
    lines = [(group, y) for group in (10, 9, 2, 10, 9, 2) for y in (1, 2)]
    found = ask(write(tmp_path, "group,y", lines), statistic="mean", column="y", by="group")
    assert [f.slice for f in found.figures] == [{"group": 2}, {"group": 9}, {"group": 10}]
    text = ask(write(tmp_path, "group,y", [(f"0{g}", y) for g, y in lines]), statistic="mean", column="y", by="group")
    assert [f.slice["group"] for f in text.figures] == ["010", "02", "09"]


def test_rows_without_a_value_of_the_split_are_in_no_figure(rows: Path) -> None:
    found = ask(rows, statistic="mean", column="flag", by="side")
    assert [(f.slice["side"], f.n) for f in found.figures] == [("x", 4), ("y", 4)]
    assert found.notes == ("1 row without a value of side is in no figure.",)
    assert isinstance(found.design.df, list)
    assert len(found.design.df) == 2


def test_conditions_all_hold(rows: Path) -> None:
    found = ask(rows, statistic="mean", column="y", where=("side=x", "h=a"))
    assert found.figures[0].value == pytest.approx(19 / 3)
    assert found.figures[0].n == 3


def test_a_comparison_is_new_minus_old(rows: Path) -> None:
    found = ask(rows, statistic="mean", column="y", weights="w", strata="h", compare="side")
    difference, new, old = found.figures
    assert difference.value == pytest.approx((new.value or 0) - (old.value or 0))
    assert (new.slice, old.slice) == ({"side": "y"}, {"side": "x"})
    assert isinstance(found.design.se, list)
    assert len(found.design.se) == 3


@pytest.mark.parametrize("interval", [None, "wald", "logit"])
def test_a_comparison_of_shares(tmp_path: Path, interval: Any) -> None:
    rng = np.random.default_rng(1)
    lines = [(int(rng.random() < 0.2 + 0.1 * side), side) for side in (0, 1) for _ in range(200)]
    found = ask(write(tmp_path, "v,side", lines), statistic="proportion", column="v", compare="side", interval=interval)
    difference, new, old = found.figures
    assert difference.low is not None
    assert difference.high is not None
    assert difference.low < (new.value or 0) - (old.value or 0) < difference.high
    p, q = (f.value or 0 for f in (new, old))
    assert found.design.se[0] == pytest.approx(  # type: ignore[index]
        math.sqrt(sum(400 / 399 * r * (1 - r) * 200 / 200**2 for r in (p, q))), rel=1e-9
    )
    assert difference.method == ("wald" if interval == "wald" else "difference of limits")


def test_a_comparison_of_quantiles_of_independent_halves(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    lines = [(round(float(v), 4), side) for side in (0, 1) for v in rng.lognormal(side * 0.3, 0.5, 300)]
    found = ask(write(tmp_path, "v,side", lines), statistic="quantile", column="v", q=0.5, compare="side")
    difference, new, old = found.figures
    assert difference.value == pytest.approx((new.value or 0) - (old.value or 0))
    se = found.design.se
    assert isinstance(se, list)
    assert se[0] is not None
    assert se[0] == pytest.approx(math.sqrt((se[1] or 0) ** 2 + (se[2] or 0) ** 2), rel=1e-3)
    assert difference.method == "difference of limits"


def test_no_positive_gives_a_bound_and_no_standard_error(rows: Path) -> None:
    found = ask(rows, statistic="proportion", column="label=awful")
    figure = found.figures[0]
    assert (figure.value, figure.low, figure.one_sided) == (0.0, 0.0, True)
    assert figure.high == pytest.approx(1 - 0.05 ** (1 / 8))
    assert (found.design.se, found.design.deff, found.design.df) == (None, None, None)


def test_a_named_interval_is_computed_as_named_with_a_note(rows: Path) -> None:
    found = ask(rows, statistic="proportion", column="flag", interval="wald")
    assert found.figures[0].method == "wald"
    assert found.figures[0].low is not None
    assert found.figures[0].low < 0  # not clipped
    assert any("not recommended" in note for note in found.notes)


def test_lonely_strata(rows: Path, tmp_path: Path) -> None:
    lines = [("a", 1), ("a", 2), ("b", 4), ("c", 6), ("c", 9)]
    path = write(tmp_path, "h,y", lines, name="lonely.csv")
    with pytest.raises(InvalidInput, match="The stratum b holds one row"):
        ask(path, statistic="mean", column="y", strata="h")
    assert ask(path, statistic="mean", column="y", strata="h", where=("h=a",)).figures[0].value == 1.5
    found = {
        rule: ask(path, statistic="total", column="y", strata="h", lonely=rule).design.se
        for rule in ("certainty", "average", "adjust")
    }
    two = 0.5 * 2 + 4.5 * 2  # n s² in both
    assert found["certainty"] == pytest.approx(math.sqrt(two))
    assert found["average"] == pytest.approx(math.sqrt(two * 3 / 2))
    assert found["adjust"] == pytest.approx(math.sqrt(two + (4 - 22 / 5) ** 2))


def test_joint_probabilities_from_a_file(tmp_path: Path) -> None:
    pi, y = np.array([0.5, 0.4, 0.6, 0.3]), np.array([5.0, 4.2, 5.8, 3.1])
    joint = np.outer(pi, pi) * 0.8
    np.fill_diagonal(joint, pi)
    sample = write(tmp_path, "pi,y", list(zip(pi, y, strict=True)))
    matrix = write(tmp_path, "u1,u2,u3,u4", joint.tolist(), name="joint.csv")
    request: dict[str, Any] = {"statistic": "total", "column": "y", "probability": "pi", "joint": matrix}
    if (expected := horvitz_thompson(y / pi, joint)) >= 0:
        assert ask(sample, variance="ht", **request).design.se == pytest.approx(math.sqrt(expected))
    with pytest.raises(Declined, match="negative") as declined:
        ask(sample, variance="ht", **{**request, "joint": write_joint(tmp_path, pi, 0.3)})
    assert declined.value.reason == "uncorrectable"
    assert ask(sample, variance="yates-grundy", **request).design.se is not None


def write_joint(folder: Path, pi: np.ndarray, factor: float) -> Path:
    joint = np.outer(pi, pi) * factor
    np.fill_diagonal(joint, pi)
    return write(folder, "u1,u2,u3,u4", joint.tolist(), name="other.csv")


def test_the_bootstrap_needs_its_seed_and_counts_its_replicates(rows: Path) -> None:
    found = ask(rows, statistic="mean", column="y", strata="h", replicates="bootstrap", seed=3, replications=50)
    again = ask(rows, statistic="mean", column="y", strata="h", replicates="bootstrap", seed=3, replications=50)
    assert found == again
    assert found.design.replicates == 50
    assert ask(rows, statistic="mean", column="y", replicates="bootstrap", seed=3).design.replicates == 1000


@pytest.mark.parametrize("kind", ["parquet", "tsv", "csv.gz"])
def test_other_kinds_of_file_say_the_same(rows: Path, kind: str) -> None:
    other = rows.with_name(f"other.{kind}")
    if kind == "parquet":
        duckdb.sql(f"copy (select * from read_csv('{rows}', nullstr=['', 'NA'])) to '{other}'")
    elif kind == "tsv":
        other.write_text(rows.read_text().replace(",", "\t"))
    else:
        other.write_bytes(gzip.compress(rows.read_bytes()))
    for request in (
        {"statistic": "mean", "column": "y", "weights": "w", "strata": "h", "by": "side"},
        {"statistic": "proportion", "column": "label=bad", "clusters": ("id",), "where": ("w=2",)},
        {"statistic": "quantile", "column": "y", "q": 0.5, "compare": "side"},
    ):
        assert numbers(ask(other, **request)) == numbers(ask(rows, **request))


def test_flags_of_a_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "flags.parquet"
    duckdb.sql(f"copy (select i % 3 = 0 as bad, i as n from range(60) t(i)) to '{path}'")
    assert ask(path, statistic="proportion", column="bad").figures[0].value == pytest.approx(1 / 3)
    assert ask(path, statistic="mean", column="n", where=("bad=true",)).figures[0].n == 20


@pytest.mark.parametrize("kind", ["utinyint", "ubigint", "hugeint", "uhugeint", "varchar"])
def test_whole_numbers_of_any_width_are_labels(tmp_path: Path, kind: str) -> None:
    found = []
    for stored in ("integer", kind):
        path = tmp_path / f"{stored}.parquet"
        duckdb.sql(f"copy (select (i % 40)::{stored} as c, (i * i) % 7 as y from range(200) t(i)) to '{path}'")
        found.append(ask(path, statistic="mean", column="y", clusters=("c",)))
    assert found[0].design.clusters == 40
    assert numbers(found[1])[0][:4] == pytest.approx(numbers(found[0])[0][:4], rel=1e-12)


def test_labels_of_many_kinds_tell_clusters_apart(tmp_path: Path) -> None:
    """Integers, padded digits, text in many alphabets, and more labels than a dictionary is made for."""
    rng = np.random.default_rng(3)
    code = rng.integers(0, 60_000, 90_000)
    y = rng.normal(0, 1, len(code)).round(3)
    spellings = {"whole": [str(c) for c in code], "padded": [f"{c:07}" for c in code], "text": [f"ü-{c}" for c in code]}
    lines = list(zip(*spellings.values(), y, strict=True))
    path = write(tmp_path, "whole,padded,text,y", lines)
    found = [ask(path, statistic="mean", column="y", clusters=(name,)) for name in spellings]
    assert found[0].design.clusters == len(set(code.tolist()))
    for other in found[1:]:  # clusters are summed in another order
        assert (other.figures[0].value, other.design.se) == pytest.approx(
            (found[0].figures[0].value, found[0].design.se), rel=1e-9
        )
        assert other.design.df == found[0].design.df


def test_progress_is_told(rows: Path) -> None:
    from tools.estimation.file import EstimateRequest, estimate_file

    steps: list[tuple[str, float]] = []
    request = EstimateRequest(statistic="mean", column="y", by="side")
    estimate_file(rows, request, progress=lambda step, share: steps.append((step, share)))
    assert steps[0] == ("reading sample.csv", 0.0)
    assert steps[-1] == ("done", 1.0)
    assert [share for _, share in steps] == sorted(share for _, share in steps)
