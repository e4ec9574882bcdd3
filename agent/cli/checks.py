"""What `doctor` looks at, in order. A check that needs an earlier one is left out when that one failed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from tools.errors import InvalidWorkspace, TransectError
from tools.workspace import Workspace, load_workspace

if TYPE_CHECKING:
    from tools.metrics import Catalog

T = TypeVar("T")

LIBRARIES = ("duckdb", "sqlglot", "langgraph", "pydantic", "numpy", "altair", "vl-convert-python")


@dataclass(frozen=True)
class Check:
    """One finding; `fix` says what to do about a warning or a failure."""

    name: str
    status: Literal["ok", "warn", "fail"]
    message: str
    fix: str = ""


def run_checks(path: Path | None) -> list[Check]:
    """Every check of this installation and of the workspace at `path`."""
    found = [*_check_installation(), *_check_charts()]
    workspace, faults = _attempt("workspace", lambda: load_workspace(path))
    found += faults
    if workspace is not None:
        found += _check_workspace(workspace)
    return found


def _check_workspace(workspace: Workspace) -> Iterator[Check]:
    from tools.metrics import catalog_of  # start-up
    from tools.warehouse import NOT_YET_A_SANDBOX, open_warehouse

    yield Check("workspace", "ok", f"{workspace.root / 'transect.toml'} reads as it should")
    yield _check_today(workspace)
    catalog, faults = _attempt("definitions", lambda: catalog_of(workspace))
    yield from faults
    tables, faults = _attempt("warehouse", lambda: open_warehouse(workspace).tables())
    yield from faults
    if catalog is not None:
        yield _describe_catalog(catalog)
    if tables is not None:
        size = workspace.warehouse_path.stat().st_size / 1e6
        yield Check(
            "warehouse",
            "ok",
            f"{workspace.warehouse_path.name}: {len(tables)} tables and views, {size:,.1f} MB, opens read-only",
        )
        yield from _check_roles(workspace, set(tables))
        if catalog is not None:
            yield from _check_sources(catalog, tables)
    yield from _check_state(workspace)
    yield _check_model(workspace)
    yield _check_audit_key(workspace)
    fix = "Give `transect sql` only to people who may see every table that their role lists."
    yield Check("SQL text", "warn", NOT_YET_A_SANDBOX, fix)


def _check_installation() -> Iterator[Check]:
    from importlib.metadata import PackageNotFoundError, version  # start-up

    from tools.version import VERSION
    from transect import find_foreign_packages

    found, missing = [], []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    python = ".".join(map(str, sys.version_info[:3]))
    yield Check("versions", "ok", f"transect {VERSION}, Python {python}, {', '.join(found)}")
    if missing:
        yield Check("versions", "fail", f"not installed: {', '.join(missing)}", "Run make install.")
    foreign = find_foreign_packages()
    if foreign:
        listed = "; ".join(f"{name} in {place}" for name, place in foreign.items())
        yield Check("packages", "fail", f"not ours: {listed}", "Install transect in an environment of its own.")


def _check_charts() -> Iterator[Check]:
    """One word drawn by the renderer, with the font that it carries."""
    try:
        import vl_convert  # start-up
    except ImportError as error:
        yield Check("charts", "fail", f"the renderer cannot be loaded: {error}", "Run make install.")
        return
    try:
        mark = {"$schema": "vega-lite/v5", "data": {"values": [{}]}, "mark": {"type": "text", "text": "doctor"}}
        size = len(vl_convert.vegalite_to_png(mark))
    except (ValueError, RuntimeError, OSError) as error:
        yield Check(
            "charts", "fail", f"drawing failed: {error}", "Run make install; answers still come without charts."
        )
        return
    yield Check("charts", "ok", f"PNG and SVG are drawn offline (test picture of {size:,} bytes)")


def _check_today(workspace: Workspace) -> Check:
    frozen = workspace.settings.workspace.today
    if frozen is None:
        return Check("today", "ok", f"relative dates count from the clock, {workspace.today()} in {workspace.zone.key}")
    return Check("today", "ok", f"relative dates count from {frozen}, frozen in transect.toml")


def _describe_catalog(catalog: Catalog) -> Check:
    from agent.cli.metric_list import count_definitions  # start-up

    metrics, measures = count_definitions(catalog)
    counts = f"{metrics} metrics and {measures} measures over {len(catalog.datasets)} datasets"
    orphans = [name for name, metric in catalog.metrics.items() if not metric.owner]
    measured = {measure.metric for measure in catalog.measures}
    orphans = [name for name in orphans if name not in measured]
    if orphans:
        return Check(
            "definitions",
            "warn",
            f"{counts}; without an owner: {_some(orphans)}",
            "Add owner: to each in metrics/*.yml.",
        )
    return Check("definitions", "ok", f"{counts}, each with an owner")


def _check_roles(workspace: Workspace, tables: set[str]) -> Iterator[Check]:
    known = {name.lower() for name in tables}
    roles = workspace.settings.access.roles
    for name, role in roles.items():
        missing = [table for table in role.tables if table.lower() not in known]
        if missing:
            fix = f"Correct [access.roles.{name}] tables in transect.toml; there are: {_some(sorted(tables))}."
            yield Check("roles", "fail", f"role {name} lists tables that do not exist: {_some(missing)}", fix)
        elif not role.tables:
            yield Check("roles", "warn", f"role {name} sees no table", f"List tables in [access.roles.{name}].")
        else:
            cells = f"cells of {role.min_cell} or more" if role.min_cell > 1 else "cells of any size"
            yield Check("roles", "ok", f"role {name} sees {len(role.tables)} of {len(tables)} tables, {cells}")


def _check_sources(catalog: Catalog, tables: dict[str, dict[str, str]]) -> Iterator[Check]:
    from tools.metrics.check_columns import check_columns  # start-up

    faults = check_columns(catalog, tables)
    for fault in faults:
        yield Check("sources", "fail", f"{fault.where}: {fault.message}", fault.hint or "Correct metrics/*.yml.")
    if not faults:
        yield Check("sources", "ok", "every table and column that a definition names exists and has a fitting type")


def _check_state(workspace: Workspace) -> Iterator[Check]:
    folder = workspace.state_dir
    home = folder if folder.exists() else workspace.root
    try:
        folder.mkdir(exist_ok=True)
        probe = folder / ".doctor"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        fix = f"Make {folder} writable for this user; answers still come without it, but nothing is remembered."
        yield Check("state", "warn", f"{folder} cannot be written: {error.strerror}", fix)
    else:
        yield Check("state", "ok", f"{folder} is writable")
    free = shutil.disk_usage(home).free / 1e9
    if free < 1:
        yield Check("disk", "warn", f"{free:.1f} GB free", "Large queries spill to .transect/spill: free some space.")
    else:
        yield Check("disk", "ok", f"{free:,.0f} GB free")


def _check_model(workspace: Workspace) -> Check:
    settings = workspace.settings.model
    if settings.name == "embedded":
        return Check("model", "ok", "the embedded planner answers: no endpoint, no key, no cost")
    from agent.planners.model.prompts import PROMPT_HASHES  # start-up: a missing prompt shows here
    from tools.model import open_model, require_prices

    try:
        prices = require_prices(settings)
        open_model(workspace)
    except TransectError as error:
        unused = f"{settings.name} is configured but cannot be asked: {error.message}"
        return Check("model", "fail", unused, error.hint)
    where = settings.base_url or "the OpenAI endpoint"
    cost = f"${prices.input_usd_per_million:g} and ${prices.output_usd_per_million:g} a million tokens"
    message = (
        f"{settings.name} at {where} plans what the embedded planner cannot read, for {cost}, at most "
        f"${workspace.settings.limits.cost_usd:g} a question; {len(PROMPT_HASHES)} prompts (nothing was sent)"
    )
    return Check("model", "ok", message)


def _check_audit_key(workspace: Workspace) -> Check:
    if workspace.audit_key() is None:
        name = workspace.settings.audit.key_env or "TRANSECT_AUDIT_KEY"
        return Check(
            "audit", "warn", "without a key the audit chain shows accidents only, not tampering", f"Set {name}."
        )
    return Check("audit", "ok", "the audit chain is keyed")


def _attempt(name: str, run: Callable[[], T]) -> tuple[T | None, list[Check]]:
    """What `run` gives, or its faults as failed checks."""
    try:
        return run(), []
    except InvalidWorkspace as error:
        return None, [
            Check(name, "fail", f"{f.where}: {f.message}", f.hint or "Correct this line.") for f in error.faults
        ]
    except TransectError as error:
        return None, [Check(name, "fail", error.message, error.hint)]


def _some(names: list[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
