"""Joint probabilities: against enumeration, sums that must hold, and the file that a draw leaves."""

from __future__ import annotations

import csv
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.sampling.frames import read_drawn, write_frame
from tests.sampling.test_engines_agree import DAILY, DESIGNS, make_days, make_frame
from tools.errors import Declined, InvalidInput
from tools.sampling import (
    Design,
    ParetoPps,
    SimpleRandom,
    Stratified,
    Unit,
    draw,
    inclusion_probabilities,
    joint_plain,
    open_file,
    pareto_joint,
    pareto_probabilities,
)

Floats = NDArray[np.float64]


def joint_by_enumeration(targets: list[float], n: int) -> Floats:
    """P(S = s) of every set s of n units, by who is the last of them at t; a fine sum over t."""
    odds = np.array(targets) / (1 - np.array(targets))
    grid = np.exp(np.arange(-50, 50, 0.01))[:, None]
    share = grid * odds / (1 + grid * odds)
    joint = np.zeros((len(odds), len(odds)))
    for chosen in combinations(range(len(odds)), n):
        others = [k for k in range(len(odds)) if k not in chosen]
        chance = 0.0
        for last in chosen:
            density = share[:, last] * (1 - share[:, last]) * 0.01
            inside = np.prod([share[:, k] for k in chosen if k != last], axis=0)
            chance += float((density * inside * np.prod(1 - share[:, others], axis=1)).sum())
        joint[np.ix_(chosen, chosen)] += chance
    return joint


@pytest.mark.parametrize(
    ("targets", "n"), [([0.2, 0.7, 0.8, 0.5, 0.4, 0.4], 3), ([0.9, 0.05, 0.3, 0.75], 2), ([0.6, 0.4], 1)]
)
def test_pareto_by_enumeration(targets: list[float], n: int) -> None:
    expected = joint_by_enumeration(targets, n)
    found = pareto_joint(targets, n=n)
    off = ~np.eye(len(targets), dtype=bool)
    assert found[off] == pytest.approx(expected[off], abs=1e-9)
    assert pareto_probabilities(targets, n=n).tolist() == pytest.approx(np.diag(expected).tolist(), abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.05, 200), min_size=3, max_size=25), st.data())
def test_pareto_sums(sizes: list[float], data: st.DataObject) -> None:
    """Over l other than k, pi_kl sums to (n-1) pi_k; and pi_kl is below both."""
    n = data.draw(st.integers(1, len(sizes) - 1))
    targets = [pi for pi in inclusion_probabilities(sizes, n=n) if pi < 1]
    n -= len(sizes) - len(targets)
    if n < 1:
        return
    pi, joint = pareto_probabilities(targets, n=n), np.nan_to_num(pareto_joint(targets, n=n))
    np.fill_diagonal(joint, 0.0)
    assert joint.sum(axis=1).tolist() == pytest.approx(((n - 1) * pi).tolist(), abs=1e-9)
    assert (joint <= np.minimum.outer(pi, pi) + 1e-12).all()
    assert (joint >= 0).all()


def test_kinds_stand_for_their_units() -> None:
    one_by_one = pareto_joint([0.6, 0.6, 0.3, 0.3, 0.2], n=2)
    by_kind = pareto_joint([0.6, 0.3, 0.2], n=2, counts=[2, 2, 1])
    assert one_by_one[np.ix_([0, 2], [1, 3])] == pytest.approx(by_kind[:2, :2], abs=1e-12)
    assert np.isnan(by_kind[2, 2])


@pytest.mark.parametrize("name", [*DESIGNS, *DAILY])
def test_the_file_of_a_draw(name: str, tmp_path: Path) -> None:
    """The matrix of the DuckDB draw is that of plain Python, row by row of the sample."""
    design: Design = DAILY[name] if name in DAILY else DESIGNS[name]
    frame = make_days(4) if name in DAILY else make_frame(4)
    with open_file(write_frame(frame, tmp_path / "f.csv")) as source:
        manifest = draw(source, design, id="id", seed=4, stage="psu", out=tmp_path / "o.csv", joint=tmp_path / "j.csv")
    rows, (header, joint) = read_drawn(tmp_path / "o.csv"), read_joint(tmp_path / "j.csv")
    assert header == [row.id for row in rows]
    assert np.diag(joint).tolist() == [row.pi for row in rows]
    assert joint.tolist() == joint.T.tolist()
    assert joint == pytest.approx(joint_plain(frame, design, rows), rel=1e-9)
    assert manifest.joint_fingerprint is not None


