"""Where a case's workspace comes from: the demo, files of the shared data folder, or a seeded SQL script."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import duckdb
from pydantic import BaseModel, ConfigDict, Field, model_validator

from evals.build_once import build_once
from tools.demo import build_demo
from tools.ingest import init_workspace
from tools.workspace.yaml12 import read_yaml

_ROOT = Path(__file__).resolve().parent
RECIPES = _ROOT / "recipes" / "recipes.yml"
SHARED_DATA = _ROOT.parent / ".." / "shared" / "data"


class Recipe(BaseModel):
    """How one workspace is made.

    Attributes:
        files: CSV files under the shared data folder, handed to `init` as they are.
        script: an SQL file beside `recipes.yml` that creates tables, the same in every run.
        csv: tables of the script to write as CSV files for `init`; without it `init` gets the `.duckdb` file.
        content: an SQL file that creates the store of item texts of a `home`, items(item_id, text).
        home: a ready workspace beside `recipes.yml` whose warehouse the script fills; without it `init` makes one.
        demo: the demo workspace.
        audience: roles of those who read every answer, beside the asker.
        canaries: secrets of the data that must appear in no part of any answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    files: tuple[str, ...] = ()
    script: str | None = None
    csv: tuple[str, ...] = ()
    home: str | None = None
    content: str | None = None
    demo: bool = False
    audience: tuple[str, ...] = ()
    canaries: tuple[Annotated[str, Field(min_length=6)], ...] = ()

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum((bool(self.files), self.script is not None, self.demo)) != 1:
            raise ValueError("a recipe has exactly one of files, script, demo")
        if self.home is not None and (self.script is None or self.csv):
            raise ValueError("`home` needs a `script` that fills its warehouse, and no `csv`")
        if self.content is not None and self.home is None:
            raise ValueError("`content` needs a `home` whose settings name the store of item texts")
        return self


class RecipeFile(BaseModel):
    """`recipes.yml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipes: tuple[Recipe, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Prepared:
    """A workspace ready to be asked, and the database that SQL by hand runs on.

    `truth` holds the raw CSV files as DuckDB reads them (tables named after the files), or a copy of the
    tables of a `.duckdb` file: nothing the product has loaded, except for the demo.
    """

    name: str
    directory: Path
    truth: Path
    audience: tuple[str, ...] = ()
    canaries: tuple[str, ...] = ()


OWN = "."
"""What a case file calls the workspace that `-w` names, or the nearest one upwards: a team's own."""


def prepare_own(workspace: Path | None) -> Prepared:
    """A team's own workspace as it lies there; SQL by hand runs on its warehouse.

    Raises:
        InvalidInput: there is none.
    """
    from tools.workspace import load_workspace  # start-up

    found = load_workspace(workspace)
    return Prepared(OWN, found.root, found.warehouse_path)


class DataAbsent(Exception):
    """The shared data folder, or a file of it, is not on this machine."""


def read_recipes(path: Path = RECIPES) -> dict[str, Recipe]:
    """Recipes by name. Raises InvalidWorkspace with file and line."""
    return {recipe.name: recipe for recipe in read_yaml(path, RecipeFile).recipes}


def prepare(recipe: Recipe, *, cache: Path, data: Path = SHARED_DATA) -> Prepared:
    """Build the workspace under `cache`, or reuse the one built there by the same code from the same files.

    Raises:
        DataAbsent: a file of the shared data folder is missing.
    """
    if recipe.demo:
        home = cache / f"{recipe.name}-{_hash(_code())}"
        prepared = _prepared(recipe, home, home / "truth.duckdb")
        build_once(home, lambda: _build_demo(prepared))
        return prepared
    given = prepare_data(recipe, cache=cache, data=data)
    home = cache / f"{given.home.name}-{_hash(_code())}"
    prepared = _prepared(recipe, home, given.truth)
    if recipe.home is not None:
        source = _ROOT / "recipes" / recipe.home
        build_once(home, lambda: _copy_home(source, prepared, recipe))
    else:
        build_once(home, lambda: _init(prepared.directory, list(given.files)))
    return prepared


def _prepared(recipe: Recipe, home: Path, truth: Path) -> Prepared:
    return Prepared(recipe.name, home / "workspace", truth, recipe.audience, recipe.canaries)


