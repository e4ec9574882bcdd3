"""`transect estimate` with predictions, and with a labeller's sensitivity and specificity."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Transect

N = 6_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """labels.csv: 500 of a frame of 6,000; frame.csv: its predictions; whole.csv: both; flags.csv: 51 of 2,971."""
    root, rng = tmp_path_factory.mktemp("assisted"), np.random.default_rng(3)
    score = rng.beta(0.3, 2.0, N).round(4)
    bad = (rng.random(N) < score).astype(int)
    part = np.where(np.arange(N) % 3 == 0, "a", "b")
    drawn = rng.choice(N, 500, replace=False)
    known = set(drawn.tolist())

    def write(name: str, head: str, lines: list[str]) -> None:
        (root / name).write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")

    write("labels.csv", "bad,score,part", [f"{bad[i]},{score[i]},{part[i]}" for i in drawn])
    write("frame.csv", "score,part", [f"{score[i]},{part[i]}" for i in range(N)])
    write("plain.csv", "p", [f"{score[i]}" for i in range(N)])
    write("whole.csv", "bad,score", [f"{bad[i] if i in known else ''},{score[i]}" for i in range(N)])
    write("gap.csv", "bad,score", ["1,0.5", "0,", "1,0.2"])
    write("far.csv", "bad,score", ["1,0.5", "0,1.2", "1,0.2"])
    write("learnt.csv", "bad,score", [f"{bad[i]},{0.999 if bad[i] else 0.001}" for i in drawn])
    write("flags.csv", "flag,part", [f"{int(i < 51)},{i % 2}" for i in range(2_971)])
    return root


def test_predictions_narrow_the_interval(transect: Transect, folder: Path) -> None:
    options = ("--proportion", "bad", "--json")
    alone = transect("estimate", folder / "labels.csv", *options).document["figures"][0]
    frame = ("--prediction", "score", "--population-predictions", folder / "frame.csv")
    found = transect("estimate", folder / "labels.csv", *options, *frame).document
    (figure,) = found["figures"]
    assert figure["high"] - figure["low"] < 0.95 * (alone["high"] - alone["low"])
    assert (figure["basis"], figure["n"], figure["positives"]) == ("corrected", 500, alone["positives"])
    assert "difference estimator" in figure["method"]
    assert any("Labels alone" in note for note in found["notes"])


def test_a_file_of_one_column_needs_no_name(transect: Transect, folder: Path) -> None:
    common = ("estimate", folder / "labels.csv", "--proportion", "bad", "--prediction", "score", "--json")
    one = transect(*common, "--population-predictions", folder / "plain.csv").document["figures"]
    two = transect(*common, "--population-predictions", folder / "frame.csv").document["figures"]
    assert one == two


def test_strata_are_those_of_both_files(transect: Transect, folder: Path) -> None:
    common = ("estimate", folder / "labels.csv", "--proportion", "bad", "--prediction", "score", "--strata", "part")
    done = transect(*common, "--population-predictions", folder / "frame.csv", "--json")
    assert done.document["design"]["strata"] == 2


def test_the_frame_in_one_file(transect: Transect, folder: Path) -> None:
    done = transect("estimate", folder / "whole.csv", "--proportion", "bad", "--prediction", "score", "--json")
    assert done.document["figures"][0]["n"] == 500
    assert "population correction" in done.document["method"]


@pytest.mark.parametrize(
    ("file", "options", "code", "exit_code"),
    [
        ("labels.csv", (), "no_population_predictions", 2),
        ("gap.csv", (), "missing_prediction", 2),
        ("far.csv", (), "invalid_prediction", 2),
        ("learnt.csv", ("--population-predictions", "frame.csv"), "uncorrectable", 3),
        ("labels.csv", ("--population-predictions", "frame.csv", "--by", "part"), "usage", 2),
        ("labels.csv", ("--population-predictions", "nowhere.csv"), "no_such_file", 2),
    ],
)
def test_predictions_that_cannot_be_used(
    transect: Transect, folder: Path, file: str, options: tuple[str, ...], code: str, exit_code: int
) -> None:
    given = [folder / each if each.endswith(".csv") else each for each in options]
    done = transect("estimate", folder / file, "--proportion", "bad", "--prediction", "score", *given, "--json")
    assert done.code == exit_code
    assert done.document["error"]["code"] == code


def test_population_predictions_need_a_column(transect: Transect, folder: Path) -> None:
    frame = ("--population-predictions", folder / "frame.csv")
    done = transect("estimate", folder / "labels.csv", "--proportion", "bad", *frame, "--json")
    assert (done.code, done.document["error"]["code"]) == (2, "usage")


def test_lang_and_reiczigel_second_example(transect: Transect, folder: Path) -> None:
    """Printed in the help page of prevSeSp: 0.0177 (0 to 0.053)."""
    rates = ("--sensitivity", "32/33", "--specificity", "20/20")
    done = transect("estimate", folder / "flags.csv", "--proportion", "flag", *rates, "--json")
    (figure,) = done.document["figures"]
    assert figure["value"] == pytest.approx(0.0177023729384045, rel=1e-9)
    assert figure["low"] == 0
    assert figure["high"] == pytest.approx(0.0533450764747319, rel=1e-9)
    assert figure["basis"] == "corrected"
    notes = " ".join(done.document["notes"])
    assert all(word in notes for word in ("transported", "Sensitivity range", "Error of gold", "clipped"))


def test_a_design_melds(transect: Transect, folder: Path) -> None:
    rates = ("--sensitivity", "95/100", "--specificity", "19990/20000", "--strata", "part")
    done = transect("estimate", folder / "flags.csv", "--proportion", "flag", *rates, "--json")
    assert done.document["figures"][0]["method"] == "Rogan-Gladen, melded"
    assert done.document["design"]["se"] > 0


@pytest.mark.parametrize(
    ("sensitivity", "specificity", "more", "code", "exit_code"),
    [
        ("90/100", "990/1000", (), "uncorrectable", 3),
        ("50/100", "50/100", (), "uncorrectable", 3),
        ("0/0", "50/100", (), "empty_validation", 2),
        ("5/4", "50/100", (), "usage", 2),
        ("0.9/inf", "0.8/inf", (), "uncorrectable", 3),
        ("90/100", "990/1000", ("--interval", "wilson"), "usage", 2),
        ("90/100", "990/1000", ("--compare", "part"), "usage", 2),
    ],
)
def test_rates_that_cannot_be_used(
    transect: Transect,
    folder: Path,
    sensitivity: str,
    specificity: str,
    more: tuple[str, ...],
    code: str,
    exit_code: int,
) -> None:
    rates = ("--sensitivity", sensitivity, "--specificity", specificity)
    done = transect("estimate", folder / "flags.csv", "--proportion", "flag", *rates, *more, "--json")
    assert done.code == exit_code
    assert done.document["error"]["code"] == code


def test_one_rate_alone(transect: Transect, folder: Path) -> None:
    done = transect("estimate", folder / "flags.csv", "--proportion", "flag", "--sensitivity", "9/10", "--json")
    assert (done.code, done.document["error"]["code"]) == (2, "usage")
