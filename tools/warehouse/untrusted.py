"""SQL text of a person or a model, run in a child process on what the asker may see."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from tools.errors import Declined, TransectError
from tools.sandbox.pool import Pool
from tools.sandbox.worker import ChildFailed, ChildGone, ChildKilled, Found, Kept, Worker
from tools.warehouse.answered_cells import Split
from tools.warehouse.atoms import parts_of
from tools.warehouse.cell_rules import CellRules
from tools.warehouse.check_scan import check_scan
from tools.warehouse.check_size import check_size, too_deep
from tools.warehouse.expand_pivots import expand_pivots
from tools.warehouse.one_query import check_one_query, not_one_select
from tools.warehouse.parse_tree import Reads, check_parse_tree, no_table
from tools.warehouse.query_errors import query_error, time_is_up
from tools.warehouse.row_level import row_level
from tools.warehouse.rows import Receipt, Rows, receipt_id
from tools.warehouse.second_opinion import tables_by_sqlglot
from tools.warehouse.small_cells import hide_small_cells
from tools.warehouse.terms import Terms
from tools.warehouse.tree_parts import Tree, without_places

_ATTEMPTS = 5
_alone = Lock()
_CHILDREN = 3  # so many may be killed from outside until one statement is given up
_MOST_ATOMS, _ATOM_BYTES = 50_000, 50_000_000


def run_text(sql: str, *, terms: Terms, pool: Pool) -> tuple[Rows, tuple[str, ...]]:
    """Check, run and cut one statement; its rows and the tables it read.

    Args:
        sql: the text.
        terms: whose it is, and under which limits.
        pool: where children wait.

    Raises:
        InvalidInput: it is not SQL, or does not fit the tables.
        Declined: it asks for what the asker may not use, or for too much; `rule` says which.
    """
    from sqlglot.errors import SqlglotError  # start-up

    check_size(sql)
    view = terms.view
    if view.layers.second_parser:
        with suppress(SqlglotError, RecursionError):  # quotes that only DuckDB understands: its parser decides
            check_one_query(sql)
    begun = time.monotonic()
    for left in reversed(range(_CHILDREN)):
        try:
            with pool.worker(view.projected.projection) as worker:
                text, reads, found = _answer(sql, worker, terms)
            break
        except ChildKilled:  # not by this statement: another child may answer it, while there is time
            if not left or time.monotonic() - begun > terms.limits.seconds / 2:
                raise _killed() from None
    receipt = Receipt(
        id=receipt_id(text, (), view.fingerprint),
        sql=text,
        seconds=found.seconds,
        row_count=len(found.rows),
        fingerprint=view.fingerprint,
    )
    notes = (_withheld(view.min_cell),) if set(reads.tables) & set(view.protected) else ()
    return Rows(found.columns, found.rows, receipt, found.truncated, notes), tuple(sorted(set(reads.tables)))


def _answer(sql: str, worker: Worker, terms: Terms) -> tuple[str, Reads, Found]:
    """The text that ran in the child, what it read and what it found."""
    text, tree, reads = _check(sql, worker, terms)
    if reads.tables:
        _check_scan(tree, worker, reads, terms)
    if terms.view.min_cell > 1:
        return _answer_cells(tree, worker, reads, terms)
    return text, reads, _run(text, worker, reads, terms)


def _answer_cells(tree: Tree, worker: Worker, reads: Reads, terms: Terms) -> tuple[str, Reads, Found]:
    """The same where small cells are hidden: what is answered is written down before anybody has it.

    A statement that fails, or is declined, leaves nothing behind that later ones would be compared with.
    """
    for attempt in range(_ATTEMPTS):
        with _alone if attempt else nullcontext():  # somebody was answered meanwhile: now others wait
            new: list[Split] = []
            text = _hide(tree, worker, reads, terms, new)
            found = _run(text, worker, reads, terms)
            if terms.answered.keep(new):
                return text, reads, found
    raise TransectError("Too many are asking at the same time.", code="busy", hint="Ask again.")


def _check(sql: str, worker: Worker, terms: Terms) -> tuple[str, dict[str, Any], Reads]:
    """The text to run and what it reads, once both parsers agree that it may. Only a PIVOT is written anew."""
    view, seconds = terms.view, terms.limits.seconds
    tree = parse(sql, worker, seconds=seconds)
    if "Only SELECT" in str(tree.get("error_message")) and "pivot" in sql.lower():

        def read_values(values: str) -> list[tuple[Any, ...]]:
            text, inner, reads = _check(values, worker, terms)
            _scan_check(terms)(inner, reads.tables)
            if view.min_cell > 1:  # the values become names of columns: only published ones may
                return _answer_cells(inner, worker, reads, terms)[2].rows
            return _run(text, worker, reads, terms).rows

        sql = expand_pivots(sql, read_values)
        tree = parse(sql, worker, seconds=seconds)
    reads = check_parse_tree(tree, text=sql, known=view.known) if view.layers.engine_tree else Reads((), frozenset())
    for path in (tables_by_sqlglot(sql) or ()) if view.layers.second_parser else ():
        if path not in view.known.tables:
            raise no_table(path, view.known)
    return sql, tree, reads


def parse(sql: str, worker: Worker, *, seconds: float) -> dict[str, Any]:
    """DuckDB's tree of the text; Declined when it is too deep for DuckDB, for JSON or for us."""
    try:
        tree = json.loads(worker.parse(sql, seconds=seconds))
    except (RecursionError, ChildFailed):
        raise too_deep() from None
    except ChildKilled:
        raise
    except ChildGone as gone:
        raise (time_is_up(seconds) if gone.late else too_deep()) from None
    if not isinstance(tree, dict):
        raise not_one_select()
    return tree


