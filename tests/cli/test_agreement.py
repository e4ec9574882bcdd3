"""`transect agreement` as its user meets it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.cli.conftest import Transect

KEYS = {"n_items", "n_raters", "n_labels", "alpha", "kappa", "ac1", "consensus", "raters", "models", "notes"}
KEYS |= {"weighted_kappa", "ac2", "standard_errors"}
COLUMNS = ("--item", "item", "--rater", "who", "--label", "label")
CROWD = Path(__file__).parents[2] / "../shared/data/crowd_labels"


def write(folder: Path, text: str, name: str = "labels.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_document(transect: Transect, tmp_path: Path) -> None:
    body = "\n".join(
        f"{i},{who},{label}"
        for i, pair in enumerate(["aa", "ab", "bb", "bb"])
        for who, label in zip("xy", pair, strict=True)
    )
    file = write(tmp_path, f"item,who,label\n{body}\n5,x,\n5,y,NA\n")
    found = transect("agreement", file, *COLUMNS, "--json").document
    assert found.keys() == KEYS
    assert (found["n_items"], found["n_raters"], found["n_labels"]) == (4, 2, 8)
    # pa = 3/4; x says a twice, y once: pe = 2/4·1/4 + 2/4·3/4 = 1/2
    assert found["kappa"]["value"] == pytest.approx(0.5)
    assert found["kappa"]["metric"] == "cohen_kappa"
    assert found["consensus"][0] == {
        "item": "0",
        "label": "a",
        "p": pytest.approx(1),
        "majority": "a",
        "share": 1.0,
        "shrunken": "a",
        "shrunken_p": pytest.approx(1, abs=0.2),
        "n_labels": 2,
    }
    assert found["models"][0].keys() == {"name", "log_likelihood", "iterations", "converged"}
    assert "2 rows have no label and are left out." in found["notes"]
    shown = transect("agreement", file, *COLUMNS)
    assert shown.code == 0
    assert "4 items, 2 raters, 8 labels" in shown.out
    assert "cohen_kappa" in shown.out


@pytest.mark.parametrize(
    ("text", "arguments", "code", "said"),
    [
        ("item,who,label\n1,x\n", COLUMNS, "unreadable_file", "line 2: 2 fields where the first line has 3"),
        ("item,who,label\n,x,a\n", COLUMNS, "missing_value", "without a value in 'item', line 2"),
        ("item,rater,label\n1,x,a\n", COLUMNS, "no_such_column", "no column 'who'"),
        ("item,item,who,label\n", COLUMNS, "duplicate_column", "two columns named 'item'"),
        (
            "item,who,label\n1,x,a\n",
            ("--item", "item", "--rater", "item", "--label", "label"),
            "usage",
            "three columns",
        ),
        ("item,who,label\n1,x,a\n1,y,b\n", (*COLUMNS, "--scale", "interval"), "invalid_label", "'a' is not"),
        ("item,who,label\n1,x,a\n", (*COLUMNS, "--level", "95"), "invalid_input", "level"),
        ("", COLUMNS, "no_such_column", "no column 'item'"),
    ],
)
def test_what_cannot_be_read(
    transect: Transect, tmp_path: Path, text: str, arguments: tuple[str, ...], code: str, said: str
) -> None:
    done = transect("agreement", write(tmp_path, text), *arguments, "--json")
    assert done.code == 2
    assert done.document["error"]["code"] == code
    assert said in done.document["error"]["message"]


def test_files_that_are_not_labels(transect: Transect, tmp_path: Path) -> None:
    assert transect("agreement", tmp_path / "none.csv", *COLUMNS).code == 2
    assert "allowed: .csv" in transect("agreement", write(tmp_path, "x", "a.txt"), *COLUMNS).err
    (tmp_path / "latin.csv").write_bytes(b"item,who,label\n1,x,caf\xe9\n")
    assert "latin.csv:2" in transect("agreement", tmp_path / "latin.csv", *COLUMNS).err
    declined = transect("agreement", write(tmp_path, "item,who,label\n"), *COLUMNS, "--json")
    assert (declined.code, declined.document["error"]["code"]) == (3, "no_data")


def test_weights_seed_and_replications(transect: Transect, tmp_path: Path) -> None:
    rows = "\n".join(f"{i},{who},{(i * (3 if who == 'x' else 5)) % 4}" for i in range(30) for who in "xyz")
    file = write(tmp_path, f"item,who,label\n{rows}\n")
    chosen = ("--scale", "interval", "--replications", "200", "--seed", "3")
    found = transect("agreement", file, *COLUMNS, *chosen, "--json").document
    for key in ("alpha", "kappa", "ac1", "weighted_kappa", "ac2"):
        assert found[key]["low"] <= found[key]["value"] <= found[key]["high"]
        assert "200 replications, seed 3" in found[key]["method"]
    assert [each["metric"] for each in found["standard_errors"]] == [
        "krippendorff_alpha",
        "fleiss_kappa",
        "gwet_ac1",
        "weighted_fleiss_kappa",
        "gwet_ac2",
    ]
    for flag in (("--replications", "5"), ("--seed", "-1")):
        refused = transect("agreement", file, *COLUMNS, *flag, "--json")
        assert (refused.code, refused.document["error"]["code"]) == (2, "invalid_input")


def test_many_labels_do_not_fill_the_screen(transect: Transect, tmp_path: Path) -> None:
    rows = "\n".join(f"{i},{who},label {i % 25}" for i in range(100) for who in "xyz")
    shown = transect("agreement", write(tmp_path, f"item,who,label\n{rows}\n"), *COLUMNS)
    assert "and 5 labels of fewer items" in shown.out
    assert len(shown.out.splitlines()) < 60


def test_a_parquet_file_says_the_same(transect: Transect, tmp_path: Path) -> None:
    import duckdb

    file = write(tmp_path, "item,who,label\n1,x,1\n1,y,1\n2,x,2\n2,y,3\n3,x,2\n3,y,2\n")
    parquet = tmp_path / "labels.parquet"
    duckdb.sql(f"copy (from read_csv('{file}')) to '{parquet}'")
    assert transect("agreement", parquet, *COLUMNS, "--json").document == (
        transect("agreement", file, *COLUMNS, "--json").document
    )


def test_ninety_thousand_labels_of_a_crowd(transect: Transect) -> None:
    if not CROWD.exists():
        pytest.skip("crowd_labels is not beside this checkout")
    begun = time.process_time()
    columns = ("--item", "item_id", "--rater", "worker_id", "--label", "label")
    found = transect("agreement", CROWD / "labels.csv", *columns, "--json").document
    assert time.process_time() - begun < 30
    assert (found["n_items"], found["n_raters"], found["n_labels"]) == (11040, 825, 92721)
    assert found["models"][0]["converged"]
    assert any("2,922 labels repeat" in note for note in found["notes"])
    gold = dict(line.split(",") for line in (CROWD / "gold.csv").read_text(encoding="utf-8").splitlines()[1:])
    judged = [(each, gold[each["item"]]) for each in found["consensus"] if each["item"] in gold]
    assert len(judged) == 333
    assert sum(each["label"] == true for each, true in judged) >= sum(each["majority"] == true for each, true in judged)
