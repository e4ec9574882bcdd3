"""SQL text: what runs, what is declined by which rule, and what is merely wrong."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.access import Asker
from tools.errors import Declined, InvalidInput, TransectError
from tools.state import open_state
from tools.warehouse import open_warehouse
from tools.workspace import Workspace, load_workspace

CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "statements.yml").read_text("utf-8"))
ANALYST = Asker("p1", ("analyst",))


def cases(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", CASES[kind], ids=[case["sql"] for case in CASES[kind]])


def plain(value: Any) -> Any:
    """Rows as YAML writes them."""
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value


@cases("runs")
def test_allowed_text_runs(workspace: Workspace, case: dict[str, Any]) -> None:
    found = open_warehouse(workspace).run_untrusted(case["sql"], asker=ANALYST)
    assert plain(found.rows) == plain(case["rows"])
    assert not found.truncated
    assert found.receipt.row_count == len(case["rows"])


@cases("declined")
def test_forbidden_text_is_declined_by_its_rule(workspace: Workspace, case: dict[str, Any]) -> None:
    with pytest.raises(Declined) as raised:
        open_warehouse(workspace).run_untrusted(case["sql"], asker=ANALYST)
    assert raised.value.rule == case["rule"], raised.value.message
    assert_says_nothing_it_should_not(raised.value)


@cases("wrong")
def test_wrong_text_is_an_error(workspace: Workspace, case: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as raised:
        open_warehouse(workspace).run_untrusted(case["sql"], asker=ANALYST)
    assert case["error"] in raised.value.message
    assert raised.value.code == "invalid_sql"
    assert_says_nothing_it_should_not(raised.value)


def assert_says_nothing_it_should_not(error: TransectError) -> None:
    """No path, no value of a row, no name of a hidden table that was not in the text, none of DuckDB's own words."""
    said = json.dumps(error.to_dict(), default=str)
    for word in ("topsecret", "@example.org", "warehouse.duckdb", "Error:", "LINE 1", "Candidate", "hello "):
        assert word not in said


@pytest.mark.parametrize("text", ["select * from secret", "select * from nothing_by_this_name"])
def test_a_hidden_table_and_none_sound_the_same(workspace: Workspace, text: str) -> None:
    with pytest.raises(Declined) as raised:
        open_warehouse(workspace).run_untrusted(text, asker=ANALYST)
    name = text.rpartition(" ")[2]
    assert raised.value.message == f"There is no table {name!r} that you may use."
    assert raised.value.allowed == ["huge", "messages", "other.notes", "spread", "users", "v_users"]


def test_all_columns_are_those_the_asker_may_see(workspace: Workspace) -> None:
    warehouse = open_warehouse(workspace)
    text = "select * from users order by id limit 1"
    assert warehouse.run_untrusted(text, asker=ANALYST).columns == ("id", "country", "joined", "tags", "box")
    both = Asker("p1", ("analyst", "support"))
    assert "email" in warehouse.run_untrusted(text, asker=both).columns
    read_by_analysts = Asker("p1", ("support",), ("analyst",))
    assert "email" not in warehouse.run_untrusted(text, asker=read_by_analysts).columns
    with pytest.raises(Declined) as raised:
        warehouse.run_untrusted("select 1 from messages", asker=Asker("p1", ("analyst",), ("support",)))
    assert raised.value.rule == "table"


@pytest.mark.parametrize("asker", [Asker("p1", ("nobody",)), Asker("p1", ("unknown",)), Asker("p1", ())])
def test_a_role_that_sees_nothing_gets_nothing(workspace: Workspace, asker: Asker) -> None:
    with pytest.raises(Declined) as raised:
        open_warehouse(workspace).run_untrusted("select count(*) from users", asker=asker)
    assert raised.value.reason in ("not_permitted", "small_cell")


def test_a_role_with_a_minimum_cell_gets_no_rows(workspace: Workspace) -> None:
    for asker in (Asker("p1", ("careful",)), Asker("p1", ("analyst",), ("careful",))):
        with pytest.raises(Declined) as raised:
            open_warehouse(workspace).run_untrusted("select country from users", asker=asker)
        assert (raised.value.rule, raised.value.reason) == ("row_level", "small_cell")
        assert open_warehouse(workspace).run_untrusted("select count(*) from users", asker=asker).rows == [(10,)]


def test_rows_over_the_limit_are_cut_and_said_to_be(workspace: Workspace) -> None:
    warehouse = open_warehouse(workspace)
    for text in (
        "select i from spread order by i",
        "select i from spread order by i limit 4000",
        "(select i from spread) order by i",
        "select i from spread union all select i from spread",
        "select i from spread limit 50%",
        "select i from spread limit (select 3000)",
    ):
        found = warehouse.run_untrusted(text, asker=ANALYST)
        assert len(found.rows) == 100, text
        assert found.truncated
    assert warehouse.run_untrusted("select i from spread order by i", asker=ANALYST).rows[99] == (99,)
    exact = warehouse.run_untrusted("select i from spread order by i limit 100", asker=ANALYST)
    assert len(exact.rows) == 100
    assert not exact.truncated


def test_bytes_over_the_limit_are_cut(workspace: Workspace) -> None:
    text = (
        "select string_agg(body, '') over (order by mid rows 99 preceding) from messages where mid >= 900 order by mid"
    )
    found = open_warehouse(workspace).run_untrusted(text, asker=ANALYST)
    assert found.truncated
    assert sum(len(row[0]) for row in found.rows) <= 20_000
    assert found.rows


