"""Policy files: read strictly, every fault with its line, hashed word for word."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from tools.errors import InvalidInput, InvalidWorkspace
from tools.labeling import check_policy, find_policy, load_policies
from tools.workspace import Workspace, load_workspace

HEADER = "---\nid: spam\nversion: 2\nanswer_type: choice\nlabels: [NO, yes]\nowner: policy\n---\n"
TEXT = "\n# Spam\n\nUnasked for.\n\n## Guidelines\n\n1. Read it.\n\n### Hard\n\nAsk.\n\n## History\n\nOld.\n"


def place(root: Path, files: dict[str, str]) -> Workspace:
    (root / "transect.toml").write_text("[access.roles.analyst]\n")
    (root / "policies").mkdir()
    for name, text in files.items():
        (root / "policies" / name).write_text(text, encoding="utf-8")
    return load_workspace(root)


def faults_of(tmp_path: Path, text: str) -> list[str]:
    workspace = place(tmp_path, {"p.md": text})
    with pytest.raises(InvalidWorkspace) as caught:
        load_policies(workspace)
    return [f"{fault.where.rpartition(':')[2]}: {fault.message}|{fault.hint}" for fault in caught.value.faults]


def test_a_policy_as_written(tmp_path: Path) -> None:
    found = load_policies(place(tmp_path, {"p.md": HEADER + TEXT}))["spam"]
    assert (found.id, found.version, found.header.labels) == ("spam", 2, ("NO", "yes"))  # YAML 1.2: NO is a word
    assert (found.header.severity, found.header.sealed) == ("medium", False)
    assert found.text.startswith("# Spam")
    assert found.guidelines == "1. Read it.\n\n### Hard\n\nAsk."
    assert found.hash == sha256((HEADER + TEXT).encode()).hexdigest()


def test_line_ends_and_byte_order_mark_do_not_change_the_hash(tmp_path: Path) -> None:
    one, other = tmp_path / "a.md", tmp_path / "b.md"
    one.write_bytes((HEADER + TEXT).encode())
    other.write_bytes(b"\xef\xbb\xbf" + (HEADER + TEXT).replace("\n", "\r\n").encode())
    first, second = check_policy(one)[0], check_policy(other)[0]
    assert first is not None
    assert second is not None
    assert first.hash == second.hash
    one.write_bytes((HEADER + TEXT + " ").encode())
    changed = check_policy(one)[0]
    assert changed is not None
    assert changed.hash != second.hash


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["1: has no front matter"]),
        ("# Spam\n", ["1: has no front matter"]),
        ("---\nid: x\n", ["1: the front matter does not end"]),
        (HEADER, ["7: has no policy text"]),
        (HEADER.replace("owner", "onwer") + TEXT, ["2: the key 'owner' is missing", "6: unknown key 'onwer'"]),
        (HEADER.replace("version: 2", "version: 0") + TEXT, ["3: version: "]),
        (HEADER.replace("version: 2", "version: '2'") + TEXT, ["3: version: must be a whole number"]),
        (HEADER.replace("choice", "chioce") + TEXT, ["4: answer_type: 'chioce' is not one of choice"]),
        (HEADER.replace("[NO, yes]", "[yes]") + TEXT, ["5: labels: a policy has two labels or more"]),
        (HEADER.replace("[NO, yes]", "[no, 1]") + TEXT, ["5: labels: must be text, not 1"]),
        (HEADER.replace("[NO, yes]", "[yes, Yes]") + TEXT, ["5: labels: 'yes' is given twice"]),
        (HEADER.replace("[NO, yes]", "['a ', b]") + TEXT, ["5: labels: 'a ' has space around it"]),
        (HEADER.replace("id: spam", "id: Spam mail") + TEXT, ["2: id: 'Spam mail' is not lower case"]),
        (HEADER.replace("owner: policy", "owner: policy\nowner: me") + TEXT, ["7: the key 'owner' is given twice"]),
        (HEADER.replace("owner: policy", "owner: a: b") + TEXT, ["6: not YAML"]),
        (HEADER.replace("owner: policy", "sealed: maybe\nowner: policy") + TEXT, ["6: sealed: must be"]),
        (
            "---\n---\ntext",
            ["1: the key 'id' is missing", "1: the key 'version'", "1: the key 'labels'", "1: the key 'owner'"],
        ),
    ],
)
def test_every_fault_has_its_line(tmp_path: Path, text: str, expected: list[str]) -> None:
    found = faults_of(tmp_path, text)
    assert len(found) == len(expected), found
    for fault, start in zip(sorted(found), sorted(expected), strict=True):
        assert fault.startswith(start), found


def test_faults_of_all_files_come_together(tmp_path: Path) -> None:
    workspace = place(tmp_path, {"a.md": HEADER + TEXT, "b.md": HEADER + TEXT, "c.md": "x"})
    with pytest.raises(InvalidWorkspace) as caught:
        load_policies(workspace)
    assert ["b.md:2" in caught.value.faults[0].where, "c.md:1" in caught.value.faults[1].where] == [True, True]
    assert "'spam' is taken" in caught.value.faults[0].message


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "p.md"
    path.write_bytes(HEADER.encode() + b"caf\xe9")
    policy, faults = check_policy(path)
    assert policy is None
    assert faults[0].where.endswith(":8")


def test_a_policy_that_is_not_there(tmp_path: Path) -> None:
    workspace = place(tmp_path, {"p.md": HEADER + TEXT})
    with pytest.raises(InvalidInput, match="no policy 'spma'") as caught:
        find_policy(workspace, "spma")
    assert caught.value.hint == "Did you mean 'spam'?"


def test_no_policies_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "transect.toml").write_text("[access.roles.analyst]\n")
    assert load_policies(load_workspace(tmp_path)) == {}
