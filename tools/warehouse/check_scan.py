"""Cost first: how many rows SQL text will read, and a narrower statement where that is too many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tools.errors import Declined
from tools.warehouse.narrow import narrow
from tools.warehouse.parse_tree import Known
from tools.warehouse.scans import Scan, find_scans
from tools.warehouse.spread import Spread, Spreads
from tools.warehouse.tree_parts import Tree


@dataclass(frozen=True)
class Read:
    """One scan with what is known of it.

    Attributes:
        scan: where the table is read.
        rows: of the whole table.
        spreads: over which columns they are spread.
    """

    scan: Scan
    rows: int
    spreads: tuple[Spread, ...]

    @property
    def estimate(self) -> float:
        """Rows that will be read: what the narrowest of its conditions leaves."""
        return self.rows * min((each.share(*self.scan.bounds(each)) for each in self.spreads), default=1.0)

    @property
    def spread(self) -> Spread | None:
        """The column to narrow it by: the one that the statement narrows already, else the first."""
        bounded = [each for each in self.spreads if self.scan.bounds(each) != (None, None)]
        return (*bounded, *self.spreads, None)[0]


def check_scan(
    tree: Tree,
    tables: Sequence[str],
    known: Known,
    *,
    rows: dict[str, int],
    scan_rows: int,
    spreads: Spreads,
    offer: Callable[[Tree], str | None] = lambda tree: None,
) -> None:
    """Let a statement pass that reads no more rows than it may.

    Args:
        tree: of the statement, checked; `tables` are what it reads, once for each time.
        known: what it may refer to.
        rows: of each table.
        scan_rows: limits.scan_rows of the workspace.
        spreads: the columns over which a table's rows are spread; only asked when the tables are too large.
        offer: the text of a tree, when that would pass every check; None otherwise.

    Raises:
        Declined: `too_expensive`, rule limit_scan; `allowed` holds a narrower statement where there is one.
    """
    if sum(rows.get(table, 0) for table in tables) <= scan_rows:
        return
    reads = [Read(each, rows.get(each.table, 0), spreads(each.table)) for each in find_scans(tree, known)]
    estimate = sum(each.estimate for each in reads)
    if estimate <= scan_rows:
        return
    largest = max(reads, key=lambda each: each.estimate).scan.table
    of_it = [each for each in reads if each.scan.table == largest]
    hint, text = _narrower(tree, reads, of_it, scan_rows, offer)
    if not hint:
        hint, text = _narrower(tree, reads, reads, scan_rows, offer)
    raise Declined(
        f"This would read about {_about(round(estimate))} rows; limits.scan_rows is {scan_rows:,}.",
        reason="too_expensive",
        rule="limit_scan",
        value=largest,
        allowed=[text] if text else [],
        hint=hint or _smaller(reads, largest, rows, scan_rows),
    )


def _narrower(
    tree: Tree, reads: Sequence[Read], of: Sequence[Read], scan_rows: int, offer: Callable[[Tree], str | None]
) -> tuple[str, str]:
    """What to narrow of some of the reads, and the statement narrowed so; empty where that does not suffice."""
    columns = [(read, read.spread) for read in of if read.spread is not None and read.estimate > 0]
    dates = any(spread.dates for _, spread in columns)  # days and numbers are not narrowed together
    chosen = [(read, spread) for read, spread in columns if spread.dates == dates]
    rest = sum(each.estimate for each in reads) - sum(read.estimate for read, _ in chosen)
    each_one = sum(read.rows / spread.length for read, spread in chosen)
    length = int((scan_rows - rest) / each_one + 1e-9) if each_one else 0
    if length < 1:
        return "", ""
    parts = [(read.scan, spread, _end(read.scan, spread) - length) for read, spread in chosen]
    text = offer(narrow(tree, parts)) or ""
    named = " and ".join(dict.fromkeys(f"{read.scan.table}.{spread.column}" for read, spread in chosen))
    hint = f"Ask for at most {length:,} {'days' if dates else 'values in a row'} of {named}"
    return f"{hint}, such as: {text}" if text else f"{hint}.", text


def _end(scan: Scan, spread: Spread) -> int:
    """Before where an offered part ends: with the data, or earlier where the statement says so."""
    high = scan.bounds(spread)[1]
    return spread.last + 1 if high is None else min(high, spread.last + 1)


def _smaller(reads: Sequence[Read], largest: str, rows: dict[str, int], scan_rows: int) -> str:
    """Where no column helps: the table that is read less often, or another one."""
    of_it = [each.estimate for each in reads if each.scan.table == largest]
    rest = sum(each.estimate for each in reads) - sum(of_it)
    small = sorted(table for table, count in rows.items() if count <= scan_rows - rest)
    ways = ["ask for a metric over a shorter period"]
    if small:
        ways.insert(0, f"read a table that is small enough in the place of {largest!r}: {', '.join(small[:10])}")
    if len(of_it) > 1 and rest + max(of_it) <= scan_rows:
        ways.insert(0, f"read {largest!r} once instead of {len(of_it)} times")
    hint = "; or ".join(ways)
    untimed = not any(each.spreads for each in reads if each.scan.table == largest)
    why = f"{largest!r} has no column of times by which fewer of its rows could be read. " if untimed else ""
    return f"{why}{hint[0].upper()}{hint[1:]}."


def _about(rows: int) -> str:
    """Two digits: the size of a table is told, not its rows."""
    digits = max(len(str(rows)) - 2, 0)
    return f"{round(rows / 10**digits) * 10**digits:,}"
