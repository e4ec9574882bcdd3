"""The clock of a role that sees no small cells: the beginning of the day, and nothing finer."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.warehouse.corpus.place import make_place
from tools.access import Asker
from tools.errors import Declined
from tools.warehouse.duckdb_warehouse import DuckDBWarehouse
from tools.workspace import load_workspace

CAREFUL = Asker("p1", ("careful",))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    return DuckDBWarehouse(load_workspace(make_place(tmp_path_factory.mktemp("clock") / "w")))


@pytest.mark.parametrize("clock", ["now()", "current_timestamp", "get_current_timestamp()", "localtimestamp"])
def test_a_moment_is_the_beginning_of_the_day(clock: str, warehouse: DuckDBWarehouse) -> None:
    before = datetime.now(ZoneInfo("Europe/Oslo")).date()
    found = warehouse.run_untrusted(f"select ({clock})::timestamp as t", asker=CAREFUL).rows[0][0]
    after = datetime.now(ZoneInfo("Europe/Oslo")).date()
    assert (found.hour, found.minute, found.microsecond) == (0, 0, 0)
    assert before <= found.date() <= after


def test_days_before_today_are_answered(warehouse: DuckDBWarehouse) -> None:
    sql = "select count(*) from events where day > current_date - interval 100 years and ts < now()"
    assert warehouse.run_untrusted(sql, asker=CAREFUL).rows == [(7200,)]


@pytest.mark.parametrize(
    "moving",
    ["random() < 0.5", "current_time < time '12:00'", "ascii(uuid()::varchar) = 50", "age(ts) > interval 1 day"],
)
def test_what_is_another_value_each_time_is_declined(moving: str, warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(Declined) as raised:
        warehouse.run_untrusted(f"select count(*) from events where user_id <> 5 or {moving}", asker=CAREFUL)
    assert (raised.value.reason, raised.value.rule) == ("small_cell", "clock")