@dataclass(frozen=True)
class Given:
    """The files that `init` gets, and the database that SQL by hand runs on."""

    home: Path
    files: tuple[Path, ...]
    truth: Path


def prepare_data(recipe: Recipe, *, cache: Path, data: Path = SHARED_DATA) -> Given:
    """The files of a recipe (not of the demo) and their truth, without any code of the product.

    Raises:
        DataAbsent: a file of the shared data folder is missing.
    """
    sources = _sources(recipe, data)
    home = cache / f"{recipe.name}-{_hash(_identity(recipe, sources))}"
    if recipe.script is not None:
        sources = [home / f"{table}.csv" for table in recipe.csv] or [home / f"{recipe.name}.duckdb"]
    given = Given(home=home, files=tuple(sources), truth=home / "truth.duckdb")

    def build() -> None:
        if recipe.script is not None:
            _run_script(recipe, home)
        _write_truth(given.truth, sources)

    build_once(home, build)
    return given


def _sources(recipe: Recipe, data: Path) -> list[Path]:
    sources = [data / name for name in recipe.files]
    for path in sources:
        if not path.is_file():
            raise DataAbsent(f"{recipe.name}: {path.name} is not in the shared data folder of this machine")
    return [path.resolve() for path in sources]


def _identity(recipe: Recipe, sources: list[Path]) -> Iterator[bytes]:
    yield recipe.model_dump_json().encode()
    for path in sources:
        stat = path.stat()
        yield f"{path.name}:{stat.st_size}:{stat.st_mtime_ns}".encode()
    yield read_script(recipe).encode()
    yield Path(__file__).read_bytes()


def _code() -> Iterator[bytes]:
    """The code that builds and profiles a workspace, so that a change of it builds anew."""
    return _contents(_ROOT.parent / "tools")


def _contents(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            yield path.relative_to(folder).as_posix().encode() + path.read_bytes()


def _hash(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:10]


def read_script(recipe: Recipe) -> str:
    """The SQL script of a recipe and the text files of its home; empty for other recipes."""
    parts = [(_ROOT / "recipes" / name).read_bytes() for name in (recipe.script, recipe.content) if name]
    parts += _contents(_ROOT / "recipes" / recipe.home) if recipe.home else []
    return b"\n".join(parts).decode()


def _build_demo(prepared: Prepared) -> None:
    build_demo(prepared.directory, size="small")
    shutil.copyfile(prepared.directory / "data" / "warehouse.duckdb", prepared.truth)


def _copy_home(source: Path, prepared: Prepared, recipe: Recipe) -> None:
    shutil.copytree(source, prepared.directory)
    data = prepared.directory / "data"
    data.mkdir()
    shutil.copyfile(prepared.truth, data / "warehouse.duckdb")
    if recipe.content is not None:
        with duckdb.connect(str(data / "content.duckdb")) as connection:
            connection.execute((_ROOT / "recipes" / recipe.content).read_text(encoding="utf-8"))


def _init(directory: Path, files: list[Path]) -> None:
    init_workspace(directory, files)


def _run_script(recipe: Recipe, home: Path) -> None:
    assert recipe.script is not None
    database = home / f"{recipe.name}.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute((_ROOT / "recipes" / recipe.script).read_text(encoding="utf-8"))
        for table in recipe.csv:
            connection.execute(f"copy (from {_quoted(table)}) to '{_escaped(home / (table + '.csv'))}' (header)")
    if recipe.csv:
        database.unlink()


def _write_truth(truth: Path, files: list[Path]) -> None:
    if len(files) == 1 and files[0].suffix == ".duckdb":
        shutil.copyfile(files[0], truth)
        return
    with duckdb.connect(str(truth)) as connection:
        for path in files:
            table = _quoted(_table_name(path))
            connection.execute(f"create table {table} as from read_csv('{_escaped(path)}', sample_size = -1)")


def _table_name(path: Path) -> str:
    return "".join(c if c.isalnum() else "_" for c in path.stem.lower())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")


def open_truth(truth: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the tables that SQL by hand runs on."""
    return duckdb.connect(str(truth), read_only=True)
