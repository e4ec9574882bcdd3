"""The audit chain shows every change, with a key also those made on purpose."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tools.access import Asker
from tools.state import AuditHead, State, append_audit, open_state, verify_audit
from tools.workspace import Workspace

ASKER = Asker("p1", ("analyst",), ("public",), "slack")


def chain(workspace: Workspace, *, key: bytes | None = None, lines: int = 5) -> State:
    state = replace(open_state(workspace), audit_key=key)
    for i in range(lines):
        append_audit(state, action="ask", asker=ASKER, detail={"i": i})
    return state


def tamper(workspace: Workspace, *statements: str) -> None:
    """As somebody would who can write the file: past our code and our triggers."""
    with sqlite3.connect(workspace.state_dir / "state.db") as connection:
        for name in ("audit_no_update", "audit_no_delete"):
            connection.execute(f"drop trigger if exists {name}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("key", [None, b"secret"])
def test_an_untouched_chain_is_whole(workspace: Workspace, key: bytes | None) -> None:
    report = verify_audit(chain(workspace, key=key))
    assert report.ok
    assert report.lines == 5
    assert report.faults == ()
    assert any("no audit key" in note for note in report.notes) == (key is None)


def test_a_line_says_who_for_whom_and_from_where(workspace: Workspace) -> None:
    state = chain(workspace, lines=1)
    with state.snapshot() as connection:
        line = connection.execute(text("select * from audit")).mappings().one()
    assert (line["seq"], line["person"], line["surface"], line["action"]) == (1, "p1", "slack", "ask")
    assert json.loads(line["detail"]) == {"i": 0, "roles": ["analyst"], "audience": ["public"]}


@pytest.mark.parametrize("key", [None, b"secret"])
def test_the_hash_is_the_documented_one(workspace: Workspace, key: bytes | None) -> None:
    state = chain(workspace, key=key, lines=2)
    previous = "0" * 64
    with state.snapshot() as connection:
        for line in connection.execute(text("select * from audit order by seq")).mappings():
            names = ("seq", "at", "person", "surface", "action", "detail", "scheme", "previous")
            content = json.dumps([line[name] for name in names]).encode()
            expected = hmac.new(key, content, "sha256").hexdigest() if key else hashlib.sha256(content).hexdigest()
            assert (line["previous"], line["hash"]) == (previous, expected)
            previous = line["hash"]


@pytest.mark.parametrize(
    ("statement", "part"),
    [
        ("update audit set person = 'p2' where seq = 3", "line 3 was changed"),
        ("update audit set detail = '{}' where seq = 5", "line 5 was changed"),
        ("update audit set at = '2020-01-01' where seq = 1", "line 1 was changed"),
        ("delete from audit where seq = 3", "line 3 is missing"),
        ("delete from audit where seq = 1", "line 1 is missing"),
        ("update audit set seq = 10 - seq", "line 1 is missing"),
    ],
)
@pytest.mark.parametrize("key", [None, b"secret"])
def test_a_change_shows(workspace: Workspace, key: bytes | None, statement: str, part: str) -> None:
    state = chain(workspace, key=key)
    tamper(workspace, statement)
    report = verify_audit(state)
    assert not report.ok
    assert part in report.faults[0]


def forge(workspace: Workspace) -> None:
    """Rewrite the whole chain without the key, every plain hash right."""
    with sqlite3.connect(workspace.state_dir / "state.db") as connection:
        connection.row_factory = sqlite3.Row
        previous, updates = "0" * 64, []
        for row in connection.execute("select * from audit order by seq").fetchall():
            values: list[Any] = [
                row["seq"],
                row["at"],
                "p2",
                row["surface"],
                row["action"],
                row["detail"],
                "sha256",
                previous,
            ]
            previous = hashlib.sha256(json.dumps(values).encode()).hexdigest()
            changed = f"person = 'p2', scheme = 'sha256', previous = '{values[7]}', hash = '{previous}'"
            updates.append(f"update audit set {changed} where seq = {row['seq']}")
            seal = hashlib.sha256(json.dumps(["head", row["seq"], previous]).encode()).hexdigest()
    connection.close()
    tamper(workspace, *updates, f"update audit_head set hash = '{previous}', seal = '{seal}'")


def test_a_forgery_without_the_key_shows_with_it_and_not_without(workspace: Workspace) -> None:
    state = chain(workspace, key=b"secret")
    forge(workspace)
    assert not verify_audit(state).ok
    assert verify_audit(replace(state, audit_key=None)).ok
    assert verify_audit(replace(state, audit_key=None)).notes


def test_lines_after_the_first_keyed_one_must_be_keyed(workspace: Workspace) -> None:
    plain = chain(workspace, lines=2)
    keyed = replace(plain, audit_key=b"secret")
    append_audit(keyed, action="ask", asker=ASKER, detail={})
    assert verify_audit(keyed).ok
    append_audit(plain, action="ask", asker=ASKER, detail={})
    assert "line 4 was written without the key" in verify_audit(keyed).faults[0]


def test_a_wrong_key_and_a_missing_key_are_told_apart(workspace: Workspace) -> None:
    state = chain(workspace, key=b"secret")
    assert "line 1 was changed" in verify_audit(replace(state, audit_key=b"other")).faults[0]
    assert "with a key that is not set here" in verify_audit(replace(state, audit_key=None)).faults[0]


@pytest.mark.parametrize("key", [None, b"secret"])
def test_a_cut_end_shows(workspace: Workspace, key: bytes | None) -> None:
    state = chain(workspace, key=key)
    head = verify_audit(state).head
    append_audit(state, action="ask", asker=ASKER, detail={})
    assert verify_audit(state, head=head).ok
    tamper(workspace, "delete from audit where seq >= 5")
    assert "lines were cut off" in verify_audit(state).faults[0]
    assert "lines were cut off" in verify_audit(state, head=head).faults[0]
    assert not verify_audit(state, head=AuditHead(2, "0" * 64)).ok


@pytest.mark.parametrize("key", [None, b"secret"])
def test_a_cut_end_with_its_head_shows_with_the_key_or_with_a_head_kept_elsewhere(
    workspace: Workspace, key: bytes | None
) -> None:
    state = chain(workspace, key=key)
    elsewhere = verify_audit(state).head
    with state.snapshot() as connection:
        fourth = connection.execute(text("select hash from audit where seq = 4")).scalar_one()
    seal = hashlib.sha256(json.dumps(["head", 4, fourth]).encode()).hexdigest()
    tamper(
        workspace,
        "delete from audit where seq >= 5",
        f"update audit_head set seq = 4, hash = '{fourth}', seal = '{seal}'",
    )
    report = verify_audit(state)
    assert report.ok == (key is None)
    assert report.notes
    assert not verify_audit(state, head=elsewhere).ok


def test_a_head_that_is_gone_shows(workspace: Workspace) -> None:
    state = chain(workspace)
    tamper(workspace, "delete from audit_head")
    assert verify_audit(state).faults == ("the head of the chain is missing",)


def test_our_own_connections_cannot_change_a_line(workspace: Workspace) -> None:
    state = chain(workspace)
    for statement in ("update audit set person = 'p2'", "delete from audit"):
        with pytest.raises(IntegrityError, match="append-only"), state.transaction() as connection:
            connection.execute(text(statement))
    assert verify_audit(state).ok


def test_an_empty_chain_is_whole(workspace: Workspace) -> None:
    report = verify_audit(chain(workspace, lines=0))
    assert report.ok
    assert report.lines == 0
