"""R's numbers from the files themselves."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.estimation.file.place import ask, school_file
from tests.estimation.survey_data import DESIGNS, reference

FILES = {"dclus1": "apiclus1", "dstrat": "apistrat", "dsrs": "apisrs"}


def design_of(design: str) -> tuple[Path, dict[str, Any]]:
    name = design.removesuffix("_nofpc")
    request: dict[str, Any] = {"weights": "pw"}
    if name == "dclus1":
        request["clusters"] = ("dnum",)
    if name == "dstrat":
        request["strata"] = "stype"
    if not design.endswith("_nofpc"):
        request["fpc"] = ("fpc",)
    return school_file(FILES[name]), request


def values(design: str) -> dict[str, Any]:
    return dict(reference("survey_r.json")["values"][design])


@pytest.mark.parametrize("design", DESIGNS)
def test_every_statistic(design: str) -> None:
    path, base = design_of(design)
    wanted = values(design)
    for key, statistic, column, denominator in (
        ("mean_api00", "mean", "api00", None),
        ("total_enroll", "total", "enroll", None),
        ("ratio_api.stu_enroll", "ratio", "api.stu", "enroll"),
    ):
        found = ask(path, statistic=statistic, column=column, denominator=denominator, **base)
        figure, expected = found.figures[0], wanted[key]
        assert figure.value == pytest.approx(expected["est"], rel=1e-8)
        assert found.design.se == pytest.approx(expected["se"], rel=1e-8)
        assert [figure.low, figure.high] == pytest.approx(expected["ci95_t_degf"], rel=1e-8)
        assert found.design.df == wanted["degf"]
        # R's deff is against sampling without replacement: times 1 - n/N
        deff = expected["deff"] * (1 - wanted["n_rows"] / wanted["sum_weights"])
        assert found.design.deff == pytest.approx(deff, rel=1e-7)
        assert found.design.n_eff == pytest.approx(wanted["n_rows"] / deff, rel=1e-7)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(
    ("method", "name", "tolerance"),
    [
        ("mean", "wald", 1e-8),
        ("logit", "logit", 1e-7),
        ("likelihood", "likelihood", 1e-5),
        ("asin", "asin", 1e-8),
        ("beta", "korn-graubard", 1e-8),
        ("wilson_survey_4.5", "wilson", 1e-8),
    ],
)
def test_intervals_by_name(design: str, method: str, name: Any, tolerance: float) -> None:
    path, base = design_of(design)
    for key, column in (("prop_awards_Yes", "awards=Yes"), ("prop_ell_eq_0", "ell=0")):
        found = ask(path, statistic="proportion", column=column, interval=name, **base)
        expected = values(design)[key][method]["ci95"]
        assert [found.figures[0].low, found.figures[0].high] == pytest.approx(expected, rel=tolerance)
        assert found.figures[0].method == name


@pytest.mark.parametrize("design", DESIGNS)
def test_domains_by_value_and_by_condition(design: str) -> None:
    path, base = design_of(design)
    for key, statistic, column in (
        ("domain_mean_api00_by_stype", "mean", "api00"),
        ("domain_total_enroll_by_stype", "total", "enroll"),
        ("domain_mean_awards_Yes_by_stype", "proportion", "awards=Yes"),
    ):
        found = ask(path, statistic=statistic, column=column, by="stype", **base)
        expected = values(design)[key]
        assert [f.slice for f in found.figures] == [{"stype": level} for level in "EHM"]
        assert isinstance(found.design.se, list)
        for figure, se, level in zip(found.figures, found.design.se, "EHM", strict=True):
            assert figure.value == pytest.approx(expected[level]["est"], rel=1e-8)
            assert se == pytest.approx(expected[level]["se"], rel=1e-8)
        alone = ask(path, statistic=statistic, column=column, where=("stype=H",), **base)
        assert alone.figures[0].value == found.figures[1].value
        assert alone.design.se == found.design.se[1]


@pytest.mark.parametrize("design", DESIGNS)
def test_a_difference_keeps_the_covariance(design: str, tmp_path: Path) -> None:
    """New is the last in sort order, H; schools of kind M are neither."""
    path, base = design_of(design)
    expected = values(design)["difference_mean_api00_E_minus_H"]
    copy = tmp_path / path.name
    with path.open(newline="", encoding="utf-8") as source, copy.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target)
        for number, row in enumerate(csv.reader(source)):
            writer.writerow([*row, "side" if number == 0 else {"E": "E", "H": "H", "M": "NA"}[row[1]]])
    found = ask(copy, statistic="mean", column="api00", compare="side", **base)
    assert [f.slice for f in found.figures] == [{"side": "H - E"}, {"side": "H"}, {"side": "E"}]
    assert found.figures[0].value == pytest.approx(-expected["est"], rel=1e-8)
    sides = values(design)["domain_mean_api00_by_stype"]
    assert found.design.se == pytest.approx([expected["se"], sides["H"]["se"], sides["E"]["se"]], rel=1e-8)
    assert any("without a value of side" in note for note in found.notes)


@pytest.mark.parametrize("design", DESIGNS)
def test_quantiles(design: str) -> None:
    """The convention of quantiles differs between programs: R's default is the one here."""
    path, base = design_of(design)
    for q in (0.25, 0.5, 0.75):
        found = ask(path, statistic="quantile", column="api00", q=q, **base)
        expected = values(design)["quantile_api00"][f"q{round(100 * q)}"]
        figure = found.figures[0]
        assert [figure.value, figure.low, figure.high, found.design.se] == pytest.approx(expected, rel=1e-6)
        assert found.design.deff is None


