"""The model that --model names, checked before anything is asked."""

from __future__ import annotations

from tools.workspace import Workspace


def choose_model(workspace: Workspace, name: str | None) -> Workspace:
    """The workspace with that model as its planner; as it is for None.

    Raises:
        InvalidInput: the model needs a key that is not set, or a cap in USD needs prices that are not known.
    """
    if name is None:
        return workspace
    chosen = workspace.with_model(name)
    if name != "embedded":
        from tools.model import open_model, require_prices  # start-up

        require_prices(chosen.settings.model)
        open_model(chosen)
    return chosen
