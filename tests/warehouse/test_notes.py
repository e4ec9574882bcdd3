"""That groups are withheld is said, and saying it tells nothing."""

from __future__ import annotations

from pathlib import Path

from tests.warehouse.corpus.place import make_place
from tools.access import Asker
from tools.warehouse import open_warehouse
from tools.workspace import load_workspace

CAREFUL, ANALYST = Asker("p1", ("careful",)), Asker("p1", ("analyst",))


def test_the_note_is_the_same_whether_or_not_a_group_was_withheld(tmp_path: Path) -> None:
    warehouse = open_warehouse(load_workspace(make_place(tmp_path / "w")))
    some = warehouse.run_untrusted("select country, count(*) from users group by country", asker=CAREFUL)
    none = warehouse.run_untrusted("select count(*) from users", asker=CAREFUL)
    assert "IS" not in {row[0] for row in some.rows}  # five accounts
    assert some.notes == none.notes
    assert "fewer than 10 are withheld" in some.notes[0]
    assert warehouse.run_untrusted("select 1", asker=CAREFUL).notes == ()
    assert warehouse.run_untrusted("select count(*) from users", asker=ANALYST).notes == ()


def test_values_of_a_pivot_are_counted_like_any_other_answer(tmp_path: Path) -> None:
    """Names of columns would else list every account, or say whether one exists."""
    import pytest

    from tools.errors import Declined

    warehouse = open_warehouse(load_workspace(make_place(tmp_path / "w")))
    said = []
    for country in ("US", "IS"):
        with pytest.raises(Declined) as raised:
            warehouse.run_untrusted(
                f"pivot (select id from users where id = 5 and country = '{country}') on id using count(*)",
                asker=CAREFUL,
            )
        said.append(raised.value.to_dict())
    assert said[0] == said[1]
