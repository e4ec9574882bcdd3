"""Workspaces of the cases: built from files, each with every row of them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from pydantic import ValidationError

from evals.recipes import SHARED_DATA, DataAbsent, Recipe, open_truth, prepare, prepare_data, read_recipes

TABLES = "select table_name, estimated_size from duckdb_tables() where not temporary and schema_name = 'main'"
WHOLE = ("sms_spam", "crowd_labels", "threat_palestine", "shop", "heldout_people")


@pytest.mark.parametrize("name", WHOLE)
def test_a_workspace_holds_every_row_of_its_files(name: str, tmp_path: Path) -> None:
    try:
        prepared = prepare(read_recipes()[name], cache=tmp_path, data=SHARED_DATA)
    except DataAbsent as absent:
        pytest.skip(str(absent))
    with open_truth(prepared.truth) as connection:
        wanted = sorted(n for _, n in connection.execute(TABLES).fetchall())
    loaded = list(prepared.directory.rglob("*.duckdb")) or [prepared.truth]
    with duckdb.connect(str(loaded[0]), read_only=True) as connection:
        found = sorted(n for _, n in connection.execute(TABLES).fetchall())
    assert found == wanted


def test_a_script_gives_the_same_rows_in_every_run(tmp_path: Path) -> None:
    recipe = read_recipes()["shop"]
    sums = []
    for folder in ("a", "b"):
        with open_truth(prepare_data(recipe, cache=tmp_path / folder).truth) as connection:
            sums.append(connection.execute("select sum(amount_usd), count(*), max(ordered_at) from orders").fetchall())
    assert sums[0] == sums[1]


def test_a_workspace_is_built_once(tmp_path: Path) -> None:
    recipe = read_recipes()["shop"]
    first = prepare(recipe, cache=tmp_path)
    (first.directory / "mine.txt").write_text("kept", encoding="utf-8")
    again = prepare(recipe, cache=tmp_path)
    assert (again.directory / "mine.txt").is_file()


def test_an_unfinished_workspace_is_built_anew(tmp_path: Path) -> None:
    recipe = read_recipes()["shop"]
    home = prepare_data(recipe, cache=tmp_path).home
    (home / "done").unlink()
    (home / "truth.duckdb").write_text("broken", encoding="utf-8")
    with open_truth(prepare_data(recipe, cache=tmp_path).truth) as connection:
        assert connection.execute("select count(*) from orders").fetchone() == (1500,)


def test_a_recipe_has_one_source() -> None:
    with pytest.raises(ValidationError, match="exactly one"):
        Recipe(name="x", files=("a.csv",), demo=True)


def test_absent_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataAbsent, match=r"messages\.csv"):
        prepare_data(read_recipes()["sms_spam"], cache=tmp_path, data=tmp_path)
