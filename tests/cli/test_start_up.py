"""What a command costs before it does anything, and what happens when a foreign package hides one of ours."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agent.shop import build_shop
from tools.version import VERSION

ROOT = Path(__file__).parents[2]
LISTED = """
import sys, transect
sys.argv = ["transect", *sys.argv[1:]]
try:
    transect.main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


def modules_of(*arguments: str, folder: Path = ROOT) -> set[str]:
    """Top-level modules that a command has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", LISTED, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=folder,
    )
    assert "Traceback" not in done.stderr
    return {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split()}


def test_version_needs_the_standard_library_only() -> None:
    foreign = modules_of("--version") - set(sys.stdlib_module_names) - {"__main__", "transect", "agent", "tools"}
    assert {name for name in foreign if not name.startswith(("_", "sitecustomize", "usercustomize"))} <= {"distutils"}


def test_help_needs_no_library_of_measurement() -> None:
    heavy = {
        "duckdb",
        "numpy",
        "pydantic",
        "sqlglot",
        "sqlalchemy",
        "langgraph",
        "langchain_core",
        "openai",
        "altair",
        "rich",
    }
    assert modules_of("--help") & heavy == set()


@pytest.mark.parametrize(
    "question", ["how many messages last week?", "what does report rate mean?", "which metrics are there?"]
)
def test_ask_on_a_full_count_loads_no_slow_library(question: str, demo: Path) -> None:
    slow = {"openai", "altair", "vl_convert", "slack_bolt", "slack_sdk", "scipy"}
    assert modules_of("-w", str(demo), "ask", question) & slow == set()


def test_a_model_that_is_not_needed_loads_nothing_of_its_own(tmp_path: Path) -> None:
    desk = build_shop(tmp_path / "desk")
    settings = desk / "transect.toml"
    settings.write_text(settings.read_text() + '\n[model]\nname = "small"\nbase_url = "http://127.0.0.1:9/v1"\n')
    loaded = modules_of("-w", str(desk), "ask", "how many tickets")
    assert loaded & {"openai", "sqlalchemy", "scipy", "sklearn"} == set()
    assert "sqlite3" in loaded


def cpu_seconds(*arguments: str) -> float:
    """Least CPU of three runs: the machine may be busy, the work is the same."""
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "transect", *arguments], cwd=ROOT, capture_output=True, timeout=60, check=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent)


def test_version_and_help_are_instant() -> None:
    assert cpu_seconds("--version") <= 0.100
    assert cpu_seconds("--help") <= 0.250


def test_version_is_the_version(capfd: pytest.CaptureFixture[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "transect", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"transect {VERSION}\n"


@pytest.mark.parametrize("name", ["agent", "tools", "evals", "slackbot"])
@pytest.mark.parametrize("kind", ["package", "module"])
def test_a_foreign_package_of_our_name_is_named(name: str, kind: str, tmp_path: Path) -> None:
    if kind == "package":
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("VALUE = 1\n")
    else:
        (tmp_path / f"{name}.py").write_text("VALUE = 1\n")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    call = [sys.executable, "-c", "import transect; transect.main()"]
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run([*call, "doctor"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"{name} in {tmp_path}" in done.stderr
    assert "hint:" in done.stderr
    done = subprocess.run(
        [*call, "ask", "--json", "x"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "foreign_package"


def test_a_folder_without_code_hides_nothing(tmp_path: Path) -> None:
    """A data folder named tools, where the command is run, is none of our business."""
    (tmp_path / "tools").mkdir()
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    call = [sys.executable, "-m", "transect", "--version"]
    subprocess.run(call, env={**os.environ, "PYTHONPATH": path}, cwd=tmp_path, capture_output=True, check=True)
