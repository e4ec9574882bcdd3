"""`transect hidden-population` as its user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Transect

HEPATITIS = "A,B,C,n\n0,0,1,63\n0,1,0,55\n0,1,1,18\n1,0,0,69\n1,0,1,17\n1,1,0,21\n1,1,1,28\n"
HARES = "k,n\n1,25\n2,22\n3,13\n4,5\n5,1\n6,2\n"
FIGURE = {"id", "metric", "value", "low", "high", "level", "unit", "n", "basis", "method", "undefined", "one_sided"}


def write(folder: Path, text: str) -> Path:
    path = folder / "lists.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_document(transect: Transect, tmp_path: Path) -> None:
    file = write(tmp_path, HEPATITIS)
    found = transect("hidden-population", file, "--lists", "A,B,C", "--counts", "n", "--json").document
    assert found.keys() == {"estimates", "range", "warnings"}
    methods = {each["method"]: each for each in found["estimates"]}
    assert {*FIGURE, "se", "role"} <= found["estimates"][0].keys()
    assert {each["role"] for each in found["estimates"]} == {"selected", "listed", "bound"}
    assert methods["chapman A,B"]["value"] == pytest.approx(333.56)
    assert methods["loglinear A+B+C+A:B"]["value"] == pytest.approx(416, rel=1e-6)
    assert methods["chao_lower"]["value"] == pytest.approx(479.148809533724)
    assert methods["sample_coverage"]["value"] == pytest.approx(507.771995547061)
    assert found["range"]["odds_ratio"] == [0.5, 4]
    assert found["range"]["low"] < found["estimates"][0]["value"] < found["range"]["high"]
    assert all(isinstance(warning, str) for warning in found["warnings"])
    shown = transect("hidden-population", file, "--lists", "A,B,C", "--counts", "n")
    assert shown.code == 0
    assert "chapman A,B" in shown.out
    assert "for odds ratios of 0.5 to 4" in " ".join(shown.out.split())


def test_rows_are_units_without_counts(transect: Transect, tmp_path: Path) -> None:
    rows = "1,1\n" * 30 + "1,0\n" * 170 + "0,1\n" * 120
    file = write(tmp_path, "a,b\n" + rows)
    found = transect("hidden-population", file, "--lists", "a,b", "--json").document
    assert found["estimates"][0]["value"] == pytest.approx(201 * 151 / 31 - 1)


def test_frequencies(transect: Transect, tmp_path: Path) -> None:
    file = write(tmp_path, HARES)
    done = transect("hidden-population", file, "--frequencies", "k,n", "--occasions", "6", "--json").document
    methods = {each["method"]: each for each in done["estimates"]}
    assert methods["chao_lower"]["value"] == pytest.approx(79.8371212121212)
    assert methods["loglinear M0"]["value"] == pytest.approx(75.4336186292522)
    assert transect("hidden-population", file, "--frequencies", "k,n").code == 0


@pytest.mark.parametrize(
    ("text", "arguments", "code", "exit_code"),
    [
        (HEPATITIS, (), "usage", 2),
        (HEPATITIS, ("--lists", "A"), "usage", 2),
        (HEPATITIS, ("--lists", "A,A"), "usage", 2),
        (HEPATITIS, ("--lists", "A,B", "--frequencies", "A,n"), "usage", 2),
        (HEPATITIS, ("--lists", "A,B", "--occasions", "3"), "usage", 2),
        (HEPATITIS, ("--lists", "A,D"), "no_such_column", 2),
        (HEPATITIS, ("--lists", "A,n"), "not_zero_one", 2),
        (HEPATITIS, ("--lists", "A,B,C", "--odds-ratio", "4"), "usage", 2),
        (HEPATITIS, ("--lists", "A,B,C", "--precision", "A"), "usage", 2),
        (HEPATITIS, ("--lists", "A,B,C", "--counts", "n", "--removes", "B"), "uncorrectable", 3),
        ("A,B,n\n1,1,-4\n", ("--lists", "A,B", "--counts", "n"), "negative_count", 2),
        ("A,B,n\n1,1,4.5\n", ("--lists", "A,B", "--counts", "n"), "not_whole", 2),
        ("A,B\n1,\n", ("--lists", "A,B"), "missing_value", 2),
        ("A,B\n1,x\n", ("--lists", "A,B"), "not_a_number", 2),
        ("A,B\n1,0\n0,1\n", ("--lists", "A,B"), "underpowered", 3),
        ("A,B\n", ("--lists", "A,B"), "no_data", 3),
        (HARES, ("--frequencies", "k"), "usage", 2),
        (HARES, ("--frequencies", "k,n", "--occasions", "4"), "usage", 2),
        (HARES, ("--frequencies", "k,n", "--counts", "n"), "usage", 2),
        ("k,n\n0,5\n1,9\n", ("--frequencies", "k,n"), "not_whole", 2),
        ("k,n\n1,5\n1,9\n", ("--frequencies", "k,n"), "repeated", 2),
        ("k,n\n1,5\n2,-1\n", ("--frequencies", "k,n"), "negative_count", 2),
        ("k,n\n1,5\n", ("--frequencies", "k,n"), "underpowered", 3),
    ],
)
def test_what_cannot_be_estimated(
    transect: Transect, tmp_path: Path, text: str, arguments: tuple[str, ...], code: str, exit_code: int
) -> None:
    done = transect("hidden-population", write(tmp_path, text), *arguments, "--json")
    assert done.code == exit_code
    assert done.document["error"]["code"] == code
