"""A workspace with one policy and a store of item texts."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tools.workspace import Workspace, load_workspace

CANARY = "canary-7f3e"
HEADER = "---\nid: spam\nversion: 1\nlabels: [spam, ham]\nowner: policy\n---\n"
SPAM = HEADER + "# Spam\n\nUnasked for.\n\n## Guidelines\n\nLook twice.\n"


def build_place(root: Path, *, items: int = 5, policy: str = SPAM) -> Workspace:
    """Items i0, i1, ...; the text of each holds the canary."""
    (root / "transect.toml").write_text('[warehouse]\ncontent = "duckdb:content.duckdb"\n[access.roles.analyst]\n')
    (root / "policies").mkdir()
    (root / "policies" / "spam.md").write_text(policy, encoding="utf-8")
    with duckdb.connect(str(root / "content.duckdb")) as connection:
        connection.execute(
            f"create table items as select 'i' || i as item_id, '{CANARY} text ' || i as text from range({items}) t(i)"
        )
    lines = ["item,size", *(f"i{i},1" for i in range(items))]
    (root / "sample.csv").write_text("\n".join(lines) + "\n")
    return load_workspace(root)


def edit_policy(workspace: Workspace, old: str, new: str) -> None:
    path = workspace.root / "policies" / "spam.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
