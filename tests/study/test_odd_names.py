"""Names and values that would break text built without care: quotes, bars, line ends, other scripts, numbers as ids."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from tests.study.place import POLICY
from tools.metrics.definitions import Predicate
from tools.study import (
    approve_study,
    draft_study,
    draw_study,
    estimate_study,
    import_study_labels,
    new_study,
    plan_study,
    verify_study,
)
from tools.workspace import Workspace, default_asker, load_workspace

BANDS = ("a'b", "x|y", "Ärger; drop", "**loud**", 'q"q')
IDS = ("i,{n}", 'i"{n}', "ид {n}", "i'{n}", "i\n{n}")


@pytest.fixture
def odd(tmp_path: Path) -> Workspace:
    root = tmp_path / "odd"
    (root / "policies").mkdir(parents=True)
    (root / "policies" / "spam.md").write_text(POLICY)
    (root / "transect.toml").write_text(
        '[warehouse]\nurl = "duckdb:w.duckdb"\n'
        '[access.roles.analyst]\ntables = ["odd table", "s.numbers"]\nmin_cell = 1\n'
    )
    with duckdb.connect(str(root / "w.duckdb")) as connection:
        connection.execute('create table "odd table" ("Item Id" varchar, "band|x" varchar, "order" varchar)')
        rows = [(IDS[n % 5].format(n=n), BANDS[n % 5 if n % 3 else 0], None if n % 4 else "") for n in range(400)]
        connection.executemany('insert into "odd table" values (?, ?, ?)', rows)
        connection.execute("create schema s")
        connection.execute("create table s.numbers as select i::bigint as id, i % 2 = 0 as flag from range(300) t(i)")
    return load_workspace(root)


def carry_out(place: Workspace, id: str, column: str) -> Path:
    """All steps, every third drawn item positive; the study's folder."""
    asker = default_asker(place, surface="python")
    plan_study(place, id, asker=asker)
    approve_study(place, id, by="ana", budget_usd=0)
    draw_study(place, id, asker=asker)
    folder = place.root / "studies" / id
    with (folder / "sample.csv").open(newline="", encoding="utf-8") as file:
        items = [row[column] for row in csv.DictReader(file)]
    path = place.root / "labels.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("item", "label", "labeller"))
        writer.writerows((item, "ham" if n % 3 else "spam", "maria") for n, item in enumerate(items))
    assert import_study_labels(place, id, path, asker=asker).added == len(items)
    estimate_study(place, id, asker=asker)
    draft_study(place, id, asker=asker)
    assert verify_study(place, id, asker=asker).ok
    return folder


def test_names_and_values_of_every_kind(odd: Workspace) -> None:
    new_study(
        odd,
        "odd",
        asker=default_asker(odd, surface="python"),
        frame="odd table",
        id_column="Item Id",
        strata="band|x",
        breakdowns=("order",),
        where=[Predicate(column="band|x", not_equals='q"q')],
        unit="post",
        n=100,
    )
    folder = carry_out(odd, "odd", "Item Id")
    text = (folder / "draft.md").read_text()
    for shown in ("a'b", r"x\|y", "Ärger; drop", r"\*\*loud\*\*"):
        assert f"| {shown} |" in text
    assert 'q"q' not in [line.split("|")[1].strip() for line in text.split("\n") if line.startswith("| ")]
    page = (folder / "draft.html").read_text()
    assert "**loud**" in page
    assert "x|y" in page


def test_numbers_as_ids_in_another_schema_and_a_flag_as_stratum(odd: Workspace) -> None:
    asker = default_asker(odd, surface="python")
    new_study(odd, "numbers", asker=asker, frame="s.numbers", id_column="id", strata="flag", unit="post", n=80)
    folder = carry_out(odd, "numbers", "id")
    assert "| true |" in (folder / "draft.md").read_text()
