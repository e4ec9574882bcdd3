"""One demo workspace for all CLI tests of a worker, and the command line as a function."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.cli.main import run
from tools.demo import build_demo


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """stdout as the one JSON document that it must be."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """stdout as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


Transect = Callable[..., Done]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo workspace; tests only read it."""
    directory = tmp_path_factory.mktemp("workspaces") / "demo"
    build_demo(directory)
    return directory


@pytest.fixture
def transect(capsys: pytest.CaptureFixture[str]) -> Transect:
    """The command line in this process: `transect("-w", folder, "ask", "...")`."""

    def call(*arguments: str | Path) -> Done:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        found = capsys.readouterr()
        assert "Traceback" not in found.out + found.err
        return Done(code, found.out, found.err)

    return call
