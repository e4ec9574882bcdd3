"""A workspace: settings from transect.toml and the environment; nothing else reads environment variables."""

from tools.workspace.load import load_workspace
from tools.workspace.settings import Settings
from tools.workspace.workspace import Workspace, default_asker

__all__ = ["Settings", "Workspace", "default_asker", "load_workspace"]
