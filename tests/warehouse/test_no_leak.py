"""What a role may not see, put into every place a query has: nothing of it ever comes out."""

from __future__ import annotations

from itertools import product

import pytest

from tools.access import Asker
from tools.errors import TransectError
from tools.warehouse import open_warehouse
from tools.workspace import Workspace

ANALYST = Asker("p1", ("analyst",))

# Each reads something hidden: values that only `secret` and `users.email` hold.
HIDDEN = [
    "select s from secret",
    "select s from main.secret",
    'select "S" from "SECRET"',
    "select secret from secret",
    "select * from v_secret",
    "from secret",
    "select email from users",
    "select u.email from users u",
    "select u['email'] from users u",
    "select struct_extract(u, 'email') from users u",
    "select u.* from users u",
    "select u from users u",
    "select columns('.*') from users",
    "select columns(c -> c like 'e%') from users",
    "select unnest(u) from users u",
    "select list(u) from users u",
    "select max(v_users) from v_users",
    "select arg_max(u, id) from users u",
    "select users.* from users natural join v_users",
    "select * from users join v_users using (id)",
    "select u::varchar from users u",
    "select concat(u, '') from users u",
    "select leak()",
    "select strlen('x')",
    "select * from leak_rows()",
    "select * from query('from secret')",
    "select * from query_table('secret')",
    "select sql from duckdb_tables()",
    "select * from duckdb_columns",
    "select to_json(u) from users u",
    "select row(u) from users u",
    "select {'u': u} from users u",
    "select mode(t) from (select * from users) t",
]

PLACES = [
    "{}",
    "({})",
    "select * from ({}) t",
    "select ({} limit 1)",
    "with x as ({}) select * from x",
    "with secret as ({}) select * from secret",
    "with users as ({}) select * from users",
    "with x as materialized ({}) select * from x",
    "with x as ({}), y as (select * from x) select y from y",
    "select * from users, lateral ({}) t",
    "select * from users left join ({}) t on true",
    "{} union all select null",
    "{} except select null",
    "select 1 where exists ({})",
    "select list(t) from ({}) t",
    "select array({})",
    "select case when true then ({} limit 1) end",
    "select id from users order by ({} limit 1)",
    "select coalesce(({} limit 1)::varchar, '')",
    "select string_agg(t::varchar, ',') from ({}) t",
    "select max(t) over () from ({}) t",
    "select * from unnest(array({})) t",
    "values (({} limit 1))",
    "from ({})",
]


@pytest.mark.parametrize("place", PLACES)
def test_nothing_hidden_comes_out(workspace: Workspace, place: str) -> None:
    warehouse = open_warehouse(workspace)
    for hidden in HIDDEN:
        text = place.format(hidden)
        try:
            said = repr(warehouse.run_untrusted(text, asker=ANALYST))
        except TransectError as error:
            said = repr(error.to_dict())
        assert "topsecret" not in said, text
        assert "example.org" not in said, text


def test_the_same_places_do_give_what_may_be_seen(workspace: Workspace) -> None:
    """The test above would pass if nothing ever ran."""
    warehouse = open_warehouse(workspace)
    ran = 0
    for place, seen in product(PLACES, ["select country from users", "select country from v_users limit 3"]):
        if place.startswith("values") or ("limit 1" in place and "limit 3" in seen):
            continue
        text = place.format(seen if "union" not in place and "except" not in place else "select country from users")
        assert warehouse.run_untrusted(text, asker=ANALYST).rows, text
        ran += 1
    assert ran > 30
