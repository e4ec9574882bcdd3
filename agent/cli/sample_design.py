"""The design that the options of `transect sample` name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tools.errors import InvalidInput

if TYPE_CHECKING:
    from tools.sampling import Design

NEEDS: dict[str, dict[str, str]] = {  # design -> option -> field
    "srs": {"--n": "n"},
    "stratified": {"--n": "n", "--strata": "strata"},
    "pps": {"--n": "n", "--size-column": "size"},
    "poisson": {"--n": "n"},
    "cluster": {"--n": "n", "--cluster": "cluster"},
    "panel": {"--wave": "wave", "--stay": "stay", "--groups": "groups"},
    "daily": {"--n": "n", "--day-column": "day"},
}
MAY: dict[str, dict[str, str]] = {
    "stratified": {"--allocation": "allocation", "--min-per-stratum": "minimum"},
    "pps": {"--size-floor": "floor"},
    "poisson": {"--size-column": "size", "--size-floor": "floor"},
    "cluster": {"--size-column": "size", "--size-floor": "floor", "--per-cluster": "per_cluster"},
    "panel": {"--cluster": "cluster"},
    "daily": {"--size-column": "size", "--size-floor": "floor", "--union": "union"},
}
EXAMPLES = {"--n": "400", "--wave": "0", "--stay": "4", "--groups": "100"}


def design_of(kind: str, given: Mapping[str, str | int | float]) -> Design:
    """The design; `given` holds the options that were given.

    Raises:
        InvalidInput: an option that the design needs is missing, or one has no meaning with it.
    """
    from tools.sampling import Clusters, Daily, Panel, ParetoPps, Poisson, SimpleRandom, Stratified  # start-up

    models: dict[str, type[SimpleRandom | Stratified | ParetoPps | Poisson | Clusters | Panel | Daily]] = {
        "srs": SimpleRandom,
        "stratified": Stratified,
        "pps": ParetoPps,
        "poisson": Poisson,
        "cluster": Clusters,
        "panel": Panel,
        "daily": Daily,
    }
    what, needs = f"--design {kind}", dict(NEEDS[kind])
    if kind == "stratified" and given.get("--allocation") in ("neyman", "cost"):
        what += f" --allocation {given['--allocation']}"
        needs |= {"--size-column": "spread"} | ({"--cost-column": "cost"} if given["--allocation"] == "cost" else {})
    fields = {**needs, **MAY.get(kind, {})}
    for option in needs:
        if option not in given:
            raise InvalidInput(
                f"{what} needs {option}.", code="usage", hint=f"{option} {EXAMPLES.get(option, 'COLUMN')}"
            )
    for option, value in given.items():
        if option not in fields:
            raise InvalidInput(f"{option} has no meaning with {what}.", code="usage", value=value, allowed=list(fields))
    if "--size-floor" in given and "--size-column" not in given:
        raise InvalidInput("--size-floor needs --size-column.", code="usage", hint="--size-column COLUMN")
    if kind == "panel" and int(given["--groups"]) < int(given["--stay"]):
        raise InvalidInput(
            f"--groups {given['--groups']} is fewer than --stay {given['--stay']}.",
            code="usage",
            value=given["--groups"],
            hint="The share stay/groups of the frame is drawn.",
        )
    return models[kind].model_validate({fields[name]: value for name, value in given.items()})
