"""A workspace: the folder with a transect.toml, its settings, its day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from tools.access import Asker
from tools.access.asker import Surface
from tools.workspace.environment import person_name, read_variable
from tools.workspace.settings import Settings


@dataclass(frozen=True)
class Workspace:
    """What a team keeps in its own git repository.

    Attributes:
        root: the folder that holds transect.toml.
        settings: transect.toml with the defaults filled in.
    """

    root: Path
    settings: Settings

    @property
    def zone(self) -> ZoneInfo:
        """The zone that days and times are counted in."""
        return ZoneInfo(self.settings.workspace.timezone)

    def today(self) -> date:
        """The frozen day of the settings, or the clock's day in the zone."""
        return self.settings.workspace.today or datetime.now(self.zone).date()

    @property
    def state_dir(self) -> Path:
        """Our own files, not in git; it may not exist yet."""
        return self.root / ".transect"

    @property
    def warehouse_path(self) -> Path:
        """The DuckDB file of `warehouse.url`."""
        return self.root / self.settings.warehouse.url.removeprefix("duckdb:").removeprefix("//")

    def files(self) -> list[Path]:
        """The files that define the workspace, in a fixed order: settings, metrics, policies, events."""
        found = [
            *self.root.glob("metrics/**/*.yml"),
            *self.root.glob("metrics/**/*.yaml"),
            *self.root.glob("policies/**/*.md"),
        ]
        return [p for p in (self.root / "transect.toml", *sorted(found), self.root / "events.yml") if p.is_file()]

    def hash(self) -> str:
        """sha256 over the names and contents of `files()`: equal hashes mean equal definitions."""
        digest = sha256()
        for path in self.files():
            content = path.read_bytes()
            digest.update(f"{path.relative_to(self.root).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()

    def with_model(self, name: str) -> Workspace:
        """The same workspace, planned by another model of its endpoint; `embedded` for none."""
        model = self.settings.model.model_copy(update={"name": name})
        return replace(self, settings=self.settings.model_copy(update={"model": model}))

    def audit_key(self) -> bytes | None:
        """The key of the audit chain, from the variable that `audit.key_env` names."""
        value = read_variable(self.settings.audit.key_env) if self.settings.audit.key_env else None
        return value.encode() if value else None

    def api_key(self) -> str | None:
        """The key of the model endpoint, from the variable that `model.api_key_env` names."""
        return read_variable(self.settings.model.api_key_env) if self.settings.model.api_key_env else None


def default_asker(
    workspace: Workspace, *, role: str | None = None, person: str | None = None, surface: Surface = "cli"
) -> Asker:
    """Who asks when nobody said more: the person who runs this process, in the default role."""
    return Asker(
        person=person or person_name(), roles=(role or workspace.settings.access.default_role,), surface=surface
    )
