"""What an installation holds: all code, all data beside it, nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools.version import VERSION

ROOT = Path(__file__).parents[2]
PACKAGES = ("agent", "tools", "evals", "slackbot")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_every_file_of_the_packages_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    """Prompts, SQL, YAML, the demo's files and eval cases are loaded from beside the code."""
    files = {p.relative_to(ROOT).as_posix() for name in PACKAGES for p in (ROOT / name).rglob("*") if p.is_file()}
    files = {name for name in files if "__pycache__" not in name and not name.endswith((".pyc", ".swp", "~"))}
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == files | {"transect.py"}
    assert {"yml", "toml"} <= {name.rpartition(".")[2] for name in held}


def test_the_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    about = wheel.read(f"transect-{VERSION}.dist-info/METADATA").decode()
    assert re.search(rf"^Version: {re.escape(VERSION)}$", about, re.MULTILINE)
    assert "Classifier: Private :: Do Not Upload" in about
    assert (
        wheel.read(f"transect-{VERSION}.dist-info/entry_points.txt").decode()
        == "[console_scripts]\ntransect = transect:main\n"
    )


def test_ci_runs_what_a_contributor_runs() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert script.read_text(encoding="utf-8").rstrip().endswith("exec make test")


@pytest.mark.soak
@pytest.mark.parametrize("python", ["python3.11", "python3.12", "python3.13"])
def test_a_fresh_environment_installs_and_answers(python: str, wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """From the lock alone, by hash; then the demo, from a folder that is not the checkout. Needs a package index."""
    if subprocess.run([python, "-c", "import ensurepip"], capture_output=True, check=False).returncode:
        pytest.skip(f"{python} is not on this machine")
    run(tmp_path, python, "-m", "venv", "env")
    run(
        tmp_path,
        "env/bin/python",
        "-m",
        "pip",
        "install",
        "-q",
        "--require-hashes",
        "-r",
        str(ROOT / "requirements.lock"),
    )
    run(tmp_path, "env/bin/python", "-m", "pip", "install", "-q", "--no-deps", str(wheel.filename))
    assert run(tmp_path, "env/bin/transect", "--version") == f"transect {VERSION}\n"
    run(tmp_path, "env/bin/transect", "demo", "demo")
    assert '"kind": "answer"' in run(
        tmp_path, "env/bin/transect", "-w", "demo", "ask", "--json", "how many messages last week?"
    )


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout
