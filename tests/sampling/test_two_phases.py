"""A second phase: its own random numbers, the product of both probabilities, and only from what the first one drew."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sampling.frames import write_frame
from tools.errors import InvalidInput
from tools.sampling import (
    Clusters,
    Design,
    FirstPhase,
    Manifest,
    ParetoPps,
    Poisson,
    SimpleRandom,
    Unit,
    draw,
    draw_plain,
    open_file,
)

FRAME = [Unit(i, size=1 + i % 7, stratum="s", cluster=f"k{i % 40}") for i in range(20_000)]
SECOND = SimpleRandom(n=50)


def test_without_a_stage_of_its_own_the_rate_would_be_wrong() -> None:
    """30 % of a 10 % sample: 3 % of the frame. Under the first phase's name all of it would come again: 10 %."""
    first = draw_plain(FRAME, Poisson(n=2_000), seed=3)
    taken = [Unit(int(row.id), prior=row.pi) for row in first]
    rate = Poisson(n=round(0.3 * len(taken)))
    second = draw_plain(taken, rate, seed=3, stage="phase2")
    again = draw_plain(taken, rate, seed=3, stage="phase1")
    assert len(again) == len(first)
    assert len(second) / len(first) == pytest.approx(0.3, abs=4.9 * (0.21 / len(first)) ** 0.5)
    assert sum(row.weight for row in second) == pytest.approx(20_000, rel=0.2)
    assert sum(row.weight for row in again) > 60_000


@pytest.fixture
def first(tmp_path: Path) -> Manifest:
    with open_file(write_frame(FRAME[:500], tmp_path / "f.csv")) as source:
        return draw(source, ParetoPps(n=200, size="size"), id="id", seed=3, out=tmp_path / "one.csv")


def second_draw(
    frame: Path, first: FirstPhase | None, *, design: Design = SECOND, stage: str = "phase2", seed: int = 3
) -> Manifest:
    with open_file(frame) as source:
        return draw(source, design, id="id", seed=seed, out=frame.with_name("two.csv"), stage=stage, first_phase=first)


def test_columns_may_be_added_and_rows_reordered(first: Manifest, tmp_path: Path) -> None:
    """What a cheap model says of the first phase steers the second one."""
    rewrite(tmp_path / "one.csv", lambda rows: [{**row, "score": str(1 + int(row["id"]) % 5)} for row in rows[::-1]])
    found = second_draw(tmp_path / "one.csv", first.as_first_phase(), design=ParetoPps(n=50, size="score"))
    assert found.n == 50
    assert found.first_phase is not None
    assert (found.first_phase.n, found.first_phase.units, found.units) == (200, 500, 200)


def test_a_third_phase(first: Manifest, tmp_path: Path) -> None:
    second = second_draw(tmp_path / "one.csv", first.as_first_phase())
    (tmp_path / "two.csv").rename(tmp_path / "frame.csv")
    third = second_draw(tmp_path / "frame.csv", second.as_first_phase(), design=SimpleRandom(n=5), stage="phase3")
    with (tmp_path / "two.csv").open(newline="") as stream:
        for row in csv.DictReader(stream):
            assert float(row["_pi"]) == pytest.approx(float(row["_phase1_pi"]) * 50 / 200 * 5 / 50, rel=1e-12)
            assert float(row["_phase2_pi"]) == pytest.approx(float(row["_phase1_pi"]) * 50 / 200, rel=1e-12)
    assert third.first_phase is not None
    assert third.first_phase.stages == ("phase2", "phase1")
    with pytest.raises(InvalidInput, match="under the stage 'phase1' too"):
        second_draw(tmp_path / "frame.csv", second.as_first_phase(), design=SimpleRandom(n=5), stage="phase1")


Rows = list[dict[str, str]]


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (lambda rows: rows[1:], "frame_changed", "it has 199 rows, 200 were drawn"),
        (lambda rows: [{**rows[0], "id": "499999"}, *rows[1:]], "frame_changed", "some ids are others"),
        (lambda rows: [{**rows[0], "_pi": "0.5"}, *rows[1:]], "frame_changed", "column '_pi'"),
        (lambda rows: [{**rows[0], "_pi": "0"}, *rows[1:]], "invalid_probability", "Row 1"),
        (lambda rows: [*rows[:-1], {**rows[-1], "_pi": "1.5"}], "invalid_probability", "Row 200"),
        (lambda rows: [*rows[:-1], {**rows[-1], "_pi": ""}], "invalid_probability", "Row 200"),
        (lambda rows: [*rows[:-1], rows[0]], "duplicate_id", "rows 1 and 200"),
        (lambda rows: [{**row, "_phase1_pi": "1"} for row in rows], "column_taken", "_phase1_pi"),
    ],
)
def test_a_frame_that_the_first_phase_did_not_draw(
    change: Callable[[Rows], Rows], code: str, words: str, first: Manifest, tmp_path: Path
) -> None:
    rewrite(tmp_path / "one.csv", change)
    with pytest.raises(InvalidInput) as raised:
        second_draw(tmp_path / "one.csv", first.as_first_phase())
    assert raised.value.code == code
    assert words in raised.value.message
    assert not (tmp_path / "two.csv").exists()


def test_a_second_phase_is_declared(first: Manifest, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="already has the column '_pi'") as raised:
        second_draw(tmp_path / "one.csv", None)
    assert "--first-phase" in raised.value.hint
    with pytest.raises(InvalidInput, match="no column '_pi'"):
        second_draw(tmp_path / "f.csv", first.as_first_phase())
    with pytest.raises(InvalidInput, match="under the stage 'phase1' too"):
        second_draw(tmp_path / "one.csv", first.as_first_phase(), stage="phase1")


def test_a_second_stage_is_a_stage_too(tmp_path: Path) -> None:
    frame = write_frame(FRAME[:500], tmp_path / "f.csv")
    with open_file(frame) as source:
        design = Clusters(n=20, cluster="cluster", per_cluster=4)
        first = draw(source, design, id="id", seed=3, stage="psu", out=tmp_path / "one.csv")
    with pytest.raises(InvalidInput, match="under the stage 'ssu' too"):
        second_draw(tmp_path / "one.csv", first.as_first_phase(), design=SimpleRandom(n=5), stage="ssu")


def rewrite(path: Path, change: Callable[[Rows], Rows]) -> None:
    with path.open(newline="") as stream:
        rows = change(list(csv.DictReader(stream)))
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
