"""`transect policy` as its user meets it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Transect


def test_the_policies_of_the_demo(transect: Transect, demo: Path) -> None:
    found = transect("-w", demo, "policy", "list", "--json").document["policies"]
    versions = {each["id"]: each["version"] for each in found}
    assert versions == {"coordinated_abuse": 1, "fraud": 2, "harassment": 1, "violent_threat": 1}
    fraud = next(each for each in found if each["id"] == "fraud")
    assert fraud["labels"] == ["violating", "benign", "unsure"]
    assert "fraud" in transect("-w", demo, "policy", "list").out
    one = transect("-w", demo, "policy", "show", "fraud", "--json").document
    assert one["hash"] == fraud["hash"]
    assert one["guidelines"].startswith("1. Read the whole bundle.")
    shown = transect("-w", demo, "policy", "show", "fraud").out
    assert fraud["hash"] in shown
    assert "# Fraud" in shown
    assert transect("-w", demo, "policy", "check", "--json").document == {"faults": [], "checked": {"policies": 4}}
    assert transect("-w", demo, "policy", "check").out == "4 policies: no faults\n"


def test_a_fault_is_named_with_its_line(transect: Transect, tmp_path: Path) -> None:
    (tmp_path / "transect.toml").write_text("[access.roles.analyst]\n")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "spam.md").write_text("---\nid: spam\nversoin: 1\nlabels: [a, b]\nowner: me\n---\ntext\n")
    done = transect("-w", tmp_path, "policy", "check")
    assert done.code == 2
    assert "spam.md:3: unknown key 'versoin' (did you mean 'version'?)" in done.err
    assert transect("-w", tmp_path, "policy", "show", "spam", "--json").document["error"]["code"] == "invalid_workspace"


def test_the_schema_of_a_policy(transect: Transect) -> None:
    found = transect("schema", "policy").document
    keys = {"id", "version", "answer_type", "labels", "owner", "severity", "sealed"}
    assert set(found["properties"]) == keys
    assert set(found["required"]) == {"id", "version", "labels", "owner"}
    assert found["additionalProperties"] is False
