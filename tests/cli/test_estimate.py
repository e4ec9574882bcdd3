"""`transect estimate` as its user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Transect

FIGURE = {"id", "metric", "version", "value", "low", "high", "level", "unit", "n", "n_eff", "positives", "basis"}
FIGURE |= {"method", "period", "slice", "as_of", "status", "undefined", "one_sided"}
DESIGN = {"strata", "clusters", "df", "n", "n_eff", "deff", "se", "replicates"}


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    lines = ["actor,session,hours,surface,label,w,pi,n_actors,n_sessions"]
    for actor in range(30):
        for session in range(4):
            hours, label = (actor * 7 + session * 3) % 11, "bad" if (actor * session) % 9 == 4 else "fine"
            surface = ["dm", "feed", ""][(actor + session) % 3]
            pi = 0.1 + (actor % 5) / 10
            lines.append(f"{actor},{session},{hours},{surface},{label},{1 / pi},{pi},300,{6 + actor % 4}")
    path = tmp_path / "sample.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_document(transect: Transect, sample: Path) -> None:
    done = transect("estimate", sample, "--mean", "hours", "--clusters", "actor", "--weights", "w", "--json")
    assert done.code == 0
    assert done.document.keys() == {"figures", "design", "method", "notes"}
    assert done.document["design"].keys() == DESIGN
    (figure,) = done.document["figures"]
    assert figure.keys() == FIGURE
    assert (figure["basis"], figure["level"], figure["method"]) == ("sample", 0.95, "wald")
    design = done.document["design"]
    assert (design["strata"], design["clusters"], design["df"], design["n"]) == (1, 30, 29, 120)
    assert design["n_eff"] == pytest.approx(120 / design["deff"])
    assert design["replicates"] is None
    assert isinstance(design["se"], float)
    assert done.document["notes"] == []


def test_splits_give_lists(transect: Transect, sample: Path) -> None:
    by = transect("estimate", sample, "--mean", "hours", "--by", "surface", "--json").document
    assert [f["slice"] for f in by["figures"]] == [{"surface": "dm"}, {"surface": "feed"}]
    assert all(isinstance(by["design"][key], list) and len(by["design"][key]) == 2 for key in ("se", "df", "n", "deff"))
    compare = transect("estimate", sample, "--mean", "hours", "--compare", "surface", "--json").document
    new, old = compare["figures"][1:]
    assert (new["slice"], old["slice"]) == ({"surface": "feed"}, {"surface": "dm"})
    assert compare["figures"][0]["value"] == pytest.approx(new["value"] - old["value"])
    assert len(compare["design"]["se"]) == 3


@pytest.mark.parametrize(
    "options",
    [
        ("--total", "hours", "--clusters", "actor,session", "--fpc", "n_actors,n_sessions"),
        ("--proportion", "label=bad", "--probability", "pi"),
        ("--proportion", "label=bad", "--probability", "pi", "--variance", "hartley-rao", "--level", "0.9"),
        ("--proportion", "label=bad", "--probability", "pi", "--variance", "poisson", "--clusters", "actor"),
        ("--ratio", "hours", "w", "--where", "surface=dm", "--where", "label=fine"),
        ("--quantile", "hours", "0.9", "--replicates", "bootstrap", "--seed", "4", "--replications", "100"),
        ("--mean", "hours", "--replicates", "jackknife", "--clusters", "actor", "--compare", "label"),
        *(
            ("--proportion", "label=bad", "--interval", name)
            for name in (
                "wald",
                "logit",
                "likelihood",
                "asin",
                "wilson",
                "clopper-pearson",
                "jeffreys",
                "korn-graubard",
            )
        ),
    ],
)
def test_every_part_of_the_contract_gives_a_figure(transect: Transect, sample: Path, options: tuple[str, ...]) -> None:
    done = transect("estimate", sample, *options, "--json")
    assert done.code == 0, done.out
    for figure in done.document["figures"]:
        assert figure["low"] <= figure["value"] <= figure["high"]
    shown = transect("estimate", sample, *options)
    assert shown.code == 0
    assert "Method" in shown.out
    assert "NaN" not in shown.out + done.out


def test_the_screen(transect: Transect, sample: Path) -> None:
    shown = transect("estimate", sample, "--proportion", "label=bad", "--by", "surface", "--clusters", "actor")
    lines = shown.out.splitlines()
    assert lines[0] == "proportion(label=bad)"
    assert lines[1].split()[:3] == ["surface", "estimate", "95%"]
    assert lines[3].startswith("dm")
    assert "  Design      30 first-stage units" in lines
    assert any(line.startswith("  Mind        40 rows without a value of surface") for line in lines)
    assert shown.err == ""


def test_a_bound_is_worded_as_one(transect: Transect, sample: Path) -> None:
    shown = transect("estimate", sample, "--proportion", "label=awful")
    assert "fewer than 2.5%" in shown.out
    assert "No row has label=awful; the column holds bad, fine." in shown.out


@pytest.mark.parametrize(
    ("options", "code", "name"),
    [
        ((), 2, "usage"),
        (("--mean", "hours", "--total", "hours"), 2, "usage"),
        (("--mean", "hour"), 2, "no_such_column"),
        (("--mean", "hours", "--level", "95"), 2, "usage"),
        (("--mean", "hours", "--level", "nan"), 2, "usage"),
        (("--mean", "hours", "--variance", "brewer"), 2, "usage"),
        (
            ("--mean", "hours", "--strata", "session", "--where", "session=1", "--clusters", "session"),
            2,
            "lonely_stratum",
        ),
        (("--mean", "hours", "--where", "surface=tv"), 3, "no_data"),
        (("--mean", "hours", "--where", "actor=3", "--clusters", "actor"), 3, "underpowered"),
        (("--mean", "label"), 2, "not_a_number"),
    ],
)
def test_failures(transect: Transect, sample: Path, options: tuple[str, ...], code: int, name: str) -> None:
    done = transect("estimate", sample, *options, "--json")
    assert (done.code, done.document["error"]["code"]) == (code, name)
    plain = transect("estimate", sample, *options)
    assert (plain.code, plain.out) == (code, "")
    assert plain.err.startswith("Error: ")
