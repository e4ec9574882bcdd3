"""The draw that a manifest describes, drawn again."""

from __future__ import annotations

import math
from pathlib import Path

from tools.errors import InvalidInput, TransectError
from tools.sampling.draw import Progress, draw
from tools.sampling.manifest import Manifest
from tools.sampling.source import Source


def replay_draw(
    source: Source, manifest: Manifest, *, out: Path, progress: Progress = lambda step, share: None
) -> Manifest:
    """Draw again, from the same frame.

    Args:
        source: the frame as it was.
        manifest: of the first draw.
        out: as in `draw`; the same kind of file gives the same bytes.

    Raises:
        InvalidInput: the frame has changed since.
        TransectError: other units were drawn, which only another version of this program could do.
    """
    found = source.fingerprint()
    if found != manifest.frame.fingerprint:
        raise InvalidInput(
            f"{source.name} has changed since the draw: its fingerprint is {found}, not {manifest.frame.fingerprint}.",
            code="frame_changed",
            value=found,
            allowed=[manifest.frame.fingerprint],
            hint="Replay from the frame as it was; a changed frame needs a draw of its own, under another stage.",
            where=source.name,
        )
    again = draw(
        source,
        manifest.design,
        id=manifest.id,
        seed=manifest.seed,
        out=out,
        stage=manifest.stage,
        second_stage=manifest.second_stage or "ssu",
        first_phase=manifest.first_phase,
        progress=progress,
    )
    same_pi = math.isclose(again.drawn.pi_sum, manifest.drawn.pi_sum, rel_tol=1e-9)
    if again.drawn.ids != manifest.drawn.ids or not same_pi:
        raise TransectError(
            "The same frame gave other units than before.",
            code="replay_differs",
            value=again.version,
            hint=f"The first draw was made by {manifest.version} on {manifest.engine} {manifest.engine_version}.",
        )
    return again
