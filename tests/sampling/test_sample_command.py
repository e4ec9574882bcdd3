"""`transect sample` as its user meets it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pytest

from agent.cli.main import run
from tests.sampling.frames import write_frame
from tests.sampling.test_engines_agree import make_frame
from tools.sampling import Manifest, SimpleRandom, Unit, draw_plain
from tools.workspace import load_workspace

WORKSPACE = """
[workspace]
name = "small"
[warehouse]
url = "duckdb:data/warehouse.duckdb"
[access]
default_role = "analyst"
[access.roles.analyst]
tables = ["items", "base"]
deny_columns = ["items.email"]
min_cell = 1
[access.roles.reader]
tables = ["items"]
min_cell = 10
"""
METRICS = """
datasets:
  - {name: items, source: items, grain: [item_id], unit: item, text: body}
"""


@pytest.fixture
def frame(tmp_path: Path) -> Path:
    return write_frame(make_frame(2), tmp_path / "frame.csv")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    (root / "data").mkdir(parents=True)
    (root / "metrics").mkdir()
    (root / "transect.toml").write_text(WORKSPACE)
    (root / "metrics" / "items.yml").write_text(METRICS)
    with duckdb.connect(str(root / "data" / "warehouse.duckdb")) as connection:
        connection.execute(
            "create table items as select range as item_id, 'CANARY' || range as body, 'CANARY@' || range as email, "
            "timestamp '2026-01-01' + interval (range) hour as made_at, '' as note, null::int as gap from range(50)"
        )
        connection.execute("create table base as select 'b' || range as k from range(20)")
        connection.execute("create table hidden as select 1 as k")
    load_workspace(root)
    return root


def sample(*arguments: object) -> int:
    return run(["sample", *(str(a) for a in arguments)])


def test_manifest_as_json(frame: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "o.csv"
    asked = (frame, "--design", "pps", "--size-column", "size", "--n", 20, "--id", "id", "--seed", 9, "--out", out)
    assert sample(*asked, "--json") == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    document = json.loads(printed.out)
    assert list(document) == ["manifest"]
    manifest = document["manifest"]
    assert (manifest["stage"], manifest["seed"], manifest["n"], manifest["N"]) == ("phase1", 9, 20, 300)
    assert manifest["design"] == {"type": "pps", "n": 20, "size": "size"}
    assert manifest["size_sum"] == pytest.approx(sum(u.size for u in make_frame(2)), rel=1e-12)
    assert json.loads((tmp_path / "o.csv.manifest.json").read_text()) == manifest
    assert Manifest.model_validate(manifest).model_dump(mode="json") == manifest
    first, mark = out.read_bytes(), (tmp_path / "o.csv.manifest.json").read_bytes()
    assert sample(*asked) == 0
    assert (out.read_bytes(), (tmp_path / "o.csv.manifest.json").read_bytes()) == (first, mark)


def test_rows_keep_their_columns(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text('id,note\n1,"a, ""b"""\n2,\n', encoding="utf-8")
    assert (
        sample(tmp_path / "f.csv", "--design", "srs", "--n", 2, "--id", "id", "--seed", 0, "--out", tmp_path / "o.csv")
        == 0
    )
    with (tmp_path / "o.csv").open(newline="") as stream:
        rows = {row["id"]: row for row in csv.DictReader(stream)}
    assert rows["1"] == {
        "id": "1",
        "note": 'a, "b"',
        "_pi": "1.0",
        "_weight": "1.0",
        "_stratum": "",
        "_cluster": "",
        "_certainty": "true",
    }


