"""Each fault of a frame has one outcome: an error that names row and column, and nothing written."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tools.errors import InvalidInput, TransectError
from tools.sampling import (
    Clusters,
    Daily,
    Design,
    Panel,
    ParetoPps,
    Poisson,
    SimpleRandom,
    Stratified,
    Unit,
    draw,
    draw_plain,
    open_file,
)

SRS, PPS = SimpleRandom(n=2), ParetoPps(n=2, size="x")


@pytest.mark.parametrize(
    ("rows", "design", "code", "words"),
    [
        ("id\n1\n2\n", SimpleRandom(n=3), "n_too_large", "more than the 2 units"),
        ("id,x\n", SRS, "n_too_large", "0 units"),
        ("id,x\n1,1\n2,1\n1,1\n", SRS, "duplicate_id", "rows 1 and 3"),
        ("id,x\n1,1\n,1\n3,1\n", SRS, "invalid_id", "Row 2 of f.csv: column 'id' is missing"),
        ("id,x\n1,1\n2,1\n-3,1\n", SRS, "invalid_id", "Row 3 of f.csv: column 'id' has a sign"),
        ("id,x\n1,1\n+2,1\n", SRS, "invalid_id", "Row 2"),
        ("id,x\n1.0,1\n2.0,1\n", SRS, "invalid_id", "DOUBLE"),
        ("id,x\na,1\ne\u0301,1\n", SRS, "invalid_id", "row 2, column id is not in Unicode normal form C"),
        ("id,x\n1,2\n2,0\n3,1\n", PPS, "invalid_size", "Row 2 of f.csv: column 'x' is not above 0: 0"),
        ("id,x\n1,2\n2,-4\n3,-1\n", PPS, "invalid_size", "-4 (2 such rows)"),
        ("id,x\n1,2\n2,-4\n3,0\n", ParetoPps(n=2, size="x", floor=1), "invalid_size", "is negative: -4"),
        ("id,x\n1,2\n2,\n3,1\n", PPS, "", ""),
        ("id,x\n1,2\n2,nan\n3,1\n", PPS, "", ""),
        ("id,x\n1,2\n2,NA\n3,1\n", PPS, "", ""),
        ("id,x\n1,\n2,NA\n3,nan\n", PPS, "invalid_size", "No row has a value in 'x'"),
        ("id,x\n1,2\n2,n/a\n3,1\n", PPS, "invalid_size", "Row 2 of f.csv: column 'x' is not a number: n/a"),
        ("id,x\n1,2\n2,0\n3,1\n", ParetoPps(n=2, size="x", floor=1), "", ""),
        ("id,x\n1,a\n2,\n3,a\n", Panel(wave=0, stay=1, groups=2, cluster="x"), "invalid_cluster", "Row 2"),
        ("id,x\n", Panel(wave=0, stay=1, groups=2), "n_too_large", "0 units"),
        ("id,x\n", Daily(n=1, day="x"), "n_too_large", "0 units"),
        ("id,x\n1,a\n2,\n3,a\n", Daily(n=1, day="x"), "invalid_day", "Row 2"),
        ("id,x\n1,a\n1,a\n2,a\n", Daily(n=1, day="x"), "duplicate_id", "rows 1 and 2 of f.csv, both of the day a"),
        ("id,x\n1,a\n1,b\n2,a\n", Daily(n=2, day="x"), "n_too_large", "the 1 units of the day b"),
        ("id,x\n1,a|b\n2,a|b\n", Daily(n=1, day="x"), "usage", "cannot name a stage"),
        ("id,x,_days\n1,a,2\n2,a,2\n", Daily(n=1, day="x"), "column_taken", "'_days'"),
        ("id,x\n1,2\n2,inf\n3,1\n", Poisson(n=1, size="x"), "invalid_size", "not a number: inf"),
        ("id,x\n1,many\n2,1\n3,1\n", PPS, "invalid_size", "Row 1"),
        ("id,x\n1,1\n2,1\n3,1e-30\n", PPS, "sizes_too_unequal", "nothing for the others"),
        ("id,x\n1,1\n2,1\n", ParetoPps(n=3, size="x"), "n_too_large", "2 units"),
        ("id,x\n1,1\n2,1\n", ParetoPps(n=1, size="y"), "no_such_column", "no column 'y'"),
        ("id,x\n1,a\n2,\n3,a\n", Stratified(n=2, strata="x"), "invalid_stratum", "Row 2"),
        ("id,x\n1,a\n2,b\n3,c\n", Stratified(n=3, strata="x", minimum=1), "", ""),
        ("id,x\n1,a\n2,b\n3,b\n4,a\n", Stratified(n=3, strata="x"), "n_too_small", "that takes 4"),
        ("id,x\n1,a\n2,b\n", Stratified(n=3, strata="x"), "n_too_large", "2 units"),
        ("id,x\n1,a\n2,\n3,a\n", Clusters(n=1, cluster="x"), "invalid_cluster", "Row 2"),
        ("id,x\n1,a\n2,a\n", Clusters(n=2, cluster="x"), "n_too_large", "1 clusters"),
        ("id,x,_pi\n1,a,1\n2,a,1\n", SRS, "column_taken", "'_pi'"),
        ("id,x\n1,1\n2,1,3\n", SRS, "unreadable_file", "cannot be read"),
        ("id,x\n1,1\n2\n3,1\n", SRS, "unreadable_file", "cannot be read"),
        ('id,x\n1,1\n2,"open\n3,1\n', SRS, "unreadable_file", "cannot be read"),
        ("", SRS, "no_such_column", "no column 'id'"),
    ],
)
def test_faults_of_a_file(rows: str, design: Design, code: str, words: str, tmp_path: Path) -> None:
    frame, out = tmp_path / "f.csv", tmp_path / "o.csv"
    frame.write_text(rows, encoding="utf-8")
    out.write_text("before")
    if not code:
        draw_from(frame, design, out)
        assert out.read_text() != "before"
        return
    with pytest.raises(InvalidInput) as raised:
        draw_from(frame, design, out)
    assert raised.value.code == code
    assert words in raised.value.message
    assert out.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.csv", "o.csv"]


@pytest.mark.parametrize(
    ("column", "word"),
    [
        ("range::double", "DOUBLE"),
        ("date '2026-01-01' + range::int", "DATE"),
        ("range % 2 = 0", "BOOLEAN"),
        ("range - 5", "has a sign"),
        ("case when range <> 4 then range end", "is missing"),
    ],
)
def test_ids_of_other_types(column: str, word: str, tmp_path: Path) -> None:
    duckdb.execute(f"copy (select {column} as id from range(10)) to '{tmp_path / 'f.parquet'}'")
    with pytest.raises(InvalidInput, match=word):
        draw_from(tmp_path / "f.parquet", SRS, tmp_path / "o.csv")


def test_padded_ids_of_a_csv_file_are_text(tmp_path: Path) -> None:
    """As `init` reads them: 007 and 7 are two ids, hashed as they stand."""
    (tmp_path / "f.csv").write_text("id\n007\n7\n12\n")
    draw_from(tmp_path / "f.csv", SimpleRandom(n=3), tmp_path / "o.csv")
    drawn = [line.split(",")[0] for line in (tmp_path / "o.csv").read_text().splitlines()[1:]]
    assert drawn == [r.id for r in draw_plain([Unit("007"), Unit("7"), Unit("12")], SimpleRandom(n=3), seed=1)]


def test_a_file_that_is_no_parquet(tmp_path: Path) -> None:
    (tmp_path / "f.parquet").write_text("id\n1\n")
    with pytest.raises(InvalidInput, match="cannot be read"):
        draw_from(tmp_path / "f.parquet", SRS, tmp_path / "o.csv")


def test_a_file_of_bytes_is_named_as_the_user_named_it(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(bytes(range(256)) * 20)
    with pytest.raises(InvalidInput, match="cannot be read") as refused:
        draw_from(tmp_path / "f.csv", SRS, tmp_path / "o.csv")
    assert "source.csv" not in str(refused.value)


def test_a_frame_that_changes_during_the_draw(tmp_path: Path) -> None:
    frame = tmp_path / "f.csv"
    frame.write_text("id\n1\n2\n3\n")

    def change(step: str, share: float | None) -> None:
        if step == "Drawing":
            frame.write_text("id\n1\n2\n3\n4\n")

    with open_file(frame) as source, pytest.raises(TransectError, match="changed while"):
        draw(source, SRS, id="id", seed=1, out=tmp_path / "o.csv", progress=change)
    assert [path.name for path in tmp_path.iterdir()] == ["f.csv"]


def test_two_stages_need_two_names(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("id,c\n1,a\n2,b\n")
    with open_file(tmp_path / "f.csv") as source, pytest.raises(InvalidInput, match="Both stages"):
        draw(source, Clusters(n=1, cluster="c", per_cluster=1), id="id", seed=1, stage="ssu", out=tmp_path / "o.csv")


@pytest.mark.parametrize("name", ["a'b.csv", "a[1]*.csv", "with space.csv"])
def test_names_of_files(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("id\n1\n2\n3\n")
    draw_from(tmp_path / name, SRS, tmp_path / f"out {name}")
    assert len((tmp_path / f"out {name}").read_text().splitlines()) == 3


def draw_from(frame: Path, design: Design, out: Path) -> None:
    with open_file(frame) as source:
        draw(source, design, id="id", seed=1, out=out)
