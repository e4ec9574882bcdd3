"""slackbot | evals -> agent -> tools -> nothing of ours."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import PACKAGES, ROOT, Import, imports_of, python_files
from transect import find_foreign_packages

MAY_IMPORT = {
    "tools": {"tools"},
    "agent": {"agent", "tools"},
    "evals": {"evals", "agent", "tools"},
    "slackbot": {"slackbot", "agent", "tools"},
}
COMPOSITION_ROOT = ROOT / "agent" / "cli" / "main.py"
SLOW = {"altair", "openai", "scipy", "slack_bolt", "slack_sdk", "vl_convert"}
VAGUE = {"base", "common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}


def imports(package: str) -> list[Import]:
    return [found for path in python_files(package) for found in imports_of(path)]


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_downwards(package: str) -> None:
    ours = [found for found in imports(package) if found.module.split(".")[0] in (*PACKAGES, "tests", "transect")]
    allowed = MAY_IMPORT[package]
    wrong = [str(found) for found in ours if found.module.split(".")[0] not in allowed and not is_excepted(found)]
    assert wrong == []


def is_excepted(found: Import) -> bool:
    """The composition root may import evals and slackbot inside its commands; doctor asks where the packages are."""
    if found.path == COMPOSITION_ROOT:
        return found.late or found.typing
    return found.path.parent == COMPOSITION_ROOT.parent and found.module == "transect" and found.late


def test_the_composition_root_is_the_only_way_to_evals() -> None:
    """The exception is used: were it not, it should go."""
    assert any(found.module.startswith("evals") and found.late for found in imports_of(COMPOSITION_ROOT))


@pytest.mark.parametrize("package", PACKAGES)
def test_slow_libraries_load_when_they_are_needed(package: str) -> None:
    slow = [f for f in imports(package) if f.module.split(".")[0] in SLOW and not f.late and not f.typing]
    assert [str(found) for found in slow if not is_lazy_module(found)] == []


def is_lazy_module(found: Import) -> bool:
    """A module that nobody imports at its top may import what it likes at its own."""
    name = ".".join(found.path.relative_to(ROOT).with_suffix("").parts)
    return not any(
        other.module == name and not other.late and not other.typing
        for path in python_files(*PACKAGES)
        for other in imports_of(path)
    )


def test_only_the_workspace_reads_environment_variables() -> None:
    readers = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files(*PACKAGES)
        if path.parent != ROOT / "tools" / "workspace"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb", "putenv"})
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and {"environ", "getenv"} & {a.name for a in node.names}
        )
    ]
    assert readers == []


def test_files_are_named_after_what_they_do() -> None:
    vague = [str(p.relative_to(ROOT)) for p in python_files(*PACKAGES, "tests") if set(p.stem.split("_")) & VAGUE]
    assert [name for name in vague if name != "tools/workspace/core_schema.py"] == []  # YAML's own name for its schema


def test_tests_replace_nothing_of_ours() -> None:
    patching = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files("tests")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import | ast.ImportFrom) and "mock" in ast.unparse(node))
        or (isinstance(node, ast.Attribute) and node.attr == "setattr" and "monkeypatch" in ast.unparse(node.value))
    ]
    assert patching == []


def test_our_packages_come_from_one_place() -> None:
    assert find_foreign_packages() == {}
