"""The source as trees: which module imports what, and where."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("agent", "tools", "evals", "slackbot")


@dataclass(frozen=True)
class Import:
    """One imported module; `late` inside a function, `typing` under TYPE_CHECKING."""

    path: Path
    line: int
    module: str
    late: bool
    typing: bool

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line} imports {self.module}"


def python_files(*folders: str) -> list[Path]:
    """Every Python file of these top-level folders."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imports_of(path: Path) -> Iterator[Import]:
    """Every import statement of a file, with where it stands."""
    yield from _walk(ast.parse(path.read_text(encoding="utf-8")), path, late=False, typing=False)


def _walk(node: ast.AST, path: Path, *, late: bool, typing: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(path, child.lineno, alias.name, late, typing)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{path}:{child.lineno}: imports are absolute here"
            yield Import(path, child.lineno, child.module or "", late, typing)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for statement in child.body:
                yield from _walk(ast.Module([statement], []), path, late=late, typing=True)
            for statement in child.orelse:
                yield from _walk(ast.Module([statement], []), path, late=late, typing=typing)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _walk(child, path, late=late or inside, typing=typing)
