"""YAML 1.2 as people write it, and as attackers do; faults on their lines."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field

from tools.errors import InvalidWorkspace
from tools.workspace.yaml12 import check_yaml, read_yaml
from tools.workspace.yaml_tree import YamlFault, read_tree

LOADERS = [getattr(yaml, name) for name in ("BaseLoader", "CBaseLoader") if hasattr(yaml, name)]

# YAML 1.2.2, section 10.3.2 (tag resolution of the core schema), and its example 10.9.
CORE: list[tuple[str, Any]] = [
    ("NO", "NO"),
    ("no", "no"),
    ("on", "on"),
    ("yes", "yes"),
    ("Off", "Off"),
    ("y", "y"),
    ("true", True),
    ("False", False),
    ("TRUE", True),
    ("tRUE", "tRUE"),
    ("null", None),
    ("~", None),
    ("", None),
    ("Null", None),
    ("nULL", "nULL"),
    ("12", 12),
    ("-12", -12),
    ("+12", 12),
    ("012", 12),
    ("0o17", 15),
    ("0xFF", 255),
    ("-0xFF", "-0xFF"),
    ("0b11", "0b11"),
    ("1_000", "1_000"),
    ("1:30", "1:30"),
    ("12e03", 12000.0),
    ("-2E+05", -200000.0),
    (".5", 0.5),
    ("5.", 5.0),
    ("0.0", 0.0),
    ("1e3", 1000.0),
    (".inf", math.inf),
    ("-.INF", -math.inf),
    ("2026-03-01", "2026-03-01"),
    ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
    ("'12'", "12"),
    ('"true"', "true"),
    ("!!str 12", "12"),
    ("!!int '12'", 12),
    ("!!float 1", 1.0),
    ("=", "="),
    ("\u0661", "\u0661"),
    ("-", [None]),
]


def tree(text: str, loader: Any = LOADERS[-1]) -> Any:
    faults: list[YamlFault] = []
    data = read_tree(text, faults, loader=loader).data
    assert faults == []
    return data


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(("text", "value"), CORE, ids=[text for text, _ in CORE])
def test_scalars_follow_the_core_schema(text: str, value: Any, loader: Any) -> None:
    found = tree(f"k: {text}\n" if text != "-" else "k:\n  -\n", loader)["k"]
    assert found == value
    assert type(found) is type(value)


def test_nan_is_a_number() -> None:
    assert math.isnan(tree("k: .nan")["k"])


def test_keys_are_typed_too() -> None:
    assert tree("NO: a\n1: b\n") == {"NO": "a", 1: "b"}


@pytest.mark.parametrize("loader", LOADERS)
def test_aliases_repeat_their_anchor(loader: Any) -> None:
    assert tree("a: &x [1, {b: 2}]\nc: *x\n", loader) == {"a": [1, {"b": 2}], "c": [1, {"b": 2}]}


LAUGHS = 'a: &a ["lol","lol","lol","lol","lol","lol","lol","lol","lol"]\n' + "".join(
    f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        (LAUGHS, 6, "aliases are expanded"),
        ("a: &a [*a]\n", 1, "refers to itself"),
        ("x: 1\na: &a\n  b: *a\n", 3, "refers to itself"),
        ("a: 1\nb: *x\n", 2, "not defined"),
        ("[" * 60_000, 1, "nested deeper"),
        ("".join("  " * i + "a:\n" for i in range(100)), 65, "nested deeper"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: b: c\n", 1, "not YAML"),
        ("a: 1\n b: 2\n", 2, "not YAML"),
        ("a: [1, 2\nb: 3\n", 2, "not YAML"),
        ("a: 'x\n", 2, "not YAML"),
        ("a: 1\nb: \x01\n", 2, "not YAML"),
        ("a:\n\t- 1\n", 2, "not YAML"),
    ],
)
def test_hostile_or_broken_text_is_one_fault_with_its_line(text: str, line: int, part: str, loader: Any) -> None:
    with pytest.raises(YamlFault) as raised:
        read_tree(text, [], loader=loader)
    assert part in raised.value.message
    assert abs(raised.value.line - line) <= 1  # the two parsers place an open quote or bracket differently


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' is given twice"),
        ("x: {a: 1, a: 1}\n", 1, "'a' is given twice"),
        ("base: &b {a: 1}\nx:\n  <<: *b\n", 3, "merge keys"),
        ("? [1, 2]\n: x\n", 1, "a key must be"),
        ("a: !!python/object:os.system x\n", 1, "not part of the core schema"),
        ("a: !!set {b}\n", 1, "not part of the core schema"),
        ("a: !!int x\n", 1, "is not a !!int"),
        ("a: " + "9" * 5000 + "\n", 1, "5000 digits"),
    ],
)
def test_a_mistake_that_leaves_the_rest_readable(text: str, line: int, part: str, loader: Any) -> None:
    faults: list[YamlFault] = []
    read_tree(text, faults, loader=loader)
    assert [(f.line, part in f.message) for f in faults] == [(line, True)]


class Count(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    kind: Literal["count"]
    name: str
    from_: str = Field(alias="from")
    words: Literal["auto"] | list[str] | dict[str, list[str]] = "auto"


class Total(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["total"]
    name: str
    column: str
    least: int = 0


class File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    items: list[Annotated[Count | Total, Field(discriminator="kind")]] = []
    limits: dict[str, int] = {}


def faults_of(path: Path, text: str) -> list[tuple[int, str, str]]:
    path.write_text(text, "utf-8")
    checked, faults = check_yaml(path, File)
    assert (checked is None) == bool(faults)
    return [(int(f.where.rpartition(":")[2]), f.message, f.hint) for f in faults]


def test_a_right_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("items:\n- {kind: count, name: NO, from: on, words: {NO: [Norway]}}\n")
    item = read_yaml(tmp_path / "a.yml", File).items[0]
    assert isinstance(item, Count)
    assert (item.name, item.from_, item.words) == ("NO", "on", {"NO": ["Norway"]})


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}\n", "null\n"])
def test_an_empty_file_is_an_empty_mapping(tmp_path: Path, text: str) -> None:
    assert faults_of(tmp_path / "a.yml", text) == []


def test_every_fault_of_a_file_is_listed_on_its_line(tmp_path: Path) -> None:
    text = (
        "items:\n"
        "- kind: count\n"
        "  name: a\n"
        "  frm: b\n"
        "- kind: cout\n"
        "  name: c\n"
        "- name: d\n"
        "- kind: total\n"
        "  name: 5\n"
        "  column: x\n"
        "  least: many\n"
        "  least: 3\n"
        "- {kind: count, name: e, from: f, words: 7}\n"
        "limits:\n"
        "  a: 1\n"
        "  b: x\n"
        "itms: []\n"
    )
    found = faults_of(tmp_path / "a.yml", text)
    assert [line for line, _, _ in found] == [2, 4, 5, 7, 9, 11, 12, 13, 16, 17]
    said = {line: (message, hint) for line, message, hint in found}
    assert said[2] == ("the key 'from' is missing", "")
    assert said[4] == ("unknown key 'frm'", "did you mean 'from'?")
    assert said[5] == ("kind: 'cout' is not one of count, total", "did you mean 'count'?")
    assert said[7] == ("the key 'kind' is missing", "")
    assert said[9] == ("name: must be text, not 5", "put it in quotes")
    assert said[17] == ("unknown key 'itms'", "did you mean 'items'?")


@pytest.mark.parametrize("text", ["[1, 2]\n", "just words\n", "5\n"])
def test_a_file_that_is_no_mapping(tmp_path: Path, text: str) -> None:
    found = faults_of(tmp_path / "a.yml", text)
    assert len(found) == 1
    assert "must be a mapping" in found[0][1]


def test_a_missing_file_and_a_folder_are_faults(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yml", tmp_path):
        with pytest.raises(InvalidWorkspace) as raised:
            read_yaml(path, File)
        assert "cannot be read" in raised.value.faults[0].message


def test_text_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_bytes(b"items: []\n# caf\xe9\n")
    _, faults = check_yaml(tmp_path / "a.yml", File)
    assert faults[0].where.endswith("a.yml:2")
