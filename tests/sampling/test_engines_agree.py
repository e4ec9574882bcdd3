"""DuckDB and plain Python draw the same units with the same probabilities, in whatever order the rows lie."""

from __future__ import annotations

import random
import tempfile
import unicodedata
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sampling.frames import draw_file, read_drawn, write_frame
from tools.sampling import (
    Clusters,
    Design,
    DrawnUnit,
    ParetoPps,
    Poisson,
    SimpleRandom,
    Stratified,
    Unit,
    draw,
    draw_plain,
    open_file,
)

DESIGNS: dict[str, Design] = {
    "srs": SimpleRandom(n=25),
    "everything": SimpleRandom(n=300),
    "proportional": Stratified(n=31, strata="stratum"),
    "equal": Stratified(n=31, strata="stratum", allocation="equal"),
    "neyman": Stratified(n=31, strata="stratum", allocation="neyman", spread="size"),
    "cost": Stratified(n=31, strata="stratum", allocation="cost", spread="size", cost="cost"),
    "pps": ParetoPps(n=40, size="size"),
    "small pps": ParetoPps(n=3, size="size"),
    "poisson": Poisson(n=30, size="size"),
    "bernoulli": Poisson(n=30),
    "clusters": Clusters(n=6, cluster="cluster"),
    "two stages": Clusters(n=6, cluster="cluster", per_cluster=4),
    "clusters by size": Clusters(n=6, cluster="cluster", size="size"),
    "two stages by size": Clusters(n=3, cluster="cluster", per_cluster=2, size="size"),
}


def make_frame(seed: int = 1, *, units: int = 300) -> list[Unit]:
    source = random.Random(seed)
    return [
        Unit(
            id=f"ü{i:03}" if seed % 2 else i * 17,
            size=round(source.lognormvariate(1, 1.2), 3),
            cost=source.choice([0.5, 1, 4]),
            stratum=source.choice(["NO", "on", "O'Hara", "zwölf"]),
            cluster=source.choice([f"k{k}" for k in range(20)]),
        )
        for i in range(units)
    ]


def assert_same(found: list[DrawnUnit], expected: list[DrawnUnit]) -> None:
    assert [(r.id, r.stratum, r.cluster, r.certainty) for r in found] == [
        (r.id, r.stratum, r.cluster, r.certainty) for r in expected
    ]
    assert [r.pi for r in found] == pytest.approx([r.pi for r in expected], rel=1e-12)
    assert [r.weight for r in found] == [1 / r.pi for r in found]


@pytest.mark.parametrize("name", DESIGNS)
def test_both_engines(name: str, tmp_path: Path) -> None:
    for seed in (1, 2, 3):
        frame = make_frame(seed)
        stage = "psu" if name in ("clusters", "two stages") else "phase1"
        expected = draw_plain(frame, DESIGNS[name], seed=seed, stage=stage)
        assert_same(draw_file(write_frame(frame, tmp_path / "f.csv"), DESIGNS[name], seed=seed, stage=stage), expected)
        random.Random(seed).shuffle(frame)
        assert_same(draw_file(write_frame(frame, tmp_path / "f.csv"), DESIGNS[name], seed=seed, stage=stage), expected)
        assert_same(draw_plain(frame, DESIGNS[name], seed=seed, stage=stage), expected)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=6).filter(
    lambda t: unicodedata.is_normalized("NFC", t) and t.strip() == t and t.strip("+-0123456789.eE") != ""
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(
        st.lists(TEXT, min_size=2, max_size=20, unique=True),
        st.lists(st.integers(0, 10**15), min_size=2, max_size=20, unique=True),
    ),
    st.data(),
)
def test_any_ids_and_sizes(ids: list[str] | list[int], data: st.DataObject) -> None:
    frame = [Unit(id=i, size=data.draw(st.floats(1e-3, 1e6)), stratum="s", cluster="c") for i in ids]
    design = ParetoPps(n=data.draw(st.integers(1, len(ids))), size="size")
    seed = data.draw(st.integers(0, 10**12))
    with tempfile.TemporaryDirectory() as folder:
        found = draw_file(write_frame(frame, Path(folder) / "f.csv"), design, seed=seed)
    assert_same(found, draw_plain(frame, design, seed=seed))


@pytest.mark.parametrize("kind", ["integer", "ubigint", "utinyint", "varchar"])
def test_types_of_ids_in_parquet(kind: str, tmp_path: Path) -> None:
    """The same number in any integer type, or as text, is the same key."""
    frame = tmp_path / "f.parquet"
    duckdb.execute(f"copy (select range::{kind} as id, 'x' as note from range(200)) to '{frame}'")
    with open_file(frame) as source:
        manifest = draw(source, SimpleRandom(n=9), id="id", seed=4, out=tmp_path / "o.csv")
    assert_same(read_drawn(tmp_path / "o.csv"), draw_plain([Unit(i) for i in range(200)], SimpleRandom(n=9), seed=4))
    assert (manifest.n, manifest.units) == (9, 200)


def test_pooled_sizes_of_a_large_frame(tmp_path: Path) -> None:
    """More than 20,000 distinct sizes are pooled for Pareto's true probabilities; plain Python pools nothing."""
    frame = [Unit(i, size=(i % 24_001 + 1) * 1.0 + (i == 7) * 4e7, stratum="s", cluster="c") for i in range(24_500)]
    found = draw_file(write_frame(frame, tmp_path / "f.csv"), ParetoPps(n=3, size="size"), seed=2)
    expected = draw_plain(frame, ParetoPps(n=3, size="size"), seed=2)
    assert [r.id for r in found] == [r.id for r in expected]
    assert [r.pi for r in found] == pytest.approx([r.pi for r in expected], rel=1e-8)
