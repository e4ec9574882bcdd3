"""Sizes from a score, as the options of `transect sample` ask for them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import InvalidInput

if TYPE_CHECKING:
    from tools.sampling import Design, Source


def steered(
    design: Design,
    frame: Source,
    *,
    pilot: Path | None,
    label: str | None,
    calibrated: bool,
    defensive: float | None,
) -> Design:
    """The design with sizes by steps of its column, where a pilot or a calibrated column is named.

    Raises:
        InvalidInput: options that do not go together, or a pilot that tells nothing.
    """
    from tools.sampling import ParetoPps, Poisson, fit_score_curve, read_pilot, steer_frame  # start-up

    if pilot is None and not calibrated:
        for option, value in (("--label", label), ("--defensive", defensive)):
            if value is not None:
                raise InvalidInput(f"{option} needs --pilot.", code="usage", value=value, hint="--pilot FILE")
        return design
    if pilot is not None and calibrated:
        raise InvalidInput("--pilot and --calibrated are two ways to read the score; give one.", code="usage")
    if not isinstance(design, ParetoPps | Poisson) or design.size is None:
        raise InvalidInput(
            "A score steers sizes.", code="usage", allowed=["--design pps", "--design poisson"], hint="--size-column C"
        )
    if (pilot is None) != (label is None):
        raise InvalidInput(
            "--pilot and --label go together.", code="usage", hint="--pilot FILE --label label=violating"
        )
    if design.floor is not None:
        raise InvalidInput("--size-floor is for sizes; scores have --defensive.", code="usage", value=design.floor)
    curve = None
    if pilot is not None and label is not None:
        column, _, value = label.partition("=")
        found = read_pilot(pilot, score=design.size, label=column, value=value or None)
        curve = fit_score_curve(found.scores, found.labels)
    kept = {} if defensive is None else {"defensive": defensive}
    return design.model_copy(update={"steps": steer_frame(frame, design.size, curve=curve, **kept)})
