"""Cost first: what would read too many rows is declined before it runs, with a statement that passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warehouse.corpus.place import make_place
from tools.access import Asker
from tools.errors import Declined
from tools.warehouse.duckdb_warehouse import DuckDBWarehouse
from tools.workspace import load_workspace

ANALYST, CAREFUL = Asker("p1", ("analyst",)), Asker("p1", ("careful",))
# 7,200 events over the 56 days from 2026-01-01 on, 129 a day; 1,200 users; 2,000,000 rows in huge, by i.


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """Roles may read 3,000 rows."""
    place = make_place(tmp_path_factory.mktemp("scan") / "w")
    settings = place / "transect.toml"
    settings.write_text(settings.read_text().replace("scan_rows = 1000000", "scan_rows = 3000"))
    return DuckDBWarehouse(load_workspace(place))


PASS = [
    "select count(*) from users",
    "select count(*) from events where ts >= '2026-02-10'",
    "select count(*) from events where day between date '2026-01-05' and '2026-01-20' and kind = 'view'",
    "select count(*) from events e join users u on u.id = e.user_id where '2026-02-15' <= e.day",
    "select count(*) from events where day = '2026-01-05'",
    "select count(*) from (select * from events where day < timestamp '2026-01-10 12:00:00')",
    "with q as (from events where id < 1500) select count(*) from q, users",
    "pivot (from events where day >= '2026-02-10') on kind using count(*)",
    "with events as (select 1 as x) select count(*) from events",
]


@pytest.mark.parametrize("sql", PASS)
def test_what_its_conditions_keep_small_passes(sql: str, warehouse: DuckDBWarehouse) -> None:
    assert warehouse.run_untrusted(sql, asker=ANALYST).rows


OFFERED = [
    "select kind, count(*) from events group by kind",
    "from events",
    "select * from events where kind = 'view' order by id limit 3",
    "select count(*) from main.events as e where e.day < '2026-02-20'",
    "select u.country, count(*) from events e left join users u on u.id = e.user_id group by all",
    "select count(*) from users u left join events e on u.id = e.user_id",
    "with q as (select * from events) select count(*) from q a join q b using (id)",
    "select count(*) from events x(a, b, c) where a < 5",
    "select count(*) from events a, events b where a.id = b.id",
    "select count(*) from huge",
    "select (select count(*) from huge), (select max(i) from huge where i < 1000000)",
    "select count(*) from events where day >= '2026-02-10' or true",
    "select id, row_number() over (partition by kind order by id) as r from events qualify r < 3",
    "select kind from events union all select country from users",
    "select count(*) from warehouse.main.events where ts < '2026-02-01'",
    "select count(*) from events a asof join events b on a.id >= b.id",
    "select max(id) from events tablesample 10 rows",
]


@pytest.mark.parametrize("sql", OFFERED)
def test_a_narrower_statement_is_offered_and_passes(sql: str, warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(Declined) as raised:
        warehouse.run_untrusted(sql, asker=ANALYST)
    assert (raised.value.reason, raised.value.rule) == ("too_expensive", "limit_scan")
    (offered,) = raised.value.allowed
    assert offered in raised.value.hint
    assert raised.value.hint.startswith("Ask for at most ")
    assert warehouse.run_untrusted(offered, asker=ANALYST).columns


def test_the_offer_ends_with_the_data_and_is_as_long_as_may_be(warehouse: DuckDBWarehouse) -> None:
    """7,200 rows over 56 days in Oslo, where the place is: 23.3 days hold 3,000 rows; the last is 2026-02-25."""
    with pytest.raises(Declined) as raised:
        warehouse.run_untrusted("select count(*) from events", asker=ANALYST)
    (offered,) = raised.value.allowed
    assert raised.value.hint.startswith("Ask for at most 23 days of events.ts, such as: ")
    assert "(ts >= '2026-02-03')" in offered
    assert "about 7,200 rows" in raised.value.message


def test_an_end_that_was_asked_for_is_kept(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(Declined) as raised:
        warehouse.run_untrusted("select count(*) from events where ts < '2026-02-10'", asker=ANALYST)
    (offered,) = raised.value.allowed
    assert "(ts < '2026-02-10')" in offered
    found = warehouse.run_untrusted(offered, asker=ANALYST).rows[0][0]
    assert 2_500 < found <= 3_100


def test_who_sees_no_small_cells_is_offered_what_it_may_ask(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(Declined) as raised:
        warehouse.run_untrusted("select kind, count(*) from events group by kind", asker=CAREFUL)
    (offered,) = raised.value.allowed
    assert warehouse.run_untrusted(offered, asker=CAREFUL).rows
    with pytest.raises(Declined) as raised:
        warehouse.run_untrusted("from events", asker=CAREFUL)
    assert raised.value.allowed == []


def test_extremes_of_other_columns_than_the_time_stay_unknown_to_it(warehouse: DuckDBWarehouse) -> None:
    """The largest id is about one person; no condition on it makes a statement cheaper for such a role."""
    with pytest.raises(Declined) as raised:
        warehouse.run_untrusted("select count(*) from events where id < 100", asker=CAREFUL)
    assert raised.value.rule == "limit_scan"
    assert warehouse.run_untrusted("select count(*) from events where id < 100", asker=ANALYST).rows == [(100,)]


def test_without_a_column_that_helps_the_tables_that_do_are_named(tmp_path: Path) -> None:
    import duckdb

    place = make_place(tmp_path / "w")
    with duckdb.connect(str(place / "data" / "warehouse.duckdb")) as connection:
        connection.execute("drop table huge; create table huge as select 'x' as i from range(5000)")
    settings = place / "transect.toml"
    settings.write_text(settings.read_text().replace("scan_rows = 1000000", "scan_rows = 3000"))
    with pytest.raises(Declined) as raised:
        DuckDBWarehouse(load_workspace(place)).run_untrusted("select count(*) from huge", asker=ANALYST)
    assert raised.value.allowed == []
    assert raised.value.hint == (
        "'huge' has no column of times by which fewer of its rows could be read. Read a table that is small enough in "
        "the place of 'huge': other.notes, users, v_users, wide; or ask for a metric over a shorter period."
    )


@pytest.mark.parametrize("sql", ["pivot events on kind using count(*)", "pivot huge on i % 3 using count(*)"])
def test_values_of_a_pivot_are_not_read_either_where_that_is_too_much(sql: str, warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(Declined) as raised:
        warehouse.run_untrusted(sql, asker=ANALYST)
    assert raised.value.rule == "limit_scan"