def _run(sql: str, worker: Worker, reads: Reads, terms: Terms) -> Found:
    limits = terms.limits
    try:
        return worker.run(sql, seconds=limits.seconds, rows=limits.result_rows, size=limits.result_bytes)
    except ChildFailed as error:
        raise query_error(error, reads, terms.view.visible, seconds=limits.seconds) from error
    except ChildKilled:
        raise
    except ChildGone as gone:
        raise (time_is_up(limits.seconds) if gone.late else _ended()) from gone


def _write(trees: Sequence[Tree], worker: Worker, seconds: float) -> list[str]:
    """SQL of trees."""
    try:
        return worker.write([json.dumps(tree) for tree in trees], seconds=seconds) if trees else []
    except ChildFailed:
        raise row_level("It cannot be rewritten.") from None
    except ChildKilled:
        raise
    except ChildGone as gone:
        raise (time_is_up(seconds) if gone.late else too_deep()) from gone


def _check_scan(tree: Tree, worker: Worker, reads: Reads, terms: Terms) -> None:
    """Decline before running what reads too many rows, with a narrower statement that was put through all checks."""
    view, check = terms.view, _scan_check(terms)

    def offer(narrower: Tree) -> str | None:
        try:
            text = _write([narrower], worker, terms.limits.seconds)[0]
            sql, found, its_reads = _check(text, worker, terms)
            check(found, its_reads.tables)
            if view.min_cell > 1:
                rules = CellRules(view.min_cell, view.known.tables, view.protected, view.texts, view.visible)
                rules.rewrite(without_places(found))
        except TransectError:
            return None
        return sql

    check(tree, reads.tables, offer=offer)


def _scan_check(terms: Terms) -> Callable[..., None]:
    view, limit = terms.view, terms.limits.scan_rows
    return partial(check_scan, known=view.known, rows=view.projected.rows, scan_rows=limit, spreads=terms.spreads)


def _hide(tree: dict[str, Any], worker: Worker, reads: Reads, terms: Terms, new: list[Split]) -> str:
    """The statement with its small cells hidden, compared with earlier answers; `new` gets what it adds to them."""
    view, seconds = terms.view, terms.limits.seconds
    until = time.monotonic() + 1.5 * seconds  # for all that is compared: the statement itself has its own

    def run(sql: str, *kept: Kept) -> Found:
        left = max(until - time.monotonic(), 0.1)
        try:
            return worker.run(sql, seconds=left, rows=_MOST_ATOMS, size=_ATOM_BYTES, kept=kept)
        except ChildFailed as error:
            said = query_error(error, reads, view.visible, seconds=seconds)
            if error.kind == "BinderException" and not (isinstance(said, Declined) and said.rule == "column"):
                raise row_level("Its groups cannot be counted.") from error
            raise said from error
        except ChildKilled:
            raise
        except ChildGone as gone:
            raise (time_is_up(seconds) if gone.late else _ended()) from gone

    return hide_small_cells(
        tree,
        min_cell=view.min_cell,
        known=view.known,
        protected=view.protected,
        texts=view.texts,
        columns=view.visible,
        answered=terms.answered,
        new=new,
        write=lambda trees: _write(trees, worker, seconds),
        run=run,
        day=datetime.now(ZoneInfo(view.projected.projection.zone)).date(),
        parts=lambda table: parts_of(view.projected.rows.get(table, 0), terms.limits.memory_mb),
    )


def _withheld(min_cell: int) -> str:
    """Said of every answer about people, whether or not something was withheld: else the note would tell."""
    return (
        f"Groups of fewer than {min_cell} are withheld, as is what would give one of them away; a total here may lack "
        "them, and an empty cell may be one."
    )


def _ended() -> TransectError:
    return Declined(
        "The query ended the process that ran it.",
        reason="too_expensive",
        rule="limit_memory",
        hint="Read fewer rows or columns, or build smaller values.",
    )


def _killed() -> TransectError:
    return TransectError(
        "The process that ran this SQL was ended from outside.",
        code="sandbox_killed",
        hint="Ask again. When it happens often, the machine may be short of memory: lower limits.memory_mb.",
    )