def test_two_phases_multiply(tmp_path: Path) -> None:
    """A simple random sample of a stratified one: the product of both matrices, by hand."""
    frame = make_frame(4)
    with open_file(write_frame(frame, tmp_path / "f.csv")) as source:
        first = draw(source, Stratified(n=60, strata="stratum"), id="id", seed=4, out=tmp_path / "one.csv")
    with open_file(tmp_path / "one.csv") as source:
        draw(
            source,
            SimpleRandom(n=12),
            id="id",
            seed=4,
            stage="phase2",
            out=tmp_path / "two.csv",
            joint=tmp_path / "j.csv",
            first_phase=first.as_first_phase(),
        )
    header, joint = read_joint(tmp_path / "j.csv")
    strata = {s.stratum: (s.units, s.n) for s in first.strata}
    own = {str(unit.id): str(unit.stratum) for unit in frame}
    again = 12 * 11 / (60 * 59)
    for i, one in enumerate(header):
        units, take = strata[own[one]]
        for j, other in enumerate(header):
            other_units, other_take = strata[own[other]]
            if i == j:
                expected = take / units * 12 / 60
            elif own[one] == own[other]:
                expected = take * (take - 1) / (units * (units - 1)) * again
            else:
                expected = take / units * other_take / other_units * again
            assert joint[i, j] == pytest.approx(expected, rel=1e-12)


def test_a_first_phase_by_size_has_no_known_pairs(tmp_path: Path) -> None:
    with open_file(write_frame(make_frame(4), tmp_path / "f.csv")) as source:
        first = draw(source, ParetoPps(n=60, size="size"), id="id", seed=4, out=tmp_path / "one.csv")
    with open_file(tmp_path / "one.csv") as source, pytest.raises(Declined, match="does not give"):
        draw(
            source,
            SimpleRandom(n=12),
            id="id",
            seed=4,
            stage="phase2",
            out=tmp_path / "two.csv",
            joint=tmp_path / "j.csv",
            first_phase=first.as_first_phase(),
        )
    assert not (tmp_path / "two.csv").exists()
    assert not (tmp_path / "j.csv").exists()


def test_pareto_in_full_has_its_true_probabilities(tmp_path: Path) -> None:
    """With --joint they are computed in designs of any size, so that the matrix fits its diagonal."""
    frame = make_frame(4, units=60)
    with open_file(write_frame(frame, tmp_path / "f.csv")) as source:
        manifest = draw(
            source, ParetoPps(n=30, size="size"), id="id", seed=4, out=tmp_path / "o.csv", joint=tmp_path / "j.csv"
        )
    assert manifest.first_order == "computed"


def test_sizes_of_a_large_frame_are_too_many(tmp_path: Path) -> None:
    frame = [Unit(i, size=1 + i / 7) for i in range(20_500)]
    with open_file(write_frame(frame, tmp_path / "f.csv")) as source, pytest.raises(Declined) as raised:
        draw(source, ParetoPps(n=3, size="size"), id="id", seed=4, out=tmp_path / "o.csv", joint=tmp_path / "j.csv")
    assert raised.value.reason == "too_expensive"


def test_rows_of_a_large_sample_are_too_many(tmp_path: Path) -> None:
    frame = [Unit(i) for i in range(2_500)]
    with open_file(write_frame(frame, tmp_path / "f.csv")) as source, pytest.raises(Declined, match="2,001 rows"):
        draw(source, SimpleRandom(n=2_001), id="id", seed=4, out=tmp_path / "o.csv", joint=tmp_path / "j.csv")


@pytest.mark.parametrize("name", ["o.csv", "j.parquet", "nowhere/j.csv"])
def test_where_it_cannot_go(name: str, tmp_path: Path) -> None:
    with (
        open_file(write_frame(make_frame(4), tmp_path / "f.csv")) as source,
        pytest.raises(InvalidInput, match="joint"),
    ):
        draw(source, SimpleRandom(n=3), id="id", seed=4, out=tmp_path / "o.csv", joint=tmp_path / name)


def read_joint(path: Path) -> tuple[list[str], Floats]:
    with path.open(encoding="utf-8", newline="") as stream:
        header, *lines = list(csv.reader(stream))
    return header, np.array([[float(value) for value in line] for line in lines])