def test_parquet_has_types(frame: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.parquet"
    assert sample(frame, "--design", "srs", "--n", 5, "--id", "id", "--seed", 1, "--out", out) == 0
    types = dict(row[:2] for row in duckdb.execute(f"describe from '{out}'").fetchall())
    assert (types["id"], types["size"], types["stratum"]) == ("BIGINT", "DOUBLE", "VARCHAR")
    assert (types["_pi"], types["_certainty"]) == ("DOUBLE", "BOOLEAN")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--design", "stratified"), "--strata"),
        (("--design", "stratified", "--strata", "stratum", "--allocation", "neyman"), "--size-column"),
        (("--design", "pps"), "--size-column"),
        (("--design", "cluster"), "--cluster"),
        (("--design", "srs", "--strata", "stratum"), "no meaning"),
        (("--design", "srs", "--n", "0"), "at least 1"),
        (("--design", "srs", "--n", "301"), "300 units"),
        (("--design", "srs", "--seed", "-1"), "seed"),
        (("--design", "srs", "--stage", "a|b"), "stage"),
        (("--design", "srs", "--out", "o.xlsx"), "kind of file"),
        (("--design", "srs", "--out", "nowhere/o.csv"), "folder is missing"),
        (("--design", "srs", "--id", "idd"), "Did you mean 'id'"),
        (("--design", "sideways"), "sideways"),
        (("--design", "panel"), "--wave"),
        (("--design", "daily"), "--day-column"),
        (("--design", "srs", "--size-floor", "1"), "no meaning"),
        (("--design", "poisson", "--size-floor", "1"), "--size-floor needs --size-column"),
        (("--design", "srs", "--wave", "1"), "no meaning"),
        (("--design", "srs", "--replay", "m.json"), "--replay takes all but"),
        (("--design", "srs", "--first-phase", "nowhere.json"), "cannot be read"),
    ],
)
def test_wrong_usage(
    options: tuple[str, ...], word: str, frame: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = ("--n", 10, "--id", "id", "--seed", 1, "--out", tmp_path / "o.csv")
    assert sample(frame, *usual, *options) == 2
    assert word in capsys.readouterr().err
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.parametrize("missing", ["--design", "--n", "--id", "--seed"])
def test_what_a_draw_needs(missing: str, frame: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    usual = {"--design": "srs", "--n": "3", "--id": "id", "--seed": "1"}
    asked = [part for option, value in usual.items() if option != missing for part in (option, value)]
    assert sample(frame, *asked, "--out", tmp_path / "o.csv", "--json") == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert missing in error["message"]
    assert not (tmp_path / "o.csv").exists()


def test_a_panel_needs_no_n(frame: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--design", "panel", "--wave", 2, "--stay", 3, "--id", "id", "--seed", 1, "--out", tmp_path / "o.csv")
    assert sample(frame, *asked, "--groups", 2) == 2
    assert "--groups 2 is fewer than --stay 3" in capsys.readouterr().err
    assert sample(frame, *asked, "--groups", 10, "--n", 5) == 2
    assert "--n has no meaning with --design panel" in capsys.readouterr().err
    assert sample(frame, *asked, "--groups", 10) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "about 90 units are expected in a wave, and 67% of them in the next one" in printed


def test_two_phases_and_a_replay(frame: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two, again = tmp_path / "one.csv", tmp_path / "two.csv", tmp_path / "again.csv"
    usual = ("--id", "id", "--seed", 9)
    assert sample(frame, "--design", "srs", "--n", 90, *usual, "--out", one) == 0
    phase = ("--first-phase", f"{one}.manifest.json")
    assert sample(one, "--design", "pps", "--size-column", "size", "--n", 20, *usual, "--out", two, *phase) == 0
    assert "phase1 drew 90 of 300 units; _pi holds both" in capsys.readouterr().out
    assert json.loads((tmp_path / "two.csv.manifest.json").read_text())["stage"] == "phase2"
    assert sample(one, "--replay", f"{two}.manifest.json", "--out", again) == 0
    assert again.read_bytes() == two.read_bytes()
    assert (tmp_path / "again.csv.manifest.json").read_bytes() == (tmp_path / "two.csv.manifest.json").read_bytes()
    with one.open("a") as stream:
        stream.write("\n")
    again.unlink()
    assert sample(one, "--replay", f"{two}.manifest.json", "--out", again) == 2
    assert "has changed since the draw" in capsys.readouterr().err
    assert not again.exists()


@pytest.mark.parametrize("text", ["{}", "no json", '{"stage": "phase1"}'])
def test_what_is_no_manifest(text: str, frame: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m.json").write_text(text)
    assert sample(frame, "--replay", tmp_path / "m.json", "--out", tmp_path / "o.csv", "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "invalid_manifest"


def test_a_union_of_days_from_a_table(workspace: Path, tmp_path: Path) -> None:
    asked = ("--design", "daily", "--n", 5, "--day-column", "made_on", "--id", "who", "--seed", 1, "-w", workspace)
    with duckdb.connect(str(workspace / "data" / "warehouse.duckdb")) as connection:
        connection.execute(
            "create or replace table base as select range % 13 as who, "
            "(date '2026-01-01' + (range // 13)::int) as made_on from range(39)"
        )
    assert sample("base", *asked, "--out", tmp_path / "o.parquet") == 0
    drawn = duckdb.execute(f"select who, made_on, _pi, _days from '{tmp_path / 'o.parquet'}'").fetchall()
    union = 1 - (1 - 5 / 13) ** 3
    assert len({row[0] for row in drawn}) == len(drawn)
    assert [row[2] for row in drawn] == pytest.approx([union] * len(drawn))
    assert {row[3] for row in drawn} == {3}


def test_the_frame_is_never_replaced(frame: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = frame.read_bytes()
    assert sample(frame, "--design", "srs", "--n", 1, "--id", "id", "--seed", 1, "--out", frame, "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["message"] == "The output would replace the frame."
    assert frame.read_bytes() == before


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_without_its_texts(workspace: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"o.{suffix}"
    asked = ("--design", "srs", "--n", 5, "--id", "item_id", "--seed", 1, "--out", out, "-w", workspace)
    assert sample("items", *asked) == 0
    assert b"CANARY" not in out.read_bytes()
    rows = duckdb.execute(f"select item_id, note, gap, made_at from '{out}'").fetchall()
    assert [str(row[0]) for row in rows] == [
        r.id for r in draw_plain([Unit(i) for i in range(50)], SimpleRandom(n=5), seed=1)
    ]
    assert all(row[2] is None and row[3].year == 2026 for row in rows)
    manifest = json.loads((tmp_path / f"o.{suffix}.manifest.json").read_text())
    assert manifest["left_out"] == ["body"]


def test_a_table_with_an_awkward_name(workspace: Path, tmp_path: Path) -> None:
    asked = (
        "--design",
        "poisson",
        "--n",
        1,
        "--id",
        "k",
        "--seed",
        6,
        "--out",
        tmp_path / "o.parquet",
        "-w",
        workspace,
    )
    assert sample("base", *asked) == 0


@pytest.mark.parametrize(
    ("table", "column", "role", "code"),
    [
        ("items", "item_id", "reader", 3),  # groups only
        ("hidden", "k", "analyst", 3),
        ("items", "email", "analyst", 2),
        ("items", "body", "analyst", 2),
        ("nowhere", "k", "analyst", 2),
        ("nowhere.csv", "k", "analyst", 2),
    ],
)
def test_what_a_role_may_not_draw(
    table: str, column: str, role: str, code: int, workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--design", "srs", "--n", 1, "--id", column, "--seed", 1, "--out", tmp_path / "o.csv", "--role", role)
    assert sample(table, *asked, "-w", workspace) == code
    assert "CANARY" not in capsys.readouterr().err
    assert not (tmp_path / "o.csv").exists()
