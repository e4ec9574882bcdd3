"""Agreement per cell against published values and against the estimation core."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.metrics.place import ask, build_place
from tools.labeling import measure_agreement
from tools.workspace import Workspace

REFERENCE = Path(__file__).parents[2] / ".." / "shared" / "reference" / "agreement.json"

# Krippendorff 2011, section C: 12 units, 4 observers, alpha nominal = 0.743.
OBSERVERS = {
    "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
}
ROWS = ", ".join(
    f"('{observer}', {unit}, {value if value is not None else 'null'})"
    for observer, values in OBSERVERS.items()
    for unit, value in enumerate(values)
)
TABLES = f"""
create table labels as from (values {ROWS}) t(observer, unit, label);
create table halves as select 'x' as half, * from labels union all
  select 'y', observer, unit, label from labels where unit < 6 union all select 'z', 'A', 1, 1;
create table twice as select *, date '2026-01-02' as at from labels union all
  select observer, unit, (label + 1) % 5, date '2026-01-01' from labels;
"""
METRICS = """
datasets:
  - {name: labels, source: labels}
  - {name: halves, source: halves, dimensions: [{name: half, column: half}]}
  - {name: twice, source: twice, time: at}
  - {name: sampled, source: labels, design: {type: srs}}
metrics:
  - {name: alpha, kind: agreement, of: labels, item: unit, rater: observer, label: label}
  - {name: percent, kind: agreement, of: labels, item: unit, rater: observer, label: label, statistic: percent}
  - {name: by_half, kind: agreement, of: halves, item: unit, rater: observer, label: label}
  - {name: relabelled, kind: agreement, of: twice, item: unit, rater: observer, label: label}
  - {name: sampled_alpha, kind: agreement, of: sampled, item: unit, rater: observer, label: label}
  - {name: sampled_percent, kind: agreement, of: sampled, item: unit, rater: observer, label: label, statistic: percent}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_place(Path(tmp_path_factory.mktemp("agree")) / "w", sql=TABLES, metrics=METRICS)


def pairs_by_hand() -> float:
    shares = []
    for unit in range(12):
        given = [v[unit] for v in OBSERVERS.values() if v[unit] is not None]
        pairs = [(a, b) for i, a in enumerate(given) for b in given[i + 1 :]]
        if pairs:
            shares.append(sum(a == b for a, b in pairs) / len(pairs))
    return sum(shares) / len(shares)


def test_alpha_is_the_published_one(place: Workspace) -> None:
    figure = ask(place, metrics=["alpha"]).figures[0]
    assert figure.value == pytest.approx(0.743, abs=5e-4)
    assert (figure.basis, figure.low, figure.unit, figure.n) == ("full_count", None, "index", 11)


@pytest.mark.skipif(not REFERENCE.is_file(), reason="../shared/reference/agreement.json is absent")
def test_alpha_is_the_one_of_r(place: Workspace) -> None:
    values: dict[str, Any] = json.loads(REFERENCE.read_text())["values"]
    wanted = next(v for k, v in values.items() if "krippendorff" in k.lower())
    text = json.dumps(wanted)
    found = ask(place, metrics=["alpha"]).figures[0].value
    assert found is not None
    assert f"{found:.9f}"[:8] in text


def test_percent_is_the_mean_share_of_agreeing_pairs(place: Workspace) -> None:
    assert ask(place, metrics=["percent"]).figures[0].value == pytest.approx(pairs_by_hand())


def test_each_cell_has_its_own(place: Workspace) -> None:
    figures = {f.slice["half"]: f for f in ask(place, metrics=["by_half"], by=["half"]).figures}
    assert figures["x"].value == pytest.approx(ask(place, metrics=["alpha"]).figures[0].value)
    assert figures["y"].value != figures["x"].value
    assert figures["z"].undefined == "no item has two labels"


def test_the_last_label_of_a_rater_counts(place: Workspace) -> None:
    assert ask(place, metrics=["relabelled"]).figures[0].value == pytest.approx(
        ask(place, metrics=["alpha"]).figures[0].value
    )


def test_a_sample_of_items_has_an_interval(place: Workspace) -> None:
    for sampled, counted in (("sampled_alpha", "alpha"), ("sampled_percent", "percent")):
        figure = ask(place, metrics=[sampled]).figures[0]
        assert figure.value == pytest.approx(ask(place, metrics=[counted]).figures[0].value)
        assert figure.basis == "sample"
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low < float(figure.value or 0) < figure.high
        assert "BCa bootstrap over items, 2,000 replications, seed 0" in figure.method


def test_a_sample_has_the_interval_of_the_command(place: Workspace) -> None:
    rows = [
        (f"{unit:02}", observer, str(value))
        for observer, values in OBSERVERS.items()
        for unit, value in enumerate(values)
        if value is not None
    ]
    figure, command = ask(place, metrics=["sampled_alpha"]).figures[0], measure_agreement(rows).alpha
    assert figure.value == pytest.approx(command.value, rel=1e-12)
    assert figure.low == pytest.approx(command.low, abs=0.02)
    assert figure.high == pytest.approx(command.high, abs=0.02)
