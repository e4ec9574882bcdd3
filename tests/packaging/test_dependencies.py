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
INSTALLED_BY_THE_BENCH = {"polars", "ppi_py", "svy"}  # what it compares with, in a folder that it deletes again
NOT_IMPORTED = {
    "tzdata": "read by zoneinfo where the machine has no time zones",
}


def imported(*folders: str) -> dict[str, set[str]]:
    """Foreign modules that the Python files of these folders import, with the distributions that hold them."""
    homes = {**packages_distributions(), "_duckdb": ["duckdb"]}  # its wheel lists one top-level name of two
    names = {found.module.partition(".")[0] for path in python_files(*folders) for found in imports_of(path)}
    foreign = names - set(sys.stdlib_module_names) - OURS
    return {name: {canonicalize_name(home) for home in homes.get(name, [])} for name in foreign}


def declared(section: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = project["dependencies"] if section == "runtime" else project["optional-dependencies"][section]
    return {canonicalize_name(Requirement(text).name) for text in texts}


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_imported_is_declared(package: str) -> None:
    assert [name for name, homes in imported(package).items() if not homes & declared("runtime")] == []


def test_what_tests_import_is_declared() -> None:
    known = declared("runtime") | declared("dev")
    missing = {name for name, homes in imported("tests").items() if not homes & known}
    assert missing <= INSTALLED_BY_THE_BENCH


def test_what_is_declared_is_imported() -> None:
    used = set().union(*imported(*PACKAGES).values())
    assert declared("runtime") - used - set(NOT_IMPORTED) == set()
