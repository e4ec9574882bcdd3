"""Every layer off by itself against the hostile corpus: what comes out then, and what changes.

python -m tests.warehouse.corpus.ablation --out docs/evidence/ablation.md
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tests.warehouse.corpus.place import Statement, make_place, read_corpus
from tests.warehouse.corpus.raw import has_canary
from tests.warehouse.evidence import Page
from tools.access import Asker
from tools.errors import Declined, InvalidInput, TransectError
from tools.state import open_state, verify_audit
from tools.warehouse.duckdb_warehouse import DuckDBWarehouse
from tools.warehouse.layers import EVERY_LAYER, Layers
from tools.workspace import load_workspace

ANALYST = Asker("p1", ("analyst",))
LAYERS = {
    "nothing": EVERY_LAYER,
    "the projection": Layers(projection=False),
    "DuckDB's tree": Layers(engine_tree=False),
    "the second parser": Layers(second_parser=False),
    "both parsers": Layers(engine_tree=False, second_parser=False),
    "the locked engine": Layers(locked=False),
    "the confined process": Layers(confined=False),
}
# Attacks on files, the network, tables and what may be written: they fail with any one layer off.
ATTACKS = (
    "files",
    "network",
    "writes",
    "changes",
    "hidden tables",
    "names that shadow",
    "macros",
    "disguises",
    "SQL in",
    "functions with effects",
    "the session",
    "catalogs",
    "variables of Python",
    "what only this engine has | changes",
)
_SAID = """Attacks: classes on files, network, writes, changes, hidden tables and their disguises, macros, the session
and the catalog. Others: denied columns, oracles, errors that talk, arguments that are too large. *Bytes changed*: files
of the warehouse and the projections. *Sound*: afterwards an honest query is right, and the audit chain whole and
without a canary."""
HEAVY = ("too much memory", "too much time")
HOSTILE = read_corpus("hostile.txt")
QUICK = [each for each in HOSTILE if not each.group.startswith(HEAVY)]


@dataclass
class Ablation:
    """What came of the corpus without one layer.

    Attributes:
        ends: statements by how they ended: ok, declined, error or failed.
        attacks: attacks that got a canary out, and all attacks.
        leaks: statements that got a canary out, by class.
        changed: files of the warehouse and the projections that are not as they were.
        sound: afterwards an honest query is right, the audit chain whole and without a canary.
    """

    ends: Counter[str] = field(default_factory=Counter)
    attacks: int = 0
    leaks: list[Statement] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    sound: bool = False

    @property
    def attacks_out(self) -> list[Statement]:
        return [each for each in self.leaks if is_attack(each)]


def is_attack(each: Statement) -> bool:
    """Whether it must fail without any one layer."""
    return each.group.startswith(ATTACKS)


def ablate(place: Path, layers: Layers, statements: Sequence[Statement]) -> Ablation:
    """Run the statements on a place of its own, which is changed by none of them unless something is wrong."""
    warehouse, found = DuckDBWarehouse(load_workspace(place), layers=layers), Ablation()
    warehouse.run_untrusted("select 1", asker=ANALYST)
    before = contents(place)
    for each in statements:
        end, said = run(warehouse, each, place)
        found.ends[end] += 1
        found.attacks += is_attack(each)
        if has_canary(said):
            found.leaks.append(each)
    after = contents(place)
    found.changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    right = warehouse.run_untrusted("select count(*) from users", asker=ANALYST).rows == [(1200,)]
    whole = verify_audit(open_state(load_workspace(place))).ok
    found.sound = right and whole and not has_canary(audit_without_texts(place))
    return found


def run(warehouse: DuckDBWarehouse, each: Statement, place: Path, *, asker: Asker = ANALYST) -> tuple[str, str]:
    """How it ended, and everything that was said, without the words of the statement itself."""
    sql = each.sql.replace("{data}", str(place / "data"))
    try:
        found = warehouse.run_untrusted(sql, asker=asker)
    except TransectError as error:
        words = {word.lower() for word in parts(sql)}
        said = " ".join(word for word in parts(repr(error.to_dict())) if word.lower() not in words)
        outcome = "declined" if isinstance(error, Declined) else "error"
        return outcome if isinstance(error, Declined | InvalidInput) else "failed", said
    return "ok", repr((found.columns, found.rows))


def parts(text: str) -> Iterator[str]:
    import re

    yield from re.findall(r"\w+", text)


def contents(place: Path) -> dict[str, str]:
    """Every file of the warehouse and of the projections, by hash."""
    files = [*(place / "data").rglob("*"), *(place / ".transect" / "roles").rglob("*.duckdb")]
    return {str(file.relative_to(place)): sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()}


def audit_without_texts(place: Path) -> str:
    """The audit lines of the place, without the statements that people wrote."""
    import json

    with open_state(load_workspace(place)).snapshot() as connection:
        lines = connection.exec_driver_sql("select detail from audit").all()
    return repr([{k: v for k, v in json.loads(line[0]).items() if k != "sql"} for line in lines])


def write_rows(found: dict[str, Ablation]) -> str:
    """The table: a row for each layer that was off."""
    head = ["without", "attacks", "canaries out", "bytes changed", "other statements", "canaries out of them", "sound"]
    lines = [" | ".join(head), " | ".join(["---"] + ["---:"] * 5 + ["---"])]
    for name, each in found.items():
        out, others = len(each.attacks_out), each.ends.total() - each.attacks
        cells = [name, each.attacks, out or "none", len(each.changed) or "none"]
        cells += [others, len(each.leaks) - out or "none", "yes" if each.sound else "**no**"]
        lines.append(" | ".join(map(str, cells)))
    return "\n".join(f"| {line} |" for line in lines)


def write_classes(found: dict[str, Ablation]) -> str:
    """Which classes rest on a layer."""
    lines = []
    for name, each in found.items():
        counts = Counter(statement.group.partition(" | ")[0] for statement in each.leaks)
        if counts:
            listed = ", ".join(f"{group} ({count})" for group, count in sorted(counts.items()))
            lines.append(f"- Without {name}: {listed}.")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, help="write the page here as well")
    out = parser.parse_args().out
    scale = f"{len(QUICK)} statements in {len({each.group for each in QUICK})} classes, each with every layer and "
    scale += "without each; those that only take memory or time are not among them"
    page = Page("Each layer off by itself", "python -m tests.warehouse.corpus.ablation", "none", scale)
    found: dict[str, Ablation] = {}
    with tempfile.TemporaryDirectory(prefix="transect-ablation-") as folder:
        for number, (name, layers) in enumerate(LAYERS.items()):
            found[name] = ablate(make_place(Path(folder) / str(number)), layers, QUICK)
            print(f"without {name}: {dict(found[name].ends)}", file=sys.stderr)
    text = page.write(f"{_SAID}\n\n{write_rows(found)}\n\n{write_classes(found)}")
    print(text)
    if out is not None:
        out.write_text(text, "utf-8")
    return int(any(each.attacks_out or each.changed or not each.sound for each in found.values()))


if __name__ == "__main__":
    sys.exit(main())
