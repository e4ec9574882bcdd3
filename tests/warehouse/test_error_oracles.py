"""What an error says, and whether there is one, tells nothing of what is hidden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.warehouse.corpus.ablation import HEAVY, contents, run
from tests.warehouse.corpus.place import make_place, read_corpus
from tests.warehouse.corpus.raw import has_canary
from tools.access import Asker
from tools.errors import TransectError
from tools.warehouse import open_warehouse
from tools.warehouse.duckdb_warehouse import DuckDBWarehouse
from tools.workspace import load_workspace

ANALYST, CAREFUL = Asker("p1", ("analyst",)), Asker("p1", ("careful",))


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    return open_warehouse(load_workspace(make_place(tmp_path / "w")))


# A statement, a name in it that exists and is denied, and one of equal length that nowhere exists.
PAIRS = [
    ("select {} from users", "email", "emael"),
    ("select u.{} from users u", "salary", "salery"),
    ("select (u).{} from users u", "email", "emael"),
    ("select u['{}'] from users u", "email", "emael"),
    ("select * exclude ({}) from users", "email", "emael"),
    ("select * replace ({} as id) from users", "email", "emael"),
    ("select id from users order by {}", "email", "emael"),
    ("select count(*) from users group by {}", "email", "emael"),
    ("select id from users having max({}) > 'a'", "email", "emael"),
    ("select id from users qualify row_number() over (order by {}) = 1", "email", "emael"),
    ("select * from users join (select 1 as {0}) t using ({0})", "email", "emael"),
    ("select columns('{}') from users", "email", "emael"),
    ("select {}.lower() from users", "email", "emael"),
    ("pivot users on {} using count(*)", "email", "emael"),
    ("select sum(country), ({}) from users", "email", "emael"),
    ("select id + 'x' + {} from users", "email", "emael"),
    ("select {} from v_users", "email", "emael"),
    ("select * from {}", "secret", "secrit"),
    ("select * from main.{}", "secret", "secrit"),
    ("select * from other.{}", "CANARY_other", "CANARY_othar"),
    ("select (select count(*) from {})", "secret", "secrit"),
    ("select {}()", "leak", "leek"),
    ("select * from {}()", "leak_rows", "leek_rows"),
    ("select {}()", "spy", "spi"),
    ("select 'a'::{}", "CANARY_type", "CANARY_tipe"),
    ("select nextval('{}')", "CANARY_sequence", "CANARY_sequense"),
]


@pytest.mark.parametrize("asker", [ANALYST, CAREFUL], ids=["analyst", "careful"])
def test_what_is_denied_and_what_does_not_exist_sound_the_same(warehouse: DuckDBWarehouse, asker: Asker) -> None:
    for text, denied, missing in PAIRS:
        said = [refusal(warehouse, text.format(name), asker).replace(name.lower(), "?") for name in (denied, missing)]
        assert said[0] == said[1], text


def refusal(warehouse: DuckDBWarehouse, sql: str, asker: Asker) -> str:
    with pytest.raises(TransectError) as raised:
        warehouse.run_untrusted(sql, asker=asker)
    said = [type(raised.value).__name__, getattr(raised.value, "rule", ""), raised.value.to_dict()]
    return json.dumps(said).lower()


# Fails where the one person 5 is from the US, and nowhere else.
FAILING = [
    "select sum(cast({} as int)) from users",
    "select count(*) from users where cast({} as int) > 0",
    "select cast({} as int) k, count(*) from users group by k",
    "select cast({} as int), count(*) from users group by all",
    "select count(*) filter (cast({} as int) > 0) from users",
    "select count(*) from users join events on cast({} as int) = user_id",
    "select count(*) from (select cast({} as int) k from users)",
    "select count(*) from (select cast({} as int) k from users) where k > 0",
    "select count(*) from users group by country having max(cast({} as int)) > 0",
    "select country, count(*) from users group by country order by max(cast({} as int))",
    "pivot (select id from users where {} = 'x') on id using count(*)",
]


@pytest.mark.parametrize("text", FAILING)
def test_whether_it_fails_tells_nothing_of_one_person(text: str, tmp_path: Path) -> None:
    """Asked twice, of two people who differ in it, each time in a place of its own: the same outcome."""
    said = []
    for number, country in enumerate(("US", "NO")):
        warehouse = open_warehouse(load_workspace(make_place(tmp_path / str(number))))
        value = f"case when users.id = 5 and country = '{country}' then 'x' else '1' end"
        try:
            warehouse.run_untrusted(
                text.format(value if "join" in text else value.replace("users.id", "id")), asker=CAREFUL
            )
            said.append("ok")
        except TransectError as error:
            said.append(f"{type(error).__name__} {getattr(error, 'rule', error.code)}")
    assert "InvalidInput invalid_sql" not in said


def test_no_canary_comes_out_for_a_role_that_sees_no_small_cells(tmp_path: Path) -> None:
    """The whole hostile corpus, and nothing changes."""
    place = make_place(tmp_path / "w")
    warehouse = open_warehouse(load_workspace(place))
    warehouse.run_untrusted("select count(*) from users", asker=CAREFUL)
    before = contents(place)
    for each in read_corpus("hostile.txt"):
        if not each.group.startswith(HEAVY):
            outcome, said = run(warehouse, each, place, asker=CAREFUL)
            assert not has_canary(said), each.sql
            assert outcome != "failed", each.sql
    assert contents(place) == before
