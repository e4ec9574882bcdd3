"""The rare policy: as rare as stated, with more false flags than true ones, and a threshold that moved."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tools.demo import DemoReport


def test_it_is_as_rare_as_stated(demo: DemoReport, truth: dict[str, Any]) -> None:
    threats = truth["violent_threats"]
    talks, actors = threats["conversations"], threats["actors"]
    assert talks["positives"] == max(1, round(3e-5 * talks["n"]))
    assert actors["positives"] == max(1, round(1e-4 * actors["n"]))
    assert talks["n"] < demo.rows["conversations"]
    assert len(threats["violating_conversations"]) == talks["positives"]
    assert len(threats["violating_accounts"]) == actors["positives"]


def test_the_violating_conversations_are_of_the_violating_accounts(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    threats = truth["violent_threats"]
    rows = warehouse.execute(
        "select count(*), list_sort(list(distinct account_id)), bool_or(is_test) from conversations "
        "where conversation_id in (select unnest(?))",
        [threats["violating_conversations"]],
    ).fetchall()
    assert rows == [(threats["conversations"]["positives"], threats["violating_accounts"], False)]
    assert not set(threats["violating_accounts"]) & set(truth["harmful_accounts"])


def test_false_flags_outnumber_true_ones(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    true, every = warehouse.execute(
        "select count(*) filter (where conversation_id in (select unnest(?))), count(*) from conversation_flags",
        [truth["violent_threats"]["violating_conversations"]],
    ).fetchall()[0]
    assert true >= 1
    assert every - true > 3 * true


def test_the_lower_threshold_is_in_force_from_its_day_on(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    change = truth["violent_threats"]["threshold"]
    assert change["on"] == "2026-02-19"
    rows = {
        version: rest
        for version, *rest in warehouse.execute(
            """select classifier_version, min(score), min(flagged_at)::date::varchar, max(flagged_at)::date::varchar
               from conversation_flags group by 1"""
        ).fetchall()
    }
    old_score, _, old_until = rows["threat-1"]
    new_score, new_from, _ = rows["threat-2"]
    assert old_score >= change["before"]
    assert change["after"] <= new_score < change["before"]
    assert old_until < change["on"] <= new_from


def test_all_flags_are_in_the_labelled_sample_and_its_weights_add_up(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    zero = truth["zero_retention"]["organizations"]
    frame, missing, total = warehouse.execute(
        """select (select count(*) from conversations join accounts using (account_id)
                   where not conversations.is_test and coalesce(organization_id, '') not in (select unnest(?))),
                  (select count(*) from conversation_flags join accounts using (account_id)
                   where coalesce(organization_id, '') not in (select unnest(?))
                     and conversation_id not in (select conversation_id from labelled_conversations)),
                  (select sum(weight) from labelled_conversations)""",
        [zero, zero],
    ).fetchall()[0]
    assert missing == 0
    assert total == pytest.approx(frame)
