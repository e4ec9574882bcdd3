"""The model that the settings name."""

from __future__ import annotations

from tools.errors import InvalidInput
from tools.model.prices import is_local
from tools.model.protocol import Model
from tools.workspace import Workspace

EMBEDDED = "embedded"


def open_model(workspace: Workspace, name: str | None = None) -> Model:
    """A model of the workspace's endpoint. Nothing is sent yet.

    Args:
        workspace: its `[model]` names the endpoint and the variable of the key.
        name: another model of the same endpoint than `model.name`.

    Raises:
        InvalidInput: `embedded` is no model of an endpoint; no key for an endpoint that is not on this machine.
    """
    settings = workspace.settings.model
    name = name or settings.name
    if name == EMBEDDED:
        raise InvalidInput(
            "No model is configured: the embedded one needs no endpoint.",
            code="no_model",
            value=name,
            hint="Name a model of the endpoint, here or as model.name in transect.toml.",
        )
    key = workspace.api_key()
    if key is None and not is_local(settings.base_url):
        variable = settings.api_key_env
        raise InvalidInput(
            f"The model {name!r} needs a key, and the variable {variable} is not set."
            if variable
            else f"The model {name!r} needs a key, and model.api_key_env names no variable.",
            code="no_api_key",
            value=name,
            hint=f"Set {variable or 'model.api_key_env'}, or name an endpoint on this machine in model.base_url.",
            where="transect.toml",
        )
    if key is not None and not (key.isascii() and key.isprintable() and key == key.strip()):
        raise InvalidInput(
            f"The variable {settings.api_key_env} holds something that cannot be a key.",
            code="bad_api_key",
            value=settings.api_key_env,
            hint="A key has neither spaces around it nor line breaks in it.",
        )
    from tools.model.openai_model import OpenAIModel  # start-up

    return OpenAIModel(name, base_url=settings.base_url, api_key=key)
