"""transect.toml found, read and checked: every fault at once, each with its line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from pydantic import ValidationError

from tools.errors import Fault, InvalidInput, InvalidWorkspace
from tools.workspace.model_faults import model_faults
from tools.workspace.nearest import nearest
from tools.workspace.settings import Settings
from tools.workspace.text_file import in_line_order, read_text, show_path
from tools.workspace.toml_lines import toml_line, toml_lines
from tools.workspace.workspace import Workspace


def load_workspace(path: Path | None = None) -> Workspace:
    """The workspace at `path`: a transect.toml, or the nearest one from a folder (default: the current one) upwards.

    Raises:
        InvalidInput: there is none.
        InvalidWorkspace: every fault of the file, each as `file:line` with a hint.
    """
    file = find_settings(path)
    return Workspace(root=file.parent, settings=read_settings(file))


def find_settings(path: Path | None = None) -> Path:
    """The transect.toml that `path` means."""
    start = (path or Path.cwd()).expanduser().resolve()
    if start.is_file():
        return start
    if not start.is_dir():
        raise InvalidInput(
            f"There is no folder {str(path)!r}.", value=str(path), hint="Name the folder of a workspace with -w."
        )
    for folder in (start, *start.parents):
        if (folder / "transect.toml").is_file():
            return folder / "transect.toml"
    raise InvalidInput(
        f"There is no transect.toml in {show_path(start)!r} or above it.",
        value=show_path(start),
        hint="Make a workspace with `transect init DIR --data FILE` or `transect demo DIR`, or name one with -w DIR.",
    )


def read_settings(file: Path) -> Settings:
    """transect.toml as settings; raises InvalidWorkspace."""
    shown = show_path(file)
    text, fault = read_text(file)
    if text is None:
        raise InvalidWorkspace([fault] if fault else [])
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidWorkspace([_syntax_fault(shown, str(error), text)]) from None
    lines = toml_lines(text)
    faults: list[Fault] = []
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        faults = model_faults(error, model=Settings, path=shown, line_of=lambda loc: toml_line(lines, loc), data=data)
    faults += _role_faults(shown, data, lines)
    if settings is not None:
        faults += _slack_role_faults(shown, settings, lines)
    if faults or settings is None:
        raise InvalidWorkspace(in_line_order(faults))
    return settings


def _syntax_fault(shown: str, message: str, text: str) -> Fault:
    """tomllib's sentence, with its line moved to the front."""
    at = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    line = int(at[1]) if at and at[1] else text.count("\n") + 1 if at else 1
    return Fault(f"{shown}:{line}", f"not TOML: {message[: at.start()] if at else message}")


def _role_faults(shown: str, data: dict[str, object], lines: dict[tuple[str, ...], int]) -> list[Fault]:
    """The default role must be defined, also when other parts of the file are wrong."""
    access = data.get("access", {})
    roles = access.get("roles", {}) if isinstance(access, dict) else None
    name = access.get("default_role", "analyst") if isinstance(access, dict) else None
    if not isinstance(roles, dict) or not isinstance(name, str) or name in roles:
        return []
    near = nearest(name, roles)
    hint = f"did you mean {near!r}?" if near else f'add [access.roles.{name}] with tables = ["..."]'
    return [
        Fault(f"{shown}:{toml_line(lines, ('access', 'default_role'))}", f"default_role {name!r} is not a role", hint)
    ]


def _slack_role_faults(shown: str, settings: Settings, lines: dict[tuple[str, ...], int]) -> list[Fault]:
    """Every role that the `[slack]` part gives to somebody must be defined: a slip would silently take it away."""
    roles, faults = settings.access.roles, []
    for keys, name in settings.slack.roles_named():
        if name not in roles:
            near = nearest(name, roles)
            hint = f"did you mean {near!r}?" if near else f"defined roles: {', '.join(roles) or 'none'}"
            where = f"{shown}:{toml_line(lines, ('slack', *keys))}"
            faults.append(Fault(where, f"slack.{'.'.join(keys)}: {name!r} is not a role", hint))
    return faults
