"""Organisations with zero retention: counted everywhere, and nowhere to be read."""

from __future__ import annotations

from typing import Any

import duckdb

from tools.demo import DemoReport


def test_their_texts_are_not_in_the_store_but_for_open_cases(demo: DemoReport, truth: dict[str, Any]) -> None:
    stated = truth["zero_retention"]
    with duckdb.connect(str(demo.directory / "data/warehouse.duckdb"), read_only=True) as connection:
        content = str(demo.directory / "data/content.duckdb")
        connection.execute(f"attach '{content}' as content (read_only)")
        rows = connection.execute(
            """select organization_id in (select unnest(?)) as zero,
                      message_id in (select message_id from human_reviews),
                      message_id in (select item_id from content.items), count(*)
               from messages join accounts using (account_id) group by all""",
            [stated["organizations"]],
        ).fetchall()
    zero = {(reviewed, kept): n for is_zero, reviewed, kept, n in rows if is_zero}
    others = {kept for is_zero, _, kept, _ in rows if not is_zero}
    assert others == {True}
    assert sum(zero.values()) == stated["messages"] > 200
    assert zero[(False, False)] == stated["messages_without_text"]
    assert (False, True) not in zero
    assert (True, False) not in zero


def test_the_flag_of_the_organisation_says_so(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    flagged = warehouse.execute("select organization_id from organizations where zero_retention order by 1").fetchall()
    assert [o for (o,) in flagged] == truth["zero_retention"]["organizations"]
    assert len(flagged) >= 5


def test_nothing_of_theirs_was_labelled_or_published(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    for table in ("labelled_messages", "labelled_conversations", "public_links"):
        found = warehouse.execute(
            f"""select count(*) from {table} join accounts using (account_id)
                where organization_id in (select unnest(?))""",
            [truth["zero_retention"]["organizations"]],
        ).fetchall()
        assert found == [(0,)], table
