"""Aggregates of a role that sees no small cells do not hand on the value of a row that the writer chose."""

from __future__ import annotations

import pytest

from tests.warehouse.corpus.place import make_place
from tools.access import Asker
from tools.errors import Declined
from tools.warehouse.duckdb_warehouse import DuckDBWarehouse
from tools.workspace import load_workspace

CAREFUL = Asker("p1", ("careful",))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    return DuckDBWarehouse(load_workspace(make_place(tmp_path_factory.mktemp("order") / "w")))


CARRIED_ALONG = [
    "select max(amount * (1 - least(abs(id - 5), 1))) from events",
    "select max(id * 1000000 + amount) from events",
    "select quantile_disc(id * 1000000 + amount, 0.5) from events",
    "select median(id * 1e6 + amount) from events",
    "select min(id + amount / 1000) from events",
    "select approx_quantile(id * 1000 - amount, 0.1) from events",
    "select mad(id * 1000 + amount) from events",
    "select max(greatest(id * 0, amount * (1 - least(abs(id - 5), 1)))) from events",
    "select max(x) from (select amount * (1 - least(abs(id - 5), 1)) as x from events)",
    "select max(y) from (select x as y from (select id * 1000000 + amount as x from events))",
    "select max(b) from (select id, id * 1000000 + amount as x from events) q(a, b)",
    "with q(a) as (select id * 1000000 + amount from events) select max(a) from q",
    "with q as (select 1 - least(abs(id - 5), 1) as x, amount from events) select max(x * amount) from q",
    "select max(n) from (select user_id, max(id * 1000000 + amount) as n from events group by user_id)",
    "select max(x) from (select *, id * 1000000 + amount as x from events)",
    "select max(epoch(ts) * 1000 + amount) from events",
    "select max(id - amount / 1000) from events",
    "select max(epoch(ts) * 1000 - id) from events",
    "select max(id::varchar::int * 1000000 + amount::double) from events",
    "select max(e.id * 1000000 + u.id) from events e join users u on u.id = e.user_id",
    "select max(if(kind = 'view', id * 1000000 + amount, 0)) from events",
    "select max(struct_extract(q, 'x')) from (select id * 1000000 + amount as x from events) q",
    "select max(#1) from (select id * 1000000 + amount as x from events)",
    "select max(columns('x')) from (select id * 1000000 + amount as x from events)",
    "select max(z) from (select * rename (x as z) from (select id * 1000000 + amount as x from events))",
    "select max(amount) from (select * replace (id * 1000000 + amount as amount) from events)",
]


@pytest.mark.parametrize("sql", CARRIED_ALONG)
def test_a_value_carried_along_in_another_ones_digits_is_declined(sql: str, warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(Declined) as raised:
        warehouse.run_untrusted(sql, asker=CAREFUL)
    assert (raised.value.reason, raised.value.rule) == ("small_cell", "row_level")


WHOLE_ROWS_AND_TEXTS = [
    "select max(u) from users u",
    "select max(u::varchar) from users u",
    "select max(events) from events",
    "select min(to_json(e)::varchar) from events e",
    "select median(hash(e)) from events e",
    "select max(amount) from users amount",
    "select max(main.users) from users",
    "select max(warehouse.main.users) from users",
    "select max(variant_extract(e::variant, 'amount')::int) from events e",
    "select count(distinct e) from events e",
    "select events, count(*) from events group by events",
    "select max(struct_pack(*columns(*))) from events",
    "select max(__protected_unit) from events",
    "select count(distinct __protected_row) from events",
    "select max(kind) from events",
    "select median(kind) from events",
    "select quantile_disc(kind, 0.5) from events",
    "select median(tags[1]::varchar) from users",
    "select max(box.k) from users",
    "select max(x) from (select kind as x from events)",
    "select max(x) from (select upper(kind) as x from events)",
    "select max(x.a) from (select {'a': kind} as x from events)",
    "select max(a) from (select kind from events) q(a)",
    "with q(a) as (select kind from events) select min(a) from q",
    "select max(x) from (select user_id, max(kind) as x from events group by user_id)",
    "select max(x) from (select user_id, first_value(kind) over (partition by user_id order by id) as x from events)",
]


@pytest.mark.parametrize("sql", WHOLE_ROWS_AND_TEXTS)
def test_no_whole_row_and_no_text_is_handed_on(sql: str, warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(Declined) as raised:
        warehouse.run_untrusted(sql, asker=CAREFUL)
    assert (raised.value.reason, raised.value.rule) == ("small_cell", "row_level")


# One statement each: the condition holds for one event, under a name that it must not lose.
UNDER_ANOTHER_NAME = [
    "select sum(b) from (select id, (id <> 5)::int as x from events) q(a, b)",
    "with q(a, b) as (select id, (id <> 5)::int from events) select sum(b) from q",
    "with p as (select id, (id <> 5)::int as x from events) select sum(b) from p as q(a, b)",
    "select sum(z) from (select * rename (x as z) from (select (id <> 5)::int as x from events))",
    "select sum(z) from (select * replace ((id <> 5)::int as z) from (select id, 1 as z from events))",
    "select sum(columns('x')) from (select (id <> 5)::int as x from events)",
    "select sum(#1) from (select (id <> 5)::int as x from events)",
    "select sum(struct_extract(q, 'x')) from (select (id <> 5)::int as x from events) q",
    "select sum(coalesce(nullif(id, 5), amount)) from events",
    "select count(nullif(id, 5)) from events",
]


@pytest.mark.parametrize("sql", UNDER_ANOTHER_NAME)
def test_a_condition_is_counted_under_every_name(sql: str, warehouse: DuckDBWarehouse) -> None:
    """Of 7,200 events, 7,199 are no secret, but beside the total they are."""
    assert warehouse.run_untrusted("select count(*) from events", asker=CAREFUL).rows == [(7200,)]
    assert ask(warehouse, sql) in ("row_level", "differencing", "column", [], [(None,)])


def ask(warehouse: DuckDBWarehouse, sql: str) -> object:
    """The rows, or the rule that declined."""
    try:
        return warehouse.run_untrusted(sql, asker=CAREFUL).rows
    except Declined as declined:
        return declined.rule


ONE_COLUMN_OR_TWO_TIMES = [
    ("select max(amount), min(amount) from events", None),
    ("select max(round(amount / 10) * 10) from events", 100.0),
    ("select median(date_diff('minute', day::timestamp, ts::timestamp)) from events", None),
    ("select quantile_cont(epoch(ts) - epoch(day), 0.5) from events", None),
    ("select median(amount / id) from events where id > 100", None),
    ("select max(case when kind = 'view' then amount end) from events", 100.06),
    ("select median(n) from (select user_id, count(*) as n from events group by user_id)", 6.0),
    ("select max(length(kind)) from events", 6),
    ("with q(k, a) as (select kind, amount from events) select max(a) from q", 100.06),
]


@pytest.mark.parametrize(("sql", "first"), ONE_COLUMN_OR_TWO_TIMES)
def test_what_carries_nothing_along_is_answered(sql: str, first: float | None, warehouse: DuckDBWarehouse) -> None:
    found = warehouse.run_untrusted(sql, asker=CAREFUL).rows
    assert found[0][0] is not None
    assert first is None or found[0][0] == first
