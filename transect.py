"""Where the `transect` command starts: are the four packages ours, then `agent.cli.main`.

`tools`, `agent` and `evals` are also names of foreign distributions. This module has a
name of its own, so that it can still say so when one of them hides ours.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib.util import find_spec

PACKAGES = ("agent", "tools", "evals", "slackbot")


def main() -> None:
    """Run the command line; never returns."""
    foreign = find_foreign_packages()
    if foreign:
        sys.exit(report_foreign_packages(foreign, as_json="--json" in sys.argv or "--jsonl" in sys.argv))
    gc.set_threshold(50_000, 20, 20)  # start-up: what is loaded stays, so looking through it for garbage is wasted
    from agent.cli.main import main as run  # start-up: after the check

    run()


def find_foreign_packages() -> dict[str, str]:
    """Packages that do not come from beside this file: name to where Python finds them ('' is nowhere)."""
    home = os.path.dirname(os.path.realpath(__file__))
    places = {name: _place_of(name) for name in PACKAGES}
    return {name: place for name, place in places.items() if place != os.path.join(home, name)}


def report_foreign_packages(foreign: dict[str, str], *, as_json: bool) -> int:
    """Say which package is not ours and what to do; the exit code."""
    home = os.path.dirname(os.path.realpath(__file__))
    found = "; ".join(f"{name} in {place or 'no place at all'}" for name, place in foreign.items())
    message = f"transect's packages must all come from {home}, but Python finds {found}"
    hint = (
        "Another distribution uses the same name. Install transect in an environment of its own (make install), "
        "leave directories with such packages out of PYTHONPATH, and run it from another directory."
    )
    if as_json:
        import json  # start-up

        allowed = [os.path.join(home, name) for name in foreign]
        error = {
            "code": "foreign_package",
            "message": message,
            "value": foreign,
            "allowed": allowed,
            "hint": hint,
            "where": home,
        }
        print(json.dumps({"error": error}, indent=2))
    else:
        print(f"Error: {message}\n  hint: {hint}", file=sys.stderr)
    return 1


def _place_of(name: str) -> str:
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return ""
    if spec is None:
        return ""
    if spec.submodule_search_locations is None:
        return os.path.realpath(spec.origin or "")
    return os.path.realpath(next(iter(spec.submodule_search_locations), ""))


if __name__ == "__main__":
    main()
