"""SQL of a role that sees no small cells, aimed at one person: declined, with a rule and what to do instead."""

from __future__ import annotations

import pytest

from tests.warehouse.corpus.place import Statement, make_place, read_corpus
from tools.access import Asker
from tools.errors import Declined
from tools.warehouse.duckdb_warehouse import DuckDBWarehouse
from tools.workspace import load_workspace

CAREFUL = Asker("p1", ("careful",))
AIMED = read_corpus("one_person.txt")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    return DuckDBWarehouse(load_workspace(make_place(tmp_path_factory.mktemp("aimed") / "w")))


@pytest.mark.parametrize("aimed", AIMED, ids=lambda aimed: aimed.sql[:90])
def test_what_is_aimed_at_one_person_is_declined(aimed: Statement, warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(Declined) as raised:
        warehouse.run_untrusted(aimed.sql, asker=CAREFUL)
    assert (raised.value.reason, raised.value.rule) == ("small_cell", "row_level")
    assert raised.value.hint
