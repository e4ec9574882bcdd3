"""SQL text as a lower tier: what counts as counted, what was typed, and what texts may be shown."""

from __future__ import annotations

import duckdb
import pytest

from tools.errors import Declined, InvalidInput
from tools.metrics.sql_reach import read_reach
from tools.metrics.sql_tier import UNGOVERNED, WITHHELD, run_sql
from tools.workspace import Workspace, default_asker, load_workspace

COUNTED = [
    "select count(*) from t",
    "select avg(case when x > 3 then 1 else 0 end) from t",
    "select count(*) filter (where x > 92) / count(*) from t",
    "select a, count(1) from t where d >= '2026-01-01' group by 1 order by 2 desc limit 5",
    "select round(avg(x), 2) from t",
    "select quantile_cont(x, 0.5) from t",
    "select percentile_cont(0.5) within group (order by x) from t",
    "select sum(x) / count(distinct y) from t",
    "with a as (select x from t where y = 3) select sum(x) from a",
    "select sum(if(x > 3, 1, 0)) from t",
    "select count(*) from t where d > current_date - interval 7 day",
    "select sum(x::decimal(10, 2)) from t",
    "select date_trunc('week', d), count(*) from t group by 1 having count(*) > 5",
]

TYPED = [
    "select 92",
    "select 92 from t",
    "select count(*) * 0 + 92 from t",
    "select max(92) from t",
    "select count(*) from range(92)",
    "select max(v) from (values (92)) x(v)",
    "with a as (select 92 as v) select max(v) from a",
    "select max(case when x > 1 then 92 end) from t",
    "select max('92'::int) from t",
    "select sum(x * 0 + 92) from t",
    "select count(*) from t, range(92)",
    "select count(*) from t cross join unnest([1, 2, 3])",
    "select count(*) - count(*) + 1 + 1 from t",
]

NOT_COUNTED = {
    "select x from t": "it lists rows and counts none",
    "select max(x) over () from t": "it lists rows and counts none",
    "select (select count(*) from t)": "it lists rows and counts none",
    "select avg(x) from (select x from t limit 10)": "it reads a part of the rows",
    "select count(*) from (select * from t offset 10)": "it reads a part of the rows",
    "select count(*) from t using sample 10%": "it reads rows by chance",
    "select count(*) from t tablesample 10%": "it reads rows by chance",
    "select arg_max(x, y) from t": "it takes the value of one row",
    "select first(x) from t": "it takes the value of one row",
    "select count(*) from t union all select count(*) from u": "it joins several queries",
    "select avg(y) from drawn": "drawn is a sample, and SQL text does not weigh its rows",
}


@pytest.mark.parametrize("sql", COUNTED)
def test_what_counts_all_that_can_be_seen(sql: str) -> None:
    assert read_reach(sql, samples={"drawn"}).why_not == ""


@pytest.mark.parametrize("sql", TYPED)
def test_a_number_of_the_writers_own_is_no_result(sql: str) -> None:
    assert read_reach(sql).why_not == "a number was typed into it"


@pytest.mark.parametrize(("sql", "why"), NOT_COUNTED.items())
def test_what_counts_less_says_so(sql: str, why: str) -> None:
    assert read_reach(sql, samples={"drawn"}).why_not == why


SETTINGS = """
[workspace]
today = "2026-04-01"
[warehouse]
url = "duckdb:w.duckdb"
[access.roles.analyst]
tables = ["notes"]
min_cell = 1
[access.roles.careful]
tables = ["notes"]
min_cell = 5
"""
METRICS = """
datasets:
  - name: notes
    source: notes
    grain: [id]
    text: body
    unit: note
    dimensions: [{name: mood, column: mood}]
metrics:
  - {name: notes_written, kind: count, of: notes, owner: desk}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("notes")
    (folder / "metrics").mkdir()
    (folder / "transect.toml").write_text(SETTINGS)
    (folder / "metrics" / "notes.yml").write_text(METRICS)
    with duckdb.connect(str(folder / "w.duckdb")) as warehouse:
        warehouse.execute(
            "create table notes as select i as id, 'CANARY-' || i as body, "
            "case when i % 3 = 0 then 'glad' else 'sad' end as mood, i * 2.5 as length from range(12) r(i)"
        )
    return load_workspace(folder)


def run(desk: Workspace, sql: str, *, role: str | None = None) -> str:
    found = run_sql(sql, workspace=desk, asker=default_asker(desk, role=role), shown=frozenset({"glad", "sad"}))
    return found.result.model_dump_json()


def test_figures_are_marked_as_nobodys(desk: Workspace) -> None:
    found = run_sql(
        "select mood, count(*) from notes group by mood order by 2",
        workspace=desk,
        asker=default_asker(desk),
        shown=frozenset({"glad", "sad"}),
    )
    assert [(f.id, f.value, f.slice, f.basis, f.metric) for f in found.result.figures] == [
        ("f1", 4, {"mood": "glad"}, "full_count", "sql"),
        ("f2", 8, {"mood": "sad"}, "full_count", "sql"),
    ]
    assert found.columns == ("mood", "value")
    assert found.result.table is not None
    assert found.result.table.rows == (("glad", 4), ("sad", 8))
    assert UNGOVERNED in found.result.caveats


@pytest.mark.parametrize(
    "sql",
    [
        "select body, count(*) from notes group by body",
        "select max(body), count(*) from notes",
        "select string_agg(body, ' '), count(*) from notes",
        "select length(body), count(*) from notes group by 1",
        "select n.body, count(*) from notes n group by all",
        "select count(*) from notes where body like '%1%'",
    ],
)
def test_item_text_is_not_there_for_sql(sql: str, desk: Workspace) -> None:
    with pytest.raises((Declined, InvalidInput)) as raised:
        run(desk, sql)
    assert "CANARY" not in str(raised.value.to_dict())


def test_the_whole_row_has_no_text_either(desk: Workspace) -> None:
    assert "CANARY" not in run(desk, "select n::varchar, count(*) from notes n group by 1")


def test_texts_that_are_no_values_of_dimensions_are_withheld(desk: Workspace) -> None:
    shown = run(desk, "select mood || '!' as mine, count(*) from notes group by 1")
    assert WITHHELD in shown
    assert "glad!" not in shown
    assert "mine" not in shown.replace("as mine", "").replace("AS mine", "")


def test_rows_that_hold_no_number_last_are_told(desk: Workspace) -> None:
    with pytest.raises(InvalidInput, match="holds no numbers"):
        run(desk, "select count(*), mood from notes group by mood")


def test_a_role_whose_small_cells_are_kept_back_has_no_sql(desk: Workspace) -> None:
    with pytest.raises(Declined) as raised:
        run(desk, "select count(*) from notes", role="careful")
    assert raised.value.rule == "row_level"
