"""Files and requests that cannot be answered: one outcome each, with row and column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.estimation.file.place import ask, write
from tools.errors import Declined, InvalidInput

MEAN: dict[str, Any] = {"statistic": "mean", "column": "y"}


def refused(path: Path, **request: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as error:
        ask(path, **{**MEAN, **request})
    return error.value


@pytest.mark.parametrize(
    ("field", "code", "said"),
    [
        ("x", "not_a_number", "Row 2 of sample.csv: column 'y' is not a number: x"),
        ("NaN", "not_a_number", "column 'y' is not a number: NaN"),
        ("inf", "not_a_number", "column 'y' is not a number: inf"),
        ("1,000", "unreadable_file", "line 3 has another number of fields"),
    ],
)
def test_outcomes(tmp_path: Path, field: str, code: str, said: str) -> None:
    error = refused(write(tmp_path, "y,z", [(1, 1), (field, 1), (3, 1)]))
    assert (error.code, error.exit_code) == (code, 2)
    assert said in error.message


@pytest.mark.parametrize(
    ("field", "said"),
    [("0", "is not above 0: 0"), ("-1", "is not above 0: -1"), ("", "is missing"), ("NA", "is missing")],
)
@pytest.mark.parametrize("option", ["weights", "fpc"])
def test_weights_and_counts(tmp_path: Path, field: str, said: str, option: str) -> None:
    path = write(tmp_path, "y,w", [(1, 5), (2, field), (3, 5)])
    error = refused(path, **{option: "w" if option == "weights" else ("w",)})
    assert error.message == f"Row 2 of sample.csv: column 'w' {said}."
    assert error.where == "sample.csv: row 2, column w"


@pytest.mark.parametrize("field", ["0", "-0.1", "1.01", "", "NA", "0.3x"])
def test_probabilities(tmp_path: Path, field: str) -> None:
    path = write(tmp_path, "y,pi", [(1, 0.5), (2, 0.5), (3, field)])
    error = refused(path, probability="pi")
    assert error.where == "sample.csv: row 3, column pi"


def test_a_population_smaller_than_the_sample(tmp_path: Path) -> None:
    path = write(tmp_path, "y,h,n", [(1, "a", 3), (2, "a", 3), (3, "b", 2), (4, "b", 2), (5, "b", 2)])
    error = refused(path, strata="h", fpc=("n",))
    assert error.code == "population_too_small"
    assert error.message == "sample.csv: a stratum holds 2 rows in the population, and 3 are in the sample."
    assert error.where == "sample.csv: row 3"


def test_a_count_that_differs_within_a_stratum(tmp_path: Path) -> None:
    path = write(tmp_path, "y,n", [(1, 30), (2, 31)])
    assert refused(path, fpc=("n",)).message == "sample.csv: the population count differs within a stratum."


@pytest.mark.parametrize("option", ["strata", "clusters"])
def test_design_labels_are_never_missing(tmp_path: Path, option: str) -> None:
    path = write(tmp_path, "y,h", [(1, "a"), (2, "NA"), (3, "b")])
    error = refused(path, **{option: "h" if option == "strata" else ("h",)})
    assert error.message == "Row 2 of sample.csv: column 'h' is missing."


def test_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "y,weight,y2,y2", [(1, 1, 1, 1), (2, 1, 1, 1)])
    error = refused(path, weights="weigth")
    assert (error.code, error.hint) == ("no_such_column", "Did you mean 'weight'?")
    assert refused(path, column="y2").code == "duplicate_column"
    assert refused(path, column="Y").code == "no_such_column"  # names are as in the file


@pytest.mark.parametrize("kind", ["csv", "parquet", "txt", "none"])
def test_files(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"bad.{kind}"
    if kind != "none":
        path.write_bytes(b"")
    assert refused(path).code == {"none": "no_such_file", "txt": "file_kind"}.get(kind, "unreadable_file")


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(b"y,z\n1,caf\xe9\n")
    assert "byte 0xe9" in refused(path).message


def test_messages_hold_no_line_of_the_file(tmp_path: Path) -> None:
    """A broken line may carry item text."""
    error = refused(write(tmp_path, "y,text", [(1, "secret words,and more"), (2, "b")]))
    assert error.code == "unreadable_file"
    assert "secret" not in error.message + error.hint + str(error.value)
    assert str(tmp_path) not in error.message


def test_a_share_is_of_zeros_and_ones(tmp_path: Path) -> None:
    path = write(tmp_path, "y,label", [(0, "fine"), (1, "bad"), (2, "bad")])
    error = refused(path, statistic="proportion")
    assert error.message == "Row 3 of sample.csv: column 'y' is not 0 or 1: 2."
    assert (
        refused(path, statistic="proportion", column="label").hint
        == "Name the positive value: --proportion label=VALUE."
    )
    true = write(tmp_path, "y", [("true",), ("FALSE",), ("1",)], name="true.csv")
    assert ask(true, statistic="proportion", column="y").figures[0].value == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"level": 95}, "--level is a share"),
        ({"level": 0.0}, "--level is a share"),
        ({"statistic": "quantile", "q": 1.0}, "--quantile takes a share"),
        ({"statistic": "quantile", "q": 0.5, "interval": "wald"}, "Woodruff"),
        ({"interval": "logit"}, "takes no logit interval"),
        ({"variance": "brewer"}, "needs --probability"),
        ({"variance": "ht", "probability": "y"}, "needs --joint"),
        ({"joint": Path("j.csv")}, "--joint has no meaning"),
        ({"probability": "y", "fpc": ("y",)}, "--fpc has no meaning"),
        ({"replicates": "bootstrap"}, "needs --seed"),
        ({"replicates": "jackknife", "replications": 5}, "--replications goes with"),
        ({"replicates": "bootstrap", "seed": 1, "replications": 1}, "at least 2"),
        ({"replicates": "bootstrap", "seed": -1}, "0 or more"),
        ({"replicates": "jackknife", "lonely": "average"}, "no meaning with --replicates"),
        ({"by": "y", "compare": "y"}, "exclude one another"),
        ({"clusters": ("y", "z", "y2")}, "one or two stages"),
        ({"clusters": ("y", "y")}, "one column twice"),
        ({"fpc": ("y", "z")}, "one column a stage"),
        ({"rake": Path("a"), "calibrate": Path("b")}, "Give one of"),
        ({"where": ("y",)}, "is not COL=VALUE"),
        ({"where": ("y=",)}, "names no value"),
        ({"where": ("y=NA",)}, "names no value"),
        ({"where": ("nope=1",)}, "no column 'nope'"),
    ],
)
def test_requests_that_do_not_fit_together(tmp_path: Path, request_: dict[str, Any], said: str) -> None:
    path = write(tmp_path, "y,z", [(1, 1), (0, 1)])
    assert said in refused(path, **request_).message


def test_a_comparison_needs_two_values(tmp_path: Path) -> None:
    path = write(tmp_path, "y,side", [(1, "a"), (2, "b"), (3, "c"), (4, None)])
    error = refused(path, compare="side")
    assert (error.code, error.allowed) == ("not_two_values", ["a", "b", "c"])
    one = write(tmp_path, "y,side", [(1, "a"), (2, "a")], name="one.csv")
    assert refused(one, compare="side").code == "not_two_values"


@pytest.mark.parametrize(
    ("lines", "request_", "reason"),
    [
        ([], {}, "no_data"),
        ([(None, "a"), (None, "b")], {}, "no_data"),
        ([(1, "a"), (2, "b")], {"where": ("h=zz",)}, "no_data"),
        ([(1, "a"), (2, "b")], {"where": ("h=a",)}, "underpowered"),
        ([(1, "a"), (2, "a")], {"clusters": ("h",)}, "uncorrectable"),
        ([(0, "a"), (0, "b")], {"statistic": "ratio", "denominator": "y"}, "uncorrectable"),
    ],
)
def test_what_a_sample_does_not_support_is_declined(
    tmp_path: Path, lines: list[Any], request_: dict[str, Any], reason: str
) -> None:
    path = write(tmp_path, "y,h", lines)
    with pytest.raises((Declined, InvalidInput)) as declined:
        ask(path, **{**MEAN, **request_})
    if "clusters" in request_:  # one cluster in the only stratum
        assert declined.value.code == "lonely_stratum"
    else:
        assert declined.value.code == reason
        assert declined.value.exit_code == 3


def test_one_empty_domain_among_others_is_undefined_not_fatal(tmp_path: Path) -> None:
    path = write(tmp_path, "y,h", [(1, "a"), (2, "a"), (3, "b"), (None, "c")])
    found = ask(path, by="h", **MEAN)
    assert [f.undefined is None for f in found.figures] == [True, False, False]
    assert found.figures[2].undefined == "no rows"
    assert found.notes[1] == "h b: no stratum has two clusters with a row in the domain."


@pytest.mark.parametrize("value", [0, 1])
def test_all_zeros_and_all_ones(tmp_path: Path, value: int) -> None:
    path = write(tmp_path, "y", [(value,)] * 50)
    figure = ask(path, statistic="proportion", column="y").figures[0]
    bound = 1 - 0.05 ** (1 / 50)
    assert (figure.value, figure.one_sided) == (float(value), True)
    assert (figure.low, figure.high) == pytest.approx((0, bound) if value == 0 else (1 - bound, 1))
    mean = ask(path, **MEAN)
    assert (mean.figures[0].value, mean.design.se, mean.design.deff) == (float(value), 0.0, None)


CELLS = "h,total\na,10\nb,20\n"
MARGINS = "column,value,total\nh,a,10\nh,b,20\n"


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("poststratify", "h,sum\na,10\n", "no column 'total'"),
        ("poststratify", "total\n10\n", "needs a column of categories"),
        ("poststratify", "h,total\n", "has no line below the names"),
        ("poststratify", CELLS + "a,5\n", "Line 4 of totals.csv repeats line 2"),
        ("poststratify", CELLS + "c,5\n", "Line 4 of totals.csv names h=c, which no row of the sample has"),
        ("poststratify", "h,total\na,10\n", "Row 3 of sample.csv: column 'h' belongs to no cell of totals.csv: b"),
        ("poststratify", "h,total\na,0\nb,20\n", "a total that is not above 0: 0"),
        ("poststratify", "h,total\na,ten\nb,20\n", "a total that is no number: 'ten'"),
        ("poststratify", "h,total\n,10\nb,20\n", "Line 2 of totals.csv has no h"),
        ("poststratify", "g,total\na,10\n", "no column 'g'"),
        ("poststratify", "x,total\n1,10\n", "Row 2 of sample.csv: column 'x' is missing"),
        ("rake", "column,total\nh,10\n", "no column 'value'"),
        ("rake", "column,value,total\nh,a,10\n", "Row 3 of sample.csv: column 'h' has no total in totals.csv: b"),
        ("rake", MARGINS + "h,c,5\n", "names h c, which no row of the sample has"),
        ("rake", MARGINS + "z,1,12\nz,2,12\n", "do not agree on the size of the population: h 30, z 24"),
        ("rake", MARGINS + "z,1\n", "does not have 3 fields"),
        ("calibrate", "column,value,total\n(Intercept),,30\ny,,1e9\n", None),
        ("calibrate", "column,value,total\nx,,30\n", "Row 2 of sample.csv: column 'x' is missing"),
        ("calibrate", "column,value,total\nh,,30\n", "column 'h' is not a number: a"),
        ("calibrate", "column,value,total\n(Intercept),,30\nh,a,10\nh,b,25\n", "No weights meet the totals"),
    ],
)
def test_known_totals(tmp_path: Path, option: str, text: str, said: str | None) -> None:
    lines = [(1, "a", 1, 1), (3, "a", 2, None), (4, "b", 1, 1), (6, "b", 2, 2)]
    path = write(tmp_path, "y,h,z,x", lines)
    totals = tmp_path / "totals.csv"
    totals.write_text(text, encoding="utf-8")
    if said is None:
        found = ask(path, **MEAN, **{option: totals})
        assert found.figures[0].value == pytest.approx(1e9 / 30)
        assert "2 calibrated weights are not above 0; --rake keeps weights positive." in found.notes
    else:
        assert said in refused(path, **{option: totals}).message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n0.5,0.2\n0.2,0.5\n", "2 columns for a sample of 3 rows"),
        ("a,b,c\n0.5,0.2,0.2\n0.2,0.5,0.2\n", "2 lines for a sample of 3 rows"),
        ("a,b,c\n0.5,x,0.2\n0.2,0.5,0.2\n0.2,0.2,0.5\n", "cannot be read"),
        ("a,b,c\n0.5,0.3,0.2\n0.2,0.5,0.2\n0.2,0.2,0.5\n", "not symmetric"),
        ("a,b,c\n0.6,0.2,0.2\n0.2,0.5,0.2\n0.2,0.2,0.5\n", "the diagonal differs"),
        (None, "There is no file"),
    ],
)
def test_joint_files(tmp_path: Path, text: str | None, said: str) -> None:
    path = write(tmp_path, "y,pi", [(1, 0.5), (2, 0.5), (3, 0.5)])
    joint = tmp_path / "joint.csv"
    if text is not None:
        joint.write_text(text, encoding="utf-8")
    error = refused(path, probability="pi", variance="yates-grundy", joint=joint)
    assert said in error.message


def test_too_many_values_to_split_by(tmp_path: Path) -> None:
    path = tmp_path / "many.parquet"
    duckdb.sql(f"copy (select i // 2 as h, i % 7 as y from range(20006) t(i)) to '{path}'")
    assert refused(path, by="h").code == "too_many_values"
