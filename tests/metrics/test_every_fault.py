"""Every fault of a folder of definitions at once, and none that only follows from another."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.metrics.place import build_place
from tools.errors import InvalidWorkspace, TransectError
from tools.metrics import check_workspace
from tools.workspace import Workspace

TABLES = """
create table appeals (appeal_id integer, filed_at timestamp, outcome varchar, country varchar, minutes integer);
create table users (user_id integer, country varchar);
"""
GOOD = """
datasets:
  - name: appeals
    source: appeals
    grain: [appeal_id]
    time: filed_at
    dimensions: [{name: outcome, column: outcome}, {name: country, column: country}]
    measures: [{name: minutes, column: minutes}]
metrics:
  - {name: appeals_filed, kind: count, of: appeals}
"""


def place_of(tmp_path: Path, *files: str) -> Workspace:
    place = build_place(tmp_path / "w", sql=TABLES, metrics=files[0])
    for i, text in enumerate(files[1:]):
        (place.root / "metrics" / f"b{i}.yml").write_text(dedent(text), encoding="utf-8")
    return place


def faults_of(tmp_path: Path, *files: str) -> list[str]:
    with pytest.raises(InvalidWorkspace) as caught:
        check_workspace(place_of(tmp_path, *files))
    return [f"{Path(f.where).name} {f.message}" for f in caught.value.faults]


def test_nothing_wrong(tmp_path: Path) -> None:
    assert "appeals_filed" in check_workspace(place_of(tmp_path, GOOD)).metrics


def test_faults_of_format_of_meaning_and_against_the_data_together(tmp_path: Path) -> None:
    text = """\
    datasets:
      - {name: appeals, source: appeals, time: filed_at}
      - {name: users, source: users, synonims: [people]}
    metrics:
      - {name: rate, kind: ratoi, of: appeals}
      - {name: overturned, kind: distinct, of: appeals, column: outcom, synonims: [reversals]}
      - {name: lost_people, kind: count, of: usrs}
      - {name: double_rate, kind: derived, op: sum, metrics: [rate, overturned]}
      - {name: in_country, kind: distinct, of: users, column: contry}
    """
    found = faults_of(tmp_path, text)
    assert [f.split(" ", 1)[0] for f in found] == [f"all.yml:{line}" for line in (3, 5, 6, 6, 7, 9)]
    for fault, words in zip(
        found,
        ("'synonims'", "'ratoi'", "'synonims'", "'outcom'", "no dataset 'usrs'", "'contry'"),
        strict=True,
    ):
        assert words in fault


def test_a_wrong_table_does_not_hide_its_wrong_columns(tmp_path: Path) -> None:
    text = GOOD.replace("source: appeals", "source: apeals").replace("column: outcome", "column: outcom")
    text += "  - {name: late, kind: sum, of: appeals, column: minute}\n"
    found = faults_of(tmp_path, text)
    assert len(found) == 3
    assert "no table 'apeals'" in found[0]
    assert "table 'appeals' has no column 'outcom'" in found[1]
    assert "table 'appeals' has no column 'minute'" in found[2]


def test_of_a_table_like_no_other_nothing_is_known(tmp_path: Path) -> None:
    found = faults_of(tmp_path, GOOD.replace("source: appeals", "source: zzz"))
    assert len(found) == 1
    assert "no table 'zzz'" in found[0]


@pytest.mark.parametrize(
    "broken",
    [
        "datasets: [{name: users, source: users, grain: 5}]\n",  # the item is lost, its name is known
        "datasets: [{nmae: users, source: users}]\n",  # nor is its name
        "datsets: [{name: users, source: users}]\n",  # a section under another name
        "datasets: [{name: users, source: users}\n",  # not YAML
    ],
)
def test_references_to_what_is_faulty_are_not_faults(tmp_path: Path, broken: str) -> None:
    good = GOOD + (
        "  - {name: people, kind: count, of: users}\n"
        "  - {name: per_person, kind: derived, op: ratio, metrics: [appeals_filed, people]}\n"
        "  - {name: wait, kind: derived, op: sum, metrics: [average_age, people]}\n"
        "  - {name: by_plan, kind: count, of: appeals, requires: [plan]}\n"
        "  - {name: bad, kind: distinct, of: appeals, column: outcom}\n"
        "relationships: [{name: by, from: appeals, to: users, from_columns: [appeal_id], to_columns: [user_id]}]\n"
    )
    found = faults_of(tmp_path, good, broken)
    assert [f for f in found if f.startswith("all.yml")] == [
        "all.yml:15 metric 'bad': table 'appeals' has no column 'outcom'"
    ]
    assert [f for f in found if f.startswith("b0.yml")]


def test_a_faulty_part_is_left_out_by_itself(tmp_path: Path) -> None:
    text = GOOD.replace("{name: outcome, column: outcome}", "{name: outcome, colum: outcome}")
    text = text.replace("{name: country, column: country}", "\n      {name: country, column: contry}")
    found = faults_of(tmp_path, text)
    assert len(found) == 3
    assert "unknown key 'colum'" in " ".join(found)
    assert found[-1] == "all.yml:8 dataset 'appeals': table 'appeals' has no column 'contry'"


def test_metrics_that_rest_on_a_wrong_one_add_no_fault(tmp_path: Path) -> None:
    text = GOOD + (
        "  - {name: people, kind: count, of: usrs}\n"
        "  - {name: per_person, kind: derived, op: ratio, metrics: [appeals_filed, people]}\n"
        "  - {name: growth, kind: change, metric: per_person}\n"
    )
    assert faults_of(tmp_path, text) == ["all.yml:11 metric 'people': there is no dataset 'usrs'"]


def test_without_a_warehouse_the_definitions_are_checked(tmp_path: Path) -> None:
    place = place_of(tmp_path, GOOD.replace("kind: count", "kind: cuont"))
    (place.root / "data" / "warehouse.duckdb").unlink()
    with pytest.raises(InvalidWorkspace, match="cuont"):
        check_workspace(place)
    (place.root / "metrics" / "all.yml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(TransectError) as caught:
        check_workspace(place)
    assert not isinstance(caught.value, InvalidWorkspace)
