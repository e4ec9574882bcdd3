"""study.yml: strict, with file, line and nearest key; what `new` writes reads back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tools.errors import InvalidWorkspace
from tools.study import StudySpec
from tools.study.read_spec import read_spec
from tools.study.write_spec import write_spec

GOOD = """id: s1
title: T
estimand:
  words: The share of items that are spam.
  policy: spam
  positive: [spam]
frame:
  dataset: items
design:
  type: srs
size:
  n: 100
seed: 7
"""


def write(tmp_path: Path, text: str, *, id: str = "s1") -> Path:
    path = tmp_path / id / "study.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def faults_of(tmp_path: Path, text: str, *, id: str = "s1") -> list[str]:
    with pytest.raises(InvalidWorkspace) as caught:
        read_spec(write(tmp_path, text, id=id))
    return [f"{fault.where.rpartition('/')[2]}: {fault.message} | {fault.hint}" for fault in caught.value.faults]


def test_defaults(tmp_path: Path) -> None:
    spec = read_spec(write(tmp_path, GOOD))
    assert (spec.level, spec.max_missing, spec.labels, spec.size.prevalence) == (0.95, 0.05, "people", 0.5)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("seed: 7", "seeds: 7", "study.yml:13: unknown key 'seeds' | did you mean 'seed'?"),
        (
            "  dataset: items",
            "  dataset: items\n  perriod: 1",
            "study.yml:9: unknown key 'perriod' | did you mean 'period'?",
        ),
        ("  type: srs", "  type: simple", "study.yml:9: type: 'simple' is not one of srs, stratified"),
        ("  type: srs", "  type: stratified", "study.yml:9: the key 'strata' is missing"),
        ("  type: srs", "  type: srs\n  strata: band", "study.yml:11: unknown key 'strata'"),
        ("  n: 100", "  prevalence: 0.1", "study.yml:11: size: a size needs `n` or `width`"),
        ("  n: 100", "  n: 1.5", "study.yml:12: n: must be a whole number"),
        ("  dataset: items", "  dataset: items\n  table: items", "frame: a frame is either a `dataset` or a `table`"),
        ("seed: 7", "seed: -1", "study.yml:13: seed"),
        ("seed: 7", "seed: 7\nlevel: 95", "study.yml:14: level"),
        ("seed: 7", "seed: 7\nbreakdowns: [a, A]", "study.yml:14: breakdowns: 'a' is given twice"),
        ("seed: 7", "seed: 7\nbreakdowns: [a, b, c, d]", "study.yml:14: breakdowns"),
        ("  positive: [spam]", "  positive: [spam]\n  unresolved: [spam]", "cannot be both positive and unresolved"),
        ("  dataset: items", "  dataset: items\n  where: [{column: x}]", "a condition needs exactly one of"),
        (
            "  dataset: items",
            "  dataset: items\n  period: {from: 2026-02-01, to: 2026-01-01}",
            "must end after it starts",
        ),
        ("id: s1", "id: S 1", "study.yml:1: id: 'S 1' is not lower case letters"),
    ],
)
def test_every_fault_has_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    found = faults_of(tmp_path, GOOD.replace(old, new))
    assert any(said in fault for fault in found), found


def test_all_faults_at_once(tmp_path: Path) -> None:
    found = faults_of(tmp_path, GOOD.replace("seed: 7", "seed: x").replace("n: 100", "m: 100"))
    assert len(found) >= 2


def test_the_id_is_the_folder(tmp_path: Path) -> None:
    assert faults_of(tmp_path, GOOD, id="other") == [
        "study.yml:1: the id 's1' is not the name of its folder | write id: other"
    ]


SPECS: list[dict[str, Any]] = [
    {},
    {"title": 'A: "b" # c', "level": 0.9, "labels": "model", "max_missing": 0.2, "breakdowns": ["language", "no"]},
    {"estimand": {"words": "Über 3 %: yes", "policy": "spam", "positive": ["spam", "no"], "unresolved": ["unsure"]}},
    {
        "frame": {
            "table": "a b",
            "id": "item id",
            "unit": "public post",
            "time": "made",
            "period": {"from": "2026-01-01", "to": "2026-02-01"},
            "where": [
                {"column": "x", "in": ["NO", "true", 3]},
                {"column": "y", "above": 0.5},
                {"column": "z", "is_null": True},
            ],
            "leaves_out": ["Deleted items: they are gone.", "- dashes"],
        },
        "design": {"type": "stratified", "strata": "band", "allocation": "neyman", "spread": "score", "minimum": 5},
        "size": {"width": 0.04, "prevalence": 0.01},
        "audience": ["reader"],
    },
]


@pytest.mark.parametrize("more", SPECS)
def test_what_is_written_reads_back(tmp_path: Path, more: dict[str, Any]) -> None:
    base = {
        "id": "s1",
        "title": "T",
        "estimand": {"words": "w", "policy": "spam", "positive": ["spam"]},
        "frame": {"dataset": "items"},
        "design": {"type": "srs"},
        "size": {"n": 100},
        "seed": 7,
    }
    spec = StudySpec.model_validate({**base, **more})
    assert read_spec(write(tmp_path, write_spec(spec))) == spec


def test_the_schema_names_every_key() -> None:
    assert set(StudySpec.model_json_schema()["properties"]) == set(StudySpec.model_fields)
