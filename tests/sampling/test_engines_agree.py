"""DuckDB and plain Python draw the same units with the same probabilities, in whatever order the rows lie."""

from __future__ import annotations

import csv
import math
import random
import tempfile
import unicodedata
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sampling.frames import draw_file, read_drawn, write_frame
from tools.sampling import (
    Clusters,
    Daily,
    Design,
    DrawnUnit,
    Panel,
    ParetoPps,
    Poisson,
    SimpleRandom,
    Stratified,
    Unit,
    draw,
    draw_plain,
    open_file,
    read_manifest,
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
    "panel": Panel(wave=5, stay=3, groups=17),
    "panel of clusters": Panel(wave=1, stay=2, groups=7, cluster="cluster"),
    "pps with a floor": ParetoPps(n=40, size="size", floor=2.0),
    "clusters with a floor": Clusters(n=6, cluster="cluster", size="size", floor=2.5),
    "poisson with a floor": Poisson(n=30, size="size", floor=1.5),
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


def assert_same(found: list[DrawnUnit], expected: list[DrawnUnit], *, days: bool = False) -> None:
    assert [(r.id, r.stratum, r.cluster, r.certainty, r.days) for r in found] == [
        (r.id, r.stratum, r.cluster, r.certainty, r.days) for r in expected
    ]
    assert [r.pi for r in found] == pytest.approx([r.pi for r in expected], rel=1e-12)
    assert [r.weight for r in found] == pytest.approx([r.weight for r in expected], rel=1e-12)
    if not days:
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


@pytest.mark.parametrize("name", [name for name in DESIGNS if getattr(DESIGNS[name], "size", None)] + ["neyman"])
def test_missing_and_small_sizes(name: str, tmp_path: Path) -> None:
    """A third of the sizes is missing; with a floor a tenth is 0."""
    zero = 0.0 if getattr(DESIGNS[name], "floor", None) else 0.7
    frame = [
        replace(unit, size=math.nan if i % 3 == 0 else zero if i % 10 == 1 else unit.size)
        for i, unit in enumerate(make_frame(3))
    ]
    expected = draw_plain(frame, DESIGNS[name], seed=3)
    for missing in ("", "NA", "nan"):
        path = write_frame(frame, tmp_path / "f.csv")
        path.write_text(path.read_text(encoding="utf-8").replace(",nan,", f",{missing},"), encoding="utf-8")
        assert_same(draw_file(path, DESIGNS[name], seed=3), expected)
    manifest = read_manifest(tmp_path / "drawn.csv.manifest.json")
    assert manifest.sizes is not None
    assert (manifest.sizes.missing, manifest.sizes.raised > 0) == (100, "floor" in name)
    assert "100 of 300 rows have no size" in manifest.notes[0]


DAILY: dict[str, Daily] = {
    "union": Daily(n=8, day="day"),
    "union by size": Daily(n=8, day="day", size="size"),
    "multiplicity": Daily(n=8, day="day", size="size", union="multiplicity"),
    "a whole day": Daily(n=20, day="day", size="size", floor=40.0),
}


def make_days(seed: int) -> list[Unit]:
    """60 units that are there on some of five days, 20 at least on each; sizes from day to day."""
    source = random.Random(seed)
    days = [f"2026-03-0{d}" for d in range(1, 5)] + ["l'autre"]
    rows = [
        Unit(f"ü{k:02}" if seed % 2 else k, size=round(source.lognormvariate(1, 1.2), 3), day=day)
        for day in days
        for k in range(60)
        if source.random() < 0.6 or k < 20
    ]
    source.shuffle(rows)
    return rows


@pytest.mark.parametrize("name", DAILY)
def test_unions_of_days(name: str, tmp_path: Path) -> None:
    for seed in (1, 2):
        frame = make_days(seed)
        expected = draw_plain(frame, DAILY[name], seed=seed)
        found = draw_file(write_frame(frame, tmp_path / "f.csv"), DAILY[name], seed=seed)
        assert_same(found, expected, days=True)
    assert any(row.days is not None and row.days > 1 for row in expected)


def test_a_union_is_what_the_days_drew(tmp_path: Path) -> None:
    """Each day drawn by itself, under its own name, from its own rows."""
    frame = make_days(4)
    union = draw_plain(frame, Daily(n=8, day="day", size="size", union="multiplicity"), seed=6)
    for day in sorted({str(unit.day) for unit in frame}):
        alone = write_frame([unit for unit in frame if unit.day == day], tmp_path / "f.csv")
        drawn = draw_file(alone, Poisson(n=8, size="size"), seed=6, stage=day)
        assert [(r.id, r.pi) for r in drawn] == [(r.id, r.pi) for r in union if r.stratum == day]


@pytest.mark.parametrize("second", ["srs", "proportional", "pps", "poisson", "two stages", "panel"])
def test_two_phases(second: str, tmp_path: Path) -> None:
    """The first phase through DuckDB, its file drawn from again; both phases in plain Python beside it."""
    frame = make_frame(5)
    first = ParetoPps(n=120, size="size")
    with open_file(write_frame(frame, tmp_path / "f.csv")) as source:
        manifest = draw(source, first, id="id", seed=5, out=tmp_path / "one.csv")
    stage = "psu" if second == "two stages" else "phase2"
    with open_file(tmp_path / "one.csv") as source:
        two = draw(
            source,
            DESIGNS[second],
            id="id",
            seed=5,
            stage=stage,
            out=tmp_path / "two.csv",
            first_phase=manifest.as_first_phase(),
        )
    taken = {row.id: row.pi for row in draw_plain(frame, first, seed=5)}
    again = [replace(unit, prior=taken[str(unit.id)]) for unit in frame if str(unit.id) in taken]
    assert_same(read_drawn(tmp_path / "two.csv"), draw_plain(again, DESIGNS[second], seed=5, stage=stage))
    with (tmp_path / "two.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            assert float(row["_phase1_pi"]) == pytest.approx(taken[row["id"]], rel=1e-15)
    assert two.first_phase == manifest.as_first_phase()


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
