"""A workspace with a table of items whose truth is known, a policy, and a store of item texts."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from tools.access import Asker
from tools.study import approve_study, draw_study, import_study_labels, new_study, plan_study
from tools.workspace import Workspace, default_asker, load_workspace

CANARY = "canary-93d1"
SETTINGS = """
[warehouse]
url = "duckdb:data/w.duckdb"
content = "duckdb:data/content.duckdb"
[access.roles.analyst]
tables = ["items", "others"]
deny_columns = ["items.email"]
min_cell = 1
[access.roles.reader]
tables = ["items"]
deny_columns = ["items.email", "items.account"]
min_cell = 10
[access.roles.stranger]
tables = ["others"]
min_cell = 1
[study]
"""
METRICS = """
datasets:
  - name: items
    source: items
    grain: [item_id]
    time: made_at
    unit: item
    actor: account
    text: body
    where:
      - {column: is_test, equals: false}
"""
POLICY = "---\nid: spam\nversion: 1\nlabels: [spam, ham, unsure]\nowner: trust\n---\n# Spam\n\nUnasked for.\n"
ROWS = 1200
BANDS = ("low", "mid", "high")


def is_positive(number: int) -> bool:
    """The truth: one in twenty of the low band, one in five of the middle, one in two of the high one."""
    return number % (20, 5, 2)[number % 3] == 0


def build_place(root: Path, *, rows: int = ROWS, settings: str = "", order: str = "i") -> Workspace:
    """Items i0, i1, ... in three bands, of 60 accounts, two a day from the start of 2026 on; every tenth one is a test.

    Args:
        root: an empty folder.
        rows: how many items.
        settings: more lines of [study].
        order: in which the rows lie in the table.
    """
    (root / "data").mkdir(parents=True)
    (root / "policies").mkdir()
    (root / "metrics").mkdir()
    (root / "transect.toml").write_text(SETTINGS + settings)
    (root / "metrics" / "items.yml").write_text(METRICS)
    (root / "policies" / "spam.md").write_text(POLICY)
    write_items(root, rows=rows, order=order)
    with duckdb.connect(str(root / "data" / "content.duckdb")) as connection:
        connection.execute(
            f"""create table items as select 'i' || i as item_id, '{CANARY} ' || i || case
                when i % [20, 5, 2][i % 3 + 1] = 0 then ' win a prize, call now' else ' see you at lunch' end as text
                from range({rows}) t(i)"""
        )
    return load_workspace(root)


def write_items(root: Path, *, rows: int = ROWS, order: str = "i", change: str = "") -> None:
    """The warehouse, anew; `change` is SQL that runs on the table at the end."""
    path = root / "data" / "w.duckdb"
    beside = path.with_name("next.duckdb")
    with duckdb.connect(str(beside)) as connection:
        connection.execute(
            f"""create table items as select 'i' || i as item_id, ['low', 'mid', 'high'][i % 3 + 1] as band,
                case when i % 7 = 0 then null else ['en', 'fr'][i % 2 + 1] end as language,
                'a' || (i % 60) as account, 'person' || i || '@{CANARY}.example' as email, '{CANARY} ' || i as body,
                timestamp '2026-01-01' + interval (i * 12) hour as made_at, i % 10 = 9 as is_test,
                (i % 100) / 100.0 as score
                from range({rows}) t(i) order by {order}"""
        )
        connection.execute("create table others as select i as item_id from range(5) t(i)")
        if change:
            connection.execute(change)
    beside.replace(path)


def asker_of(workspace: Workspace, role: str = "analyst") -> Asker:
    return default_asker(workspace, role=role, person="ana", surface="python")


def make_study(workspace: Workspace, id: str = "spam-q1", **given: Any) -> None:
    """A stratified study of 150 items with every item's truth known; `given` goes over the defaults."""
    options: dict[str, Any] = {"frame": "items", "strata": "band", "n": 150, "breakdowns": ("language",), **given}
    new_study(workspace, id, asker=asker_of(workspace), **options)


def drawn_study(workspace: Workspace, id: str = "spam-q1", **given: Any) -> list[str]:
    """A study that is drawn; its items in the order drawn."""
    make_study(workspace, id, **given)
    plan_study(workspace, id, asker=asker_of(workspace))
    approve_study(workspace, id, by="ana", budget_usd=1000)
    draw_study(workspace, id, asker=asker_of(workspace))
    return items_of(workspace, id)


def items_of(workspace: Workspace, id: str = "spam-q1") -> list[str]:
    with (workspace.root / "studies" / id / "sample.csv").open(newline="") as file:
        return [row["item_id"] for row in csv.DictReader(file)]


def truth_of(item: str) -> str:
    return "spam" if is_positive(int(item[1:])) else "ham"


def import_labels_of(
    workspace: Workspace,
    items: Sequence[str],
    *,
    id: str = "spam-q1",
    label: Callable[[str], str] = truth_of,
    labeller: str = "maria",
) -> None:
    """Labels of these items by one person, as a file."""
    path = workspace.root / f"labels-{labeller}.csv"
    lines = ["item,label,labeller", *(f"{item},{label(item)},{labeller}" for item in items)]
    path.write_text("\n".join(lines) + "\n")
    import_study_labels(workspace, id, path, asker=asker_of(workspace))


def labelled_study(workspace: Workspace, id: str = "spam-q1", **given: Any) -> list[str]:
    """A study whose every drawn item has its true label."""
    items = drawn_study(workspace, id, **given)
    import_labels_of(workspace, items, id=id)
    return items


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path.name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