def test_time_is_up_soon_after_the_limit_and_the_warehouse_goes_on(workspace: Workspace) -> None:
    warehouse = open_warehouse(workspace)
    start = time.monotonic()
    with pytest.raises(Declined) as raised:
        warehouse.run_untrusted("select sum(a.i * b.i * c.i) from spread a, spread b, spread c", asker=ANALYST)
    assert (raised.value.rule, raised.value.reason) == ("limit_time", "too_expensive")
    assert time.monotonic() - start < 5
    assert warehouse.run_untrusted("select 1", asker=ANALYST).rows == [(1,)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("select 1" + " + 1" * 10_000, "length"),
        ("select " + "(" * 500 + "1" + ")" * 500, "depth"),
        ("select " + "[" * 500 + "1" + "]" * 500, "depth"),
        ("select " + "not " * 3_000 + "true", "depth"),
        ("select " + "- " * 3_000 + "1", "depth"),
        ("select 1" + " + 1" * 3_000, "depth"),
        ("select " + "case when true then " * 500 + "1" + " end" * 500, "depth"),
        ("select " + "a." * 3_000 + "b from users", "depth"),
    ],
    ids=["long", "brackets", "lists", "nots", "signs", "sum", "cases", "dots"],
)
def test_oversized_text_is_declined_before_it_hurts(workspace: Workspace, text: str, rule: str) -> None:
    start = time.monotonic()
    with pytest.raises(TransectError) as raised:
        open_warehouse(workspace).run_untrusted(text, asker=ANALYST)
    assert isinstance(raised.value, Declined | InvalidInput)
    assert rule in (getattr(raised.value, "rule", rule), "depth")
    assert time.monotonic() - start < 5


def test_moderately_deep_text_runs(workspace: Workspace) -> None:
    warehouse = open_warehouse(workspace)
    assert warehouse.run_untrusted("select 1" + " + 1" * 100, asker=ANALYST).rows == [(101,)]
    ors = " or ".join(f"i = {i}" for i in range(120))
    assert warehouse.run_untrusted(f"select count(*) from spread where {ors}", asker=ANALYST).rows == [(120,)]
    listed = ", ".join(str(i) for i in range(2_000))
    assert warehouse.run_untrusted(f"select count(*) from spread where i in ({listed})", asker=ANALYST).rows == [
        (2_000,)
    ]


def test_each_text_leaves_an_audit_line_whatever_came_of_it(tmp_path: Path, made: Path) -> None:
    (tmp_path / "transect.toml").write_text((made / "transect.toml").read_text())
    (tmp_path / "data").symlink_to(made / "data")
    workspace = load_workspace(tmp_path)
    warehouse = open_warehouse(workspace)
    warehouse.run_untrusted("select id from users", asker=ANALYST, thread="t1")
    for text, kind in (("select * from secret", Declined), ("select", InvalidInput)):
        with pytest.raises(kind):
            warehouse.run_untrusted(text, asker=replace(ANALYST, surface="slack"))
    with open_state(workspace).snapshot() as connection:
        lines = connection.exec_driver_sql("select surface, action, detail from audit order by seq").all()
    details = [json.loads(line[2]) for line in lines]
    assert [(line[0], line[1]) for line in lines] == [("cli", "sql"), ("slack", "sql"), ("slack", "sql")]
    texts = ("select id from users", "select * from secret", "select")
    assert [d["sha256"] for d in details] == [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    assert [(d["verdict"], d.get("rule"), d["tables"], d["rows"], d["thread"]) for d in details] == [
        ("ok", None, ["users"], 10, "t1"),
        ("declined", "table", [], 0, None),
        ("error", "invalid_sql", [], 0, None),
    ]
    assert all(d["seconds"] > 0 for d in details)


def test_very_many_small_selects_are_declined_before_they_are_parsed(workspace: Workspace) -> None:
    begun = time.monotonic()
    with pytest.raises(Declined) as raised:
        open_warehouse(workspace).run_untrusted("select 1" + " union all select 1" * 4000, asker=ANALYST)
    assert raised.value.rule == "length"
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("role", ["analyst", "careful"])
def test_what_cannot_be_recorded_is_not_answered(tmp_path: Path, made: Path, role: str) -> None:
    (tmp_path / "transect.toml").write_text((made / "transect.toml").read_text())
    (tmp_path / "data").symlink_to(made / "data")
    (tmp_path / ".transect").mkdir()
    (tmp_path / ".transect" / "state.db").mkdir()  # in the way of the store
    with pytest.raises(Declined) as raised:
        open_warehouse(load_workspace(tmp_path)).run_untrusted("select 1", asker=Asker("p1", (role,)))
    assert raised.value.rule == "record"
    assert raised.value.hint


def test_nothing_is_printed(workspace: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    for text in ("select * from users for update", "show tables", "select * from (show tables)", "alter table x"):
        with pytest.raises(TransectError):
            open_warehouse(workspace).run_untrusted(text, asker=ANALYST)
    assert capfd.readouterr() == ("", "")


def test_no_file_is_written_beside_the_warehouse(workspace: Workspace) -> None:
    open_warehouse(workspace).run_untrusted("select count(*) from users", asker=ANALYST)
    assert sorted(path.name for path in (workspace.root / "data").iterdir()) == ["warehouse.duckdb"]