def totals(folder: Path, text: str) -> Path:
    path = folder / "totals.csv"
    path.write_text(text, encoding="utf-8")
    return path


KNOWN = {
    "poststratify_dclus1": ("poststratify", "stype,total\nE,4421\nH,755\nM,1018\n", 1e-8, 1e-8),
    "calibrate_linear_dclus1": (
        "calibrate",
        "column,value,total\n(Intercept),,6194\nstype,H,755\nstype,M,1018\napi99,,3914069\n",
        1e-8,
        1e-8,
    ),
    "calibrate_raking_dclus1": (
        "rake",
        "column,value,total\n(Intercept),,6194\nstype,H,755\nstype,M,1018\napi99,,3914069\n",
        1e-6,
        1e-6,
    ),
    "rake_dclus1": (
        "rake",
        "column,value,total\nstype,E,4421\nstype,H,755\nstype,M,1018\nsch.wide,No,1072\nsch.wide,Yes,5122\n",
        1e-7,
        1e-3,
    ),
}


@pytest.mark.parametrize("key", KNOWN)
def test_known_totals(key: str, tmp_path: Path) -> None:
    option, text, value, se = KNOWN[key]
    path, base = design_of("dclus1")
    expected = reference("survey_r.json")["values"][key]
    for name, statistic, column in (
        ("mean_api00", "mean", "api00"),
        ("total_enroll", "total", "enroll"),
        ("prop_awards_Yes", "proportion", "awards=Yes"),
    ):
        if name in expected:
            found = ask(path, statistic=statistic, column=column, **base, **{option: totals(tmp_path, text)})
            assert found.figures[0].value == pytest.approx(expected[name]["est"], rel=value)
            assert found.design.se == pytest.approx(expected[name]["se"], rel=se)


@pytest.mark.parametrize(("design", "key"), [("dclus1", "dclus1_nofpc_JK1_mse"), ("dstrat", "dstrat_nofpc_JKn_mse")])
def test_jackknife(design: str, key: str) -> None:
    """With the design's fpc, which is noted and not applied: R's rows without it, in the _mse form."""
    path, base = design_of(design)
    expected = reference("survey_r.json")["values"]["jackknife"][key]
    for name, request in (
        ("mean_api00", {"statistic": "mean", "column": "api00"}),
        ("total_enroll", {"statistic": "total", "column": "enroll"}),
        ("ratio_api.stu_enroll", {"statistic": "ratio", "column": "api.stu", "denominator": "enroll"}),
        ("prop_awards_Yes", {"statistic": "proportion", "column": "awards=Yes"}),
    ):
        found = ask(path, replicates="jackknife", **base, **request)
        assert found.figures[0].value == pytest.approx(expected[name]["est"], rel=1e-8)
        assert found.design.se == pytest.approx(expected[name]["se"], rel=1e-8)
        assert (found.design.replicates, found.design.df) == (expected["n_replicates"], expected["degf"])
        assert any("no population correction" in note for note in found.notes)


def test_weights_follow_from_the_counts() -> None:
    path, _ = design_of("dsrs")
    a = ask(path, statistic="total", column="enroll", fpc=("fpc",))
    b = ask(path, statistic="total", column="enroll", fpc=("fpc",), weights="pw")
    assert a.figures[0].value == pytest.approx(b.figures[0].value, rel=1e-12)
