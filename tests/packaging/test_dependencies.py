"""What the source imports is what pyproject.toml declares: nothing by luck of another package, nothing for nothing."""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.source import PACKAGES, ROOT, imports_of, python_files

OURS = {*PACKAGES, "tests", "transect"}
NOT_IMPORTED = {
    "tzdata": "read by zoneinfo where the machine has no time zones",
    "openai": "the model planner of a later release uses it; its place in the lock is kept",
    "slack-bolt": "the bot of a later release uses it; its place in the lock is kept",
}


def imported(*folders: str) -> set[str]:
    """Distributions that the Python files of these folders import."""
    homes = packages_distributions()
    names = {found.module.partition(".")[0] for path in python_files(*folders) for found in imports_of(path)}
    foreign = names - set(sys.stdlib_module_names) - OURS
    return {canonicalize_name(home) for name in foreign for home in homes.get(name, [f"nowhere:{name}"])}


def declared(section: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = project["dependencies"] if section == "runtime" else project["optional-dependencies"][section]
    return {canonicalize_name(Requirement(text).name) for text in texts}


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_imported_is_declared(package: str) -> None:
    assert imported(package) - declared("runtime") == set()


def test_what_tests_import_is_declared() -> None:
    assert imported("tests") - declared("runtime") - declared("dev") == set()


def test_what_is_declared_is_imported() -> None:
    unused = declared("runtime") - imported(*PACKAGES)
    assert unused - set(NOT_IMPORTED) == set()
