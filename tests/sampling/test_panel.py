"""A rotating panel: who stays, how long, and how many are in two waves."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tools.sampling import Panel, Unit, draw_plain

FRAME = [Unit(i) for i in range(6_000)]
STAY, GROUPS = 4, 20


def wave(number: int, frame: list[Unit] = FRAME) -> set[str]:
    return {row.id for row in draw_plain(frame, Panel(wave=number, stay=STAY, groups=GROUPS), seed=2, stage="panel")}


def test_a_unit_stays_for_its_waves_and_then_rests() -> None:
    waves = [wave(number) for number in range(2 * GROUPS)]
    for unit in FRAME:
        seen = [number for number in range(2 * GROUPS) if str(unit.id) in waves[number]]
        assert len(seen) == 2 * STAY
        starts = [number for number in seen if (number - 1) % (2 * GROUPS) not in seen]
        assert len(starts) == 2
        assert (starts[1] - starts[0]) % GROUPS == 0


def test_the_overlap_is_as_stated() -> None:
    """(stay - lag)/stay of a wave are in the one `lag` later, none from `stay` on; over all waves that is exact."""
    waves = [wave(number) for number in range(GROUPS)]
    for lag in range(1, STAY + 2):
        shared = sum(len(waves[i] & waves[(i + lag) % GROUPS]) for i in range(GROUPS))
        assert shared == max(STAY - lag, 0) * len(FRAME)
    shares = [len(waves[i] & waves[i - 1]) / len(waves[i]) for i in range(GROUPS)]
    assert all(share == pytest.approx(0.75, abs=0.06) for share in shares)


def test_who_joins_or_leaves_moves_nobody_else() -> None:
    """Half of the frame leaves and as many join between two waves: those who stay are drawn as they would have been."""
    later = FRAME[3_000:] + [Unit(i) for i in range(10_000, 13_000)]
    kept = {str(unit.id) for unit in FRAME[3_000:]}
    assert wave(7, later) & kept == wave(7) & kept
    assert len(wave(7, later)) == pytest.approx(STAY / GROUPS * len(later), abs=4.9 * (6_000 * 0.16) ** 0.5)


def test_every_wave_has_the_stated_probability() -> None:
    drawn = draw_plain(FRAME, Panel(wave=13, stay=STAY, groups=GROUPS), seed=2, stage="panel")
    assert {(row.pi, row.weight, row.certainty) for row in drawn} == {(0.2, 5.0, False)}


def test_a_panel_of_actors_takes_all_their_rows() -> None:
    frame = [Unit(i, cluster=f"actor{i % 50}") for i in range(500)]
    drawn = draw_plain(frame, Panel(wave=0, stay=2, groups=5, cluster="cluster"), seed=1)
    actors = {row.cluster for row in drawn}
    assert len(drawn) == 10 * len(actors)
    assert {row.pi for row in drawn} == {0.4}


def test_a_panel_of_everybody() -> None:
    drawn = draw_plain(FRAME[:9], Panel(wave=3, stay=2, groups=2), seed=1)
    assert [row.certainty for row in drawn] == [True] * 9


def test_fewer_groups_than_waves_to_stay() -> None:
    with pytest.raises(ValidationError, match="at least `stay`"):
        Panel(wave=0, stay=5, groups=4)
