"""Input that carries no estimate: every case has one outcome, which its page names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import Transect

DOCS = Path(__file__).parents[2] / "docs"
FLAGS = "flag\n" + "1\n" * 51 + "0\n" * 2_920
SCORED = "bad,score\n" + "".join(f"{int(i % 4 == 0)},0.{i % 10}\n" for i in range(100))
LEARNT = "bad,score\n" + "".join(f"{int(i % 4 == 0)},{0.999 if i % 4 == 0 else 0.001}\n" for i in range(400))
FRAME = "score\n" + "".join(f"0.{i % 10}\n" for i in range(1_000))
SHARE = ("estimate", "FILE", "--proportion", "flag")
ASSISTED = ("estimate", "FILE", "--proportion", "bad", "--prediction", "score", "--population-predictions", "FRAME")
LABELS = ("agreement", "FILE", "--item", "item", "--rater", "who", "--label", "label")
LISTS = ("hidden-population", "FILE", "--lists", "A,B", "--counts", "n")


def labels(*units: str) -> str:
    """One word per item, one letter per rater; `.` is no label."""
    rows = [f"{i},r{r},{letter}" for i, unit in enumerate(units) for r, letter in enumerate(unit) if letter != "."]
    return "item,who,label\n" + "\n".join(rows) + "\n"


@dataclass(frozen=True)
class Case:
    """What is given, and its outcome.

    Attributes:
        file, frame: their text. exit_code, code: of the error, "" where there is none. said: part of the message, or of
            a note or reason. page, names: where the outcome is documented, and by which words.
    """

    file: str
    command: Sequence[str]
    exit_code: int
    code: str
    said: str
    page: str
    names: str
    frame: str = FRAME


CASES = {
    "sensitivity + specificity = 1": Case(
        FLAGS,
        (*SHARE, "--sensitivity", "50/100", "--specificity", "50/100"),
        3,
        "uncorrectable",
        "no better than chance",
        "correction.md",
        "no better than chance",
    ),
    "sensitivity + specificity < 1": Case(
        FLAGS,
        (*SHARE, "--sensitivity", "0.3/inf", "--specificity", "0.6/inf"),
        3,
        "uncorrectable",
        "no better than chance",
        "correction.md",
        "no better than chance",
    ),
    "no gold positive": Case(
        FLAGS,
        (*SHARE, "--sensitivity", "0/0", "--specificity", "990/1000"),
        2,
        "empty_validation",
        "sensitivity",
        "correction.md",
        "empty_validation",
    ),
    "no gold negative": Case(
        FLAGS,
        (*SHARE, "--sensitivity", "90/100", "--specificity", "0/0"),
        2,
        "empty_validation",
        "specificity",
        "correction.md",
        "empty_validation",
    ),
    "no gold negative was flagged": Case(
        FLAGS,
        (*SHARE, "--sensitivity", "90/100", "--specificity", "2000/2000"),
        0,
        "",
        "transported",
        "correction.md",
        "never seen to fail",
    ),
    "a prediction above 1": Case(
        SCORED.replace("0,0.3", "0,1.3", 1),
        ASSISTED,
        2,
        "invalid_prediction",
        "outside 0 to 1",
        "correction.md",
        "invalid_prediction",
    ),
    "a prediction below 0 in the frame": Case(
        SCORED,
        ASSISTED,
        2,
        "invalid_prediction",
        "outside 0 to 1",
        "correction.md",
        "invalid_prediction",
        FRAME + "-0.1\n",
    ),
    "a prediction missing": Case(
        SCORED.replace("0,0.3", "0,", 1),
        ASSISTED,
        2,
        "missing_prediction",
        "is missing",
        "correction.md",
        "missing_prediction",
    ),
    "a prediction missing in the frame": Case(
        SCORED, ASSISTED, 2, "missing_prediction", "is missing", "correction.md", "missing_prediction", FRAME + "NA\n"
    ),
    "training items scored by their own model": Case(
        LEARNT, ASSISTED, 3, "uncorrectable", "trained on", "correction.md", "trained on"
    ),
    "lists without overlap": Case(
        "A,B,n\n1,0,40\n0,1,30\n", LISTS, 3, "underpowered", "", "hidden-populations.md", "nobody on two lists"
    ),
    "a history with a negative count": Case(
        "A,B,n\n1,1,-4\n1,0,9\n", LISTS, 2, "negative_count", "-4", "hidden-populations.md", "negative"
    ),
    "a history with half a unit": Case(
        "A,B,n\n1,1,4.5\n1,0,9\n", LISTS, 2, "not_whole", "", "hidden-populations.md", "not whole"
    ),
    "a rater with one label": Case(
        labels("aaa", "bb", "ab", "bb", "aa"), LABELS, 0, "", "gave a single label", "agreement.md", "a single label"
    ),
    "items with one rater": Case(
        labels("a", "b", "a"), LABELS, 0, "", "no item has two labels", "agreement.md", "No item with two labels"
    ),
    "some items with one rater": Case(
        labels("aa", "bb", "ab", "b", ".a"),
        LABELS,
        0,
        "",
        "2 items have a label of one rater only",
        "agreement.md",
        "one rater only",
    ),
    "one class in all": Case(
        labels("aa", "aa", "aa"), LABELS, 0, "", "only one label occurs", "agreement.md", "one label in all"
    ),
    "a class that is no number on a scale of numbers": Case(
        labels("12", "1b"),
        (*LABELS, "--scale", "interval"),
        2,
        "invalid_label",
        "'b' is not",
        "agreement.md",
        "invalid_label",
    ),
    "a class that no row has": Case(
        SCORED,
        ("estimate", "FILE", "--proportion", "bad=2"),
        0,
        "",
        "No row has bad=2; the column holds 0, 1.",
        "statistics.md",
        "a value that no row has",
    ),
    "ties everywhere": Case(
        labels(*["ab"] * 30), LABELS, 0, "", "unlike the others", "agreement.md", "All items disagree alike"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_one_documented_outcome(name: str, transect: Transect, tmp_path: Path) -> None:
    case = CASES[name]
    places = {"FILE": tmp_path / "file.csv", "FRAME": tmp_path / "frame.csv"}
    places["FILE"].write_text(case.file, encoding="utf-8")
    places["FRAME"].write_text(case.frame, encoding="utf-8")
    command = [places.get(word, word) for word in case.command]
    done = transect(*command, "--json")
    assert done.code == case.exit_code, done.out + done.err
    assert done.document.get("error", {}).get("code", "") == case.code
    assert case.said in done.out.replace('\\"', '"')
    assert case.names in (DOCS / case.page).read_text(encoding="utf-8").replace("\n", " ")
    shown = transect(*command)
    assert shown.code == case.exit_code
    assert "Traceback" not in shown.err


def test_ties_everywhere_have_no_majority(transect: Transect, tmp_path: Path) -> None:
    file = tmp_path / "ties.csv"
    file.write_text(labels(*["ab"] * 30), encoding="utf-8")
    found = transect(*[file if word == "FILE" else word for word in LABELS], "--json").document
    assert {each["majority"] for each in found["consensus"]} == {None}
    assert (found["kappa"]["value"], found["ac1"]["value"]) == (0.0, -1.0)
