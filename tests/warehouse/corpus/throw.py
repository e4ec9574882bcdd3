"""Statements of the grammar against the guard: what is let through is what DuckDB, too, reads of visible tables only.

python -m tests.warehouse.corpus.throw --out docs/evidence/grammar.md
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from tests.warehouse.corpus.ablation import contents
from tests.warehouse.corpus.grammar import Grammar
from tests.warehouse.corpus.place import make_place, plain_database
from tests.warehouse.corpus.raw import has_canary
from tests.warehouse.evidence import Page
from tools.access import Asker
from tools.errors import Declined, InvalidInput
from tools.warehouse.duckdb_warehouse import DuckDBWarehouse
from tools.workspace import load_workspace

SEED, ROLES = 12, ("analyst", "careful")
VISIBLE = {"users", "events", "v_users", "notes", "wide", "huge"}


@dataclass
class Thrown:
    """What came of the statements.

    Attributes:
        ends: how they ended: ok, declined or error.
        rules: by which rules they were declined.
        canaries: statements that got something hidden out.
        disagree: statements that ran and read more than visible tables, by DuckDB's own reading.
        other: statements that ended in another error than ours, and it.
        changed: whether a file of the place changed.
        goes_on: whether an honest query is right afterwards.
    """

    ends: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    canaries: list[str] = field(default_factory=list)
    disagree: list[str] = field(default_factory=list)
    other: list[tuple[str, str]] = field(default_factory=list)
    changed: bool = False
    goes_on: bool = False

    @property
    def good(self) -> bool:
        return not (self.canaries or self.disagree or self.other or self.changed) and self.goes_on


def throw(number: int, *, seed: int, role: str, folder: Path) -> Thrown:
    """Run so many statements as a role, on a place in `folder`, which must be empty."""
    place = make_place(folder / "w")
    warehouse, asker, thrown = DuckDBWarehouse(load_workspace(place)), Asker("p1", (role,)), Thrown()
    warehouse.run_untrusted("select 1", asker=asker)
    (folder / "plain").mkdir()
    before = contents(place)
    with plain_database(folder / "plain") as plain:
        for text in Grammar(seed).statements(number):
            sql = text.replace("{data}", str(place / "data"))
            said = _ask(warehouse, sql, asker, thrown)
            if has_canary(_without(said, sql)):
                thrown.canaries.append(sql)
            elif said.startswith("ok") and not _tables_by_duckdb(plain, sql) <= VISIBLE:
                thrown.disagree.append(sql)
    thrown.changed = contents(place) != before
    thrown.goes_on = warehouse.run_untrusted("select count(*) from users", asker=asker).rows == [(1200,)]
    return thrown


def _ask(warehouse: DuckDBWarehouse, sql: str, asker: Asker, thrown: Thrown) -> str:
    """How it ended and all that was said."""
    try:
        found = warehouse.run_untrusted(sql, asker=asker)
    except (Declined, InvalidInput) as refused:
        thrown.ends["declined" if isinstance(refused, Declined) else "error"] += 1
        thrown.rules[getattr(refused, "rule", refused.code)] += 1
        return repr(refused.to_dict())
    except Exception as error:
        thrown.ends["failed"] += 1
        thrown.other.append((sql, repr(error)))
        return repr(error)
    thrown.ends["ok"] += 1
    return "ok" + repr((found.columns, found.rows))


def _without(said: str, sql: str) -> str:
    """What was said, without the words of the statement itself."""
    words = {word.lower() for word in re.findall(r"\w+", sql)}
    return " ".join(word for word in re.findall(r"\w+", said) if word.lower() not in words)


def _tables_by_duckdb(plain: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    """The tables that DuckDB's own function names, on a database that holds visible tables only."""
    try:
        return {name.split(".")[-1].strip('"').lower() for name in plain.get_table_names(sql)}
    except duckdb.Error:  # a PIVOT without values is several statements to it
        return set()


def _page(role: str, found: Thrown) -> str:
    ends = ", ".join(f"{count:,} {end}" for end, count in found.ends.most_common())
    rules = ", ".join(f"{rule} {count:,}" for rule, count in found.rules.most_common())
    faults = "\n".join(f"- `{sql}`" for sql in (*found.canaries, *found.disagree, *(sql for sql, _ in found.other)))
    return (
        f"## Role {role}\n\n{found.ends.total():,} statements: {ends}. Refused by: {rules}.\n\n"
        f"- canaries out: {len(found.canaries)}\n- read more than visible tables: {len(found.disagree)}\n"
        f"- ended in an error that is not ours: {len(found.other)}\n"
        f"- files changed: {'some' if found.changed else 'none'}\n\n{faults}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--number", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, help="write the page here as well")
    asked = parser.parse_args()
    scale = f"{asked.number:,} statements for each of {len(ROLES)} roles"
    page, good, parts = (
        Page(
            "Statements of a grammar",
            f"python -m tests.warehouse.corpus.throw --number {asked.number}",
            str(asked.seed),
            scale,
        ),
        True,
        [],
    )
    for role in ROLES:
        with tempfile.TemporaryDirectory(prefix="transect-grammar-") as folder:
            found = throw(asked.number, seed=asked.seed, role=role, folder=Path(folder))
        good = good and found.good
        parts.append(_page(role, found))
    text = page.write("\n\n".join(parts))
    print(text)
    if asked.out is not None:
        asked.out.write_text(text, "utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
