"""YAML written for people loads back to equal definitions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.ingest.write_yaml import write_yaml
from tools.metrics.definitions import Dataset, Dimension, MetricFile, Predicate, Proportion
from tools.workspace.yaml12 import read_yaml

TRAPS = [
    "NO", "on", "yes", "true", "null", "~", "", " ", "1", "1.0", "1e3", "0x1f", "0o17", "-", "- a", "a: b", "a #b",
    "#a", "'q'", '"q"', "a\nb", "tab\t", "{x}", "[y]", "&a", "*b", "!c", "%d", "@e", "`f", "a, b", "ünï", "日本",
    "\u2028", "\x85", "\ufeff", ".inf", "2024-01-05", "12:30", "=", "a\\b", "back\\", "?", "|", ">", "😀", "\x07",
    "trailing ", "key:", "\x80", "\uffff", "---", "...", "+1", "1_000", "N/A", "a:b", "http://x",
]  # fmt: skip


def file_with(values: dict[str, tuple[str, ...]], equals: str) -> MetricFile:
    dataset = Dataset(
        name="t",
        source="t",
        dimensions=(
            Dimension(name="d", column="d", values=dict(values.items()), synonyms=tuple(v for v in values if v)),
        ),
    )
    share = Proportion(
        kind="proportion", name="m", of="t", positive=Predicate(column="d", equals=equals), description=equals
    )
    return MetricFile(datasets=(dataset,), metrics=(share,))


@pytest.mark.parametrize("text", TRAPS)
def test_traps(text: str, tmp_path: Path) -> None:
    file = file_with({text: (text,), "other": ()}, text)
    (tmp_path / "m.yml").write_text(write_yaml(file, heading=["Heading"], notes={"t.d": "a note"}), encoding="utf-8")
    assert read_yaml(tmp_path / "m.yml", MetricFile) == file


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.text(max_size=40), st.tuples(st.text(max_size=150)), min_size=1, max_size=6),
    st.text(max_size=300),
)
def test_any_text(tmp_path: Path, values: dict[str, tuple[str, ...]], equals: str) -> None:
    file = file_with(values, equals)
    (tmp_path / "m.yml").write_text(write_yaml(file), encoding="utf-8")
    assert read_yaml(tmp_path / "m.yml", MetricFile) == file
